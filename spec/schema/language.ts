/** The schemas of the language below one root, so that what they share is compiled once. */
import type { JsonSchema } from './json-schema.js';
import { LIBRARY_SCHEMA } from './library.js';
import { SPEC_SCHEMA } from './v1.js';

export type SchemaName = 'spec' | 'library';

export const SCHEMAS: Readonly<Record<SchemaName, JsonSchema>> = {
  spec: SPEC_SCHEMA,
  library: LIBRARY_SCHEMA,
};

export const LANGUAGE: JsonSchema = {
  $id: 'language',
  $defs: {
    ...LIBRARY_SCHEMA.$defs,
    ...SPEC_SCHEMA.$defs,
    file_spec: withoutHead(SPEC_SCHEMA),
    file_library: withoutHead(LIBRARY_SCHEMA),
  },
};

/** Where in LANGUAGE the schema of a file is. */
export const pointerOf = (name: SchemaName): string => `language#/$defs/file_${name}`;

/** The schema as a definition among others. */
function withoutHead(schema: JsonSchema): JsonSchema {
  const head = ['$schema', '$id', '$defs'];
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !head.includes(keyword)));
}
