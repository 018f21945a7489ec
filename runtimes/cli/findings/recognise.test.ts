import { describe, expect, it } from 'vitest';
import { recognise } from './recognise.js';

describe('what a YAML file is', () => {
  it.each([
    ['three keys of specs', 'data: {}\nnetworks: {}\ntrain: {}\n', 'spec'],
    ['a modeline', '# yaml-language-server: $schema=../node_modules/began-compile/v1.json\n', 'spec'],
    ['a modeline below others', '# $schema=a\n\n#$schema=began-compile.schema.json\n', 'spec'],
    ['the schema of another tool', '# $schema=https://example.com/a.json began-compile\n', undefined],
    ['what extends a spec', 'extends: ./base.yaml # the small one\ntitle: b\n', 'spec'],
    ['what extends, with a foreign key', 'extends: ./base.yaml\nrules: []\n', undefined],
    ['a block of the library', 'block: a/b\ndescription: c\n', 'library'],
    ['Docker Compose', 'services: {}\nnetworks: {}\n', undefined],
  ])('%s', (_what, text, kind) => {
    expect(recognise(text)).toBe(kind);
  });
});

it.each([
  ['modelines without an end', `#${'$schema='.repeat(400_000)}`],
  ['spaces without an end', `a${' '.repeat(3_000_000)}`],
  ['a key without an end', 'a'.repeat(3_000_000)],
  ['the same key over and over', 'block: a/b\n'.repeat(300_000)],
])('%s are looked at once', (_what, text) => {
  const started = performance.now();
  expect(recognise(text)).toBeUndefined();
  expect(performance.now() - started, 'milliseconds').toBeLessThan(2000);
});
