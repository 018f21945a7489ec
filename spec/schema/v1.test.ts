import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import type { JsonSchema } from './json-schema.js';
import { LIBRARY_SCHEMA } from './library.js';
import { SPEC_SCHEMA } from './v1.js';

describe.each([
  ['v1.json', SPEC_SCHEMA],
  ['library-v1.json', LIBRARY_SCHEMA],
])('%s', (file, schema) => {
  it('is the schema that the parser uses; `npx vitest run spec/schema -u` writes it anew', async () => {
    const style = await resolveConfig(fileURLToPath(import.meta.url));
    const text = await format(JSON.stringify(schema), { ...style, parser: 'json' });
    await expect(text).toMatchFileSnapshot(file);
  });

  it('is valid JSON Schema draft 2020-12', () => {
    const ajv = new Ajv2020({ strictRequired: false, strictTypes: false });
    expect(ajv.validateSchema(schema), JSON.stringify(ajv.errors)).toBe(true);
    expect(() => ajv.compile(schema)).not.toThrow();
  });

  it('describes every key', () => {
    const bare: string[] = [];
    walk(schema, '', (at, path) => {
      for (const [key, property] of Object.entries(at.properties ?? {})) {
        if ((property.description ?? '').length < 3) bare.push(`${path}.${key}`);
      }
      if (typeof at.additionalProperties === 'object' && at.additionalProperties.description === undefined) {
        bare.push(`${path}.*`);
      }
    });
    expect(bare).toEqual([]);
  });

  it('refuses unknown keys in every mapping whose keys are known', () => {
    const open: string[] = [];
    walk(schema, '', (at, path) => {
      if (at.properties !== undefined && at.additionalProperties === undefined) open.push(path);
    });
    expect(open).toEqual([]);
  });

  it('has no definition that nothing refers to', () => {
    const used = new Set<string>();
    walk(schema, '', (at) => {
      if (at.$ref !== undefined) used.add(at.$ref.replace('#/$defs/', ''));
    });
    expect(Object.keys(schema.$defs ?? {}).filter((name) => !used.has(name))).toEqual([]);
  });
});

function walk(schema: JsonSchema, path: string, visit: (schema: JsonSchema, path: string) => void): void {
  visit(schema, path);
  const into = (child: JsonSchema | undefined, name: string): void => {
    if (child !== undefined) walk(child, `${path}/${name}`, visit);
  };
  for (const [name, child] of Object.entries(schema.$defs ?? {})) into(child, name);
  for (const [name, child] of Object.entries(schema.properties ?? {})) into(child, name);
  into(schema.items, 'items');
  into(schema.then, 'then');
  into(schema.else, 'else');
  if (typeof schema.additionalProperties === 'object') into(schema.additionalProperties, '*');
}
