/**
 * Checks a document against one of our schemas with ajv, and turns ajv's errors into one diagnostic per mistake, at the
 * place of the key or value that is wrong.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { YamlEntry, YamlNode } from '../yaml/node.js';
import { entryOf, toJson } from '../yaml/node.js';
import { explain } from './explain.js';
import type { JsonSchema } from './json-schema.js';
import { LIBRARY_SCHEMA } from './library.js';
import type { PathSegment, Place } from './resolve.js';
import { SPEC_SCHEMA } from './v1.js';

export type SchemaName = 'spec' | 'library';

const SCHEMAS: Readonly<Record<SchemaName, JsonSchema>> = { spec: SPEC_SCHEMA, library: LIBRARY_SCHEMA };

/** Both schemas below one root, so that what they share is compiled once. */
const LANGUAGE: JsonSchema = {
  $id: 'language',
  $defs: {
    ...LIBRARY_SCHEMA.$defs,
    ...SPEC_SCHEMA.$defs,
    file_spec: withoutHead(SPEC_SCHEMA),
    file_library: withoutHead(LIBRARY_SCHEMA),
  },
};

/** The schema as a definition among others. */
function withoutHead(schema: JsonSchema): JsonSchema {
  const head = ['$schema', '$id', '$defs'];
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !head.includes(keyword)));
}

let compiler: Ajv2020 | undefined;

function validatorOf(name: SchemaName): ValidateFunction {
  // Compiling takes a tenth of a second, hence on demand; that the schemas are well-formed is tested, not checked here.
  compiler ??= new Ajv2020({
    schemas: [LANGUAGE],
    allErrors: true,
    verbose: true,
    validateSchema: false,
    meta: false,
    strictRequired: false,
    strictTypes: false,
  });
  const validate = compiler.getSchema(`language#/$defs/file_${name}`);
  if (validate === undefined) throw new TypeError(`internal: no schema ${name}`);
  return validate as ValidateFunction;
}

/** What the schema has against a document: one diagnostic per mistake. */
export function checkSchema(root: YamlNode, name: SchemaName): Diagnostic[] {
  const validate = validatorOf(name);
  if (validate(toJson(root))) return [];
  const byPlace = new Map<string, ErrorObject[]>();
  for (const error of validate.errors ?? []) {
    const list = byPlace.get(error.instancePath) ?? [];
    list.push(error);
    byPlace.set(error.instancePath, list);
  }
  const diagnostics: Diagnostic[] = [];
  for (const [pointer, errors] of byPlace) {
    const place = findPlace(root, pointer);
    if (place.node.kind === 'scalar' && place.node.broken === true) continue;
    diagnostics.push(...explain(SCHEMAS[name], root, place, errors));
  }
  return diagnostics;
}

function findPlace(root: YamlNode, pointer: string): Place {
  const path: PathSegment[] = [];
  let node = root;
  let entry: YamlEntry | undefined;
  for (const part of pointer.split('/').slice(1)) {
    const segment = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (node.kind === 'sequence') {
      path.push(Number(segment));
      node = node.items[Number(segment)]!;
      entry = undefined;
    } else {
      path.push(segment);
      entry = entryOf(node, segment)!;
      node = entry.value;
    }
  }
  return { path, node, entry };
}
