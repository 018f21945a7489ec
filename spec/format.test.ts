import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Document } from 'yaml';
import { DiagnosticError } from './diagnostics/diagnostic.js';
import { formatSpec } from './format.js';
import { toJson } from './yaml/node.js';
import { readYaml } from './yaml/read.js';

const format = (text: string): string => formatSpec({ name: 'a.yaml', text });

it('writes one style, and keeps comments, numbers, quotes and the order of keys', () => {
  const text = `# Head


version:   1   # always
hyper: {n:   16,gamma: .50, rate: 1E-4, on: yes, q: "a", e: 'it''s'}



# About data.
data:
    x:
        images: "./faces"
        size: [ 32 , 32 ]   # pixels
networks:
  G: { use: began/decoder, with: { size: 32, filters: n, repeat: 2, skip: true, carry: carry, init: truncated_normal(0.01) } }
  D: [
    { dense: 2 }, # two
    relu ]
  E:
  - dense: 3
  - { use: a, with: &w { b: 1 } }
  - { use: b, with: *w }
  F: []
  H:
objective:
  let:
    long: mean(abs(x - D(x))) + mean(abs(x - D(x))) + mean(abs(x - D(x))) + mean(abs(x - D(x))) + mean(abs(x - D(x)))
    block: |
      a +
      b
    folded: >-
      a +
      b
`;
  expect(format(text)).toMatchInlineSnapshot(`
    "# Head

    version: 1 # always
    hyper: { n: 16, gamma: .50, rate: 1E-4, on: yes, q: "a", e: 'it''s' }

    # About data.
    data:
      x:
        images: "./faces"
        size: [32, 32] # pixels
    networks:
      G:
        use: began/decoder
        with: { size: 32, filters: n, repeat: 2, skip: true, carry: carry, init: truncated_normal(0.01) }
      D:
        - { dense: 2 } # two
        - relu
      E:
        - dense: 3
        - { use: a, with: &w { b: 1 } }
        - { use: b, with: *w }
      F: []
      H:
    objective:
      let:
        long: mean(abs(x - D(x))) + mean(abs(x - D(x))) + mean(abs(x - D(x))) + mean(abs(x - D(x))) + mean(abs(x - D(x)))
        block: |
          a +
          b
        folded: >-
          a + b
    "
  `);
  expect(format(format(text))).toBe(format(text));
});

it('makes one line end of two kinds', () => {
  expect(format('version: 1\r\ntitle: a\r\n')).toBe('version: 1\ntitle: a\n');
});

it('says what is wrong with a file that is no YAML, and leaves an empty one', () => {
  expect(() => format('a: [1')).toThrow(DiagnosticError);
  expect(format('')).toBe('');
  expect(format('# nothing\n')).toBe('# nothing\n');
});

const root = new URL('../', import.meta.url);
const files = ['examples', 'spec'].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${folder}/${name}`),
);

it.each(files)('%s keeps its meaning, and is left alone the second time', (file) => {
  const text = readFileSync(new URL(file, root), 'utf8');
  const once = format(text);
  expect(json(once)).toEqual(json(text));
  expect(format(once)).toBe(once);
  expect(once.match(/#.*/g)).toEqual(text.match(/#.*/g));
});

const json = (text: string): unknown => {
  const { root: node } = readYaml({ name: 'a.yaml', text });
  return node && toJson(node);
};

it('keeps the meaning of any values, in any style', () => {
  const key = fc.stringMatching(/^[a-z_]{1,12}$/);
  const scalar = fc.oneof(
    fc.string({ maxLength: 130 }),
    fc.constantFrom(
      '1e4',
      'yes',
      '- a',
      'a: b',
      '#',
      '{',
      "it's",
      ' a',
      'a\nb',
      '',
      '~',
      'null',
      '0x1',
      '*a',
      '&a',
    ),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('tree'), { maxLength: 5 }), tie('map')),
    map: fc.dictionary(key, tie('tree'), { maxKeys: 6, noNullPrototype: true }),
  }));
  const style = fc.record({ flow: fc.boolean(), width: fc.constantFrom(0, 40, 80) });
  fc.assert(
    fc.property(
      fc.dictionary(key, tree, { minKeys: 1, noNullPrototype: true }),
      style,
      (value, { flow, width }) => {
        const document = new Document(value, { version: '1.2', aliasDuplicateObjects: false });
        if (flow) (document.contents as { flow?: boolean }).flow = true;
        const text = document.toString({ lineWidth: width });
        if (readYaml({ name: 'a.yaml', text }).diagnostics.length > 0) return;
        const once = format(text);
        expect(json(once)).toEqual(json(text));
        expect(format(once)).toBe(once);
      },
    ),
    { numRuns: 100 },
  );
});

it('a line separator inside a comment is no new line: the comment stays as it is, however often it is formatted', () => {
  const text = 'version: 1 # a\u2028b\n#\n# c\n\n#d\ntitle: t\n';
  expect(format(text)).toBe(text);
});

it('a tag is refused, and not written by a library that does not know it', () => {
  expect(() => format('version: 1\ntitle: !!binary aGk=\n')).toThrow(DiagnosticError);
});

it('a key without a colon in braces keeps being a key where the braces go', () => {
  const long = 'a'.repeat(100);
  expect(format(`with: { ${long}, b: 1, carry, d: }\n`)).toBe(`with:\n  ${long}:\n  b: 1\n  carry:\n  d:\n`);
  expect(format('with: { carry, b: 1 }\n')).toBe('with: { carry, b: 1 }\n');
});

it('a byte order mark is not written, and a second one is refused instead of becoming part of the first word', () => {
  expect(format('\uFEFFversion: 1\n')).toBe('version: 1\n');
  expect(() => format('\uFEFF\uFEFF# a comment: here\nversion: 1\n')).toThrow(DiagnosticError);
});
