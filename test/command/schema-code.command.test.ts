import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { validatorOf } from '../../spec/schema/validators.js';

const BUILT = new URL('../../dist/spec/schema/validators.js', import.meta.url);

/** What may stand in the place of any value. */
const ODD = [null, -1, 0.5, 'x', '', true, [], [1], {}, { unknown: 1 }, { use: 'x', layers: [] }];

/** The document with one of its values, at any depth, replaced by each of ODD, or left out. */
function* broken(value: unknown): Generator {
  yield* ODD;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      for (const other of broken(item)) yield value.with(i, other);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
      const rest = Object.fromEntries(
        Object.entries(value as Record<string, unknown>).filter(([name]) => name !== key),
      );
      yield rest;
      yield { ...rest, [`${key}s`]: item };
      for (const other of broken(item)) yield { ...value, [key]: other };
    }
  }
}

const documents = [
  ['spec', 'examples/faces-32.yaml'],
  ['spec', 'examples/toy/infogan.yaml'],
  ['library', 'spec/library/began.yaml'],
  ['library', 'spec/library/began/decoder.yaml'],
] as const;

it('the code that the build writes finds what ajv finds, in every document that is broken in one place', async () => {
  const built = (await import(BUILT.href)) as { readonly validatorOf: typeof validatorOf };
  let mistakes = 0;
  for (const [name, path] of documents) {
    const document = parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')) as unknown;
    const [code, ajv] = [built.validatorOf(name), validatorOf(name)];
    for (const other of [document, ...broken(document)]) {
      if (code(other) !== ajv(other) || JSON.stringify(code.errors) !== JSON.stringify(ajv.errors)) {
        expect(code.errors, JSON.stringify(other)).toEqual(ajv.errors);
      }
      mistakes += ajv.errors?.length ?? 0;
    }
  }
  expect(mistakes).toBeGreaterThan(1000);
});

it('nothing is compiled when a spec is checked: no ajv, and no code made from text', () => {
  expect(readFileSync(BUILT, 'utf8')).not.toMatch(/new Function|\brequire\(|\bimport\b[ ({'"]/);
});
