/**
 * Checks a document against one of our schemas, and turns what ajv's code finds into one diagnostic per mistake, at the
 * place of the key or value that is wrong.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { YamlEntry, YamlNode } from '../yaml/node.js';
import { entryOf, toJson } from '../yaml/node.js';
import { explain } from './explain.js';
import { SCHEMAS } from './language.js';
import type { SchemaName } from './language.js';
import type { PathSegment, Place } from './resolve.js';
import { validatorOf } from './validators.js';
import type { SchemaError } from './validators.js';

export type { SchemaName } from './language.js';

/** What the schema has against a document: one diagnostic per mistake. */
export function checkSchema(root: YamlNode, name: SchemaName): Diagnostic[] {
  const validate = validatorOf(name);
  if (validate(toJson(root))) return [];
  const byPlace = new Map<string, SchemaError[]>();
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
