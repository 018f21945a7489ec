/** Finds the schema that speaks about a place of a document: follows references and the branch that applies. */
import type { YamlEntry, YamlNode } from '../yaml/node.js';
import { entryOf } from '../yaml/node.js';
import type { JsonSchema } from './json-schema.js';

export type PathSegment = string | number;

/** A place of a document, as ajv's pointer leads to it. */
export interface Place {
  readonly path: readonly PathSegment[];
  readonly node: YamlNode;
  /** The entry whose value the node is; absent at the top and for items of lists. */
  readonly entry: YamlEntry | undefined;
}

export interface SchemaSite {
  /** The schema where the key is declared: its description says what the key means here. */
  readonly declared: JsonSchema;
  /** The same after references and choices. */
  readonly resolved: JsonSchema;
  /** JSON types that any branch would take. */
  readonly types: readonly string[];
}

export function schemaAt(
  root: JsonSchema,
  node: YamlNode | undefined,
  path: readonly PathSegment[],
): SchemaSite | undefined {
  let declared = root;
  let here = node;
  for (const segment of path) {
    const schema = follow(root, declared, here);
    if (typeof segment === 'number') {
      if (schema.items === undefined) return undefined;
      declared = schema.items;
      here = here?.kind === 'sequence' ? here.items[segment] : undefined;
    } else {
      const property = propertyOf(schema, segment);
      if (property === undefined) return undefined;
      declared = property;
      here = entryOf(here, segment)?.value;
    }
  }
  return { declared, resolved: follow(root, declared, here), types: typesOf(root, declared) };
}

export function propertyOf(schema: JsonSchema, key: string): JsonSchema | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** What stands in an example or, failing that, in the example of what it refers to. */
export function exampleOf(root: JsonSchema, schema: JsonSchema): unknown {
  for (let at: JsonSchema | undefined = schema; at !== undefined;) {
    if (at.examples !== undefined) return at.examples[0];
    if (at.default !== undefined) return at.default;
    at = at.$ref !== undefined ? dereference(root, at) : at.else;
  }
  return undefined;
}

function follow(root: JsonSchema, schema: JsonSchema, node: YamlNode | undefined): JsonSchema {
  let at = schema;
  for (;;) {
    if (at.$ref !== undefined) at = dereference(root, at);
    else if (at.if !== undefined) at = (meets(at.if, node) ? at.then : at.else) ?? {};
    else return at;
  }
}

function dereference(root: JsonSchema, schema: JsonSchema): JsonSchema {
  const name = schema.$ref!.replace('#/$defs/', '');
  const target = root.$defs?.[name];
  if (target === undefined) throw new TypeError(`internal: the schema has no definition ${name}`);
  return target;
}

/** Conditions are of two forms only: of a type, or a mapping that has some key. */
function meets(condition: JsonSchema, node: YamlNode | undefined): boolean {
  if (node === undefined || condition.type !== jsonType(node)) return false;
  return (condition.required ?? []).every((key) => entryOf(node, key) !== undefined);
}

function typesOf(root: JsonSchema, schema: JsonSchema): string[] {
  if (schema.$ref !== undefined) return typesOf(root, dereference(root, schema));
  if (schema.if !== undefined) {
    const condition = schema.if.type;
    const types = [
      ...(typeof condition === 'string' ? [condition] : []),
      ...typesOf(root, schema.else ?? {}),
    ];
    return [...new Set(types)];
  }
  if (schema.type !== undefined) return typeof schema.type === 'string' ? [schema.type] : [...schema.type];
  return schema.const === undefined ? [] : [typeof schema.const];
}

export function jsonType(node: YamlNode): 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' {
  switch (node.kind) {
    case 'mapping':
      return 'object';
    case 'sequence':
      return 'array';
    case 'scalar':
      if (node.value === null) return 'null';
      if (typeof node.value === 'string') return 'string';
      return typeof node.value === 'number' ? 'number' : 'boolean';
    default:
      throw new TypeError(`internal: no such node ${String(node satisfies never)}`);
  }
}
