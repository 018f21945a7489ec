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
import type { PathSegment } from './resolve.js';
import { SPEC_SCHEMA } from './v1.js';

export type SchemaName = 'spec' | 'library';

const SCHEMAS: Readonly<Record<SchemaName, JsonSchema>> = { spec: SPEC_SCHEMA, library: LIBRARY_SCHEMA };
const validators = new Map<SchemaName, ValidateFunction>();

export function checkSchema(root: YamlNode, name: SchemaName): Diagnostic[] {
  let validate = validators.get(name);
  if (validate === undefined) {
    const ajv = new Ajv2020({
      allErrors: true,
      verbose: true,
      strict: true,
      strictRequired: false,
      strictTypes: false,
    });
    validate = ajv.compile(SCHEMAS[name]);
    validators.set(name, validate);
  }
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
    diagnostics.push(...explain(SCHEMAS[name], root, place, errors));
  }
  return diagnostics;
}

export interface Place {
  readonly path: readonly PathSegment[];
  readonly node: YamlNode;
  /** The entry whose value the node is; absent at the top and for items of lists. */
  readonly entry: YamlEntry | undefined;
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
