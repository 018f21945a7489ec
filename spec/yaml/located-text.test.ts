import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Document } from 'yaml';
import type { Scalar } from 'yaml';
import { valueOf } from './node.js';
import { readYaml } from './read.js';

/** The text of `a:` and a function that marks what a part of it covers in the file. */
function located(yaml: string): { text: string; source: (from: number, to: number) => string } {
  const { root, diagnostics } = readYaml({ name: 'test', text: yaml });
  expect(diagnostics).toEqual([]);
  const node = valueOf(root, 'a');
  if (node?.kind !== 'scalar') throw new Error('no scalar');
  return {
    text: node.text.text,
    source: (from, to) => {
      const { start, end } = node.text.span(from, to);
      return `${yaml.slice(0, start)}»${yaml.slice(start, end)}«${yaml.slice(end)}`;
    },
  };
}

describe('the place of a part of a scalar', () => {
  it.each([
    ['plain', 'a: x + yy', 'yy', 'a: x + »yy«'],
    ['plain over two lines', 'a: x +\n   yy # why', 'yy', 'a: x +\n   »yy« # why'],
    ['single quotes', "a: 'x + yy'", 'yy', "a: 'x + »yy«'"],
    ['a doubled quote', "a: 'x == ''s'' + yy'", 'yy', "a: 'x == ''s'' + »yy«'"],
    ['the doubled quote itself', "a: 'x == ''s'''", "'", "a: 'x == »''«s'''"],
    ['double quotes', 'a: "x + yy"', 'yy', 'a: "x + »yy«"'],
    ['escapes', 'a: "\\"x\\" \\x2b\\u0020yy"', 'yy', 'a: "\\"x\\" \\x2b\\u0020»yy«"'],
    ['an escaped operator', 'a: "x \\x2b yy"', '+', 'a: "x »\\x2b« yy"'],
    ['an escaped line break', 'a: "x + \\\n  yy"', 'yy', 'a: "x + \\\n  »yy«"'],
    ['a folded quote', 'a: "x +\n  yy"', 'yy', 'a: "x +\n  »yy«"'],
    ['a literal block', 'a: |\n  x +\n    yy\n  + z\n', 'yy', 'a: |\n  x +\n    »yy«\n  + z\n'],
    ['a folded block', 'a: >-\n  x\n\n  + yy\n', 'yy', 'a: >-\n  x\n\n  + »yy«\n'],
    ['a block with a header comment', 'a: | # yy\n  x + yy\n', 'yy', 'a: | # yy\n  x + »yy«\n'],
    ['letters beyond 16 bits', 'a: "🙂\\t🙂 + yy"', 'yy', 'a: "🙂\\t🙂 + »yy«"'],
    ['Windows line ends', 'a: |\r\n  x\r\n  + yy\r\n', 'yy', 'a: |\r\n  x\r\n  + »yy«\r\n'],
  ])('in %s', (_style, yaml, part, expected) => {
    const { text, source } = located(yaml);
    const from = text.indexOf(part);
    expect(from).toBeGreaterThanOrEqual(0);
    expect(source(from, from + part.length)).toBe(expected);
  });

  it('behind the last character is behind the last visible one, inside the quotes', () => {
    const { text, source } = located('a: "x +"');
    expect(source(text.length, text.length)).toBe('a: "x +»«"');
  });

  it('is exact for every visible character of any text in any style', () => {
    const style = fc.constantFrom<Scalar.Type>(
      'PLAIN',
      'QUOTE_SINGLE',
      'QUOTE_DOUBLE',
      'BLOCK_LITERAL',
      'BLOCK_FOLDED',
    );
    const text = fc.string({
      unit: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...'ab1+(,"\'\\ \n#:') },
        fc.constantFrom('\t', 'λ', '🙂'),
      ),
      maxLength: 200,
    });
    fc.assert(
      fc.property(style, text, (type, value) => {
        const document = new Document({ a: value });
        (document.get('a', true) as Scalar).type = type;
        const yaml = document.toString();
        const { root } = readYaml({ name: 'test', text: yaml });
        const node = valueOf(root, 'a');
        if (node?.kind !== 'scalar' || typeof node.value !== 'string') return;
        expect(node.text.text).toBe(node.value);
        let at = 0;
        for (const letter of node.value) {
          const { start, end } = node.text.span(at, at + letter.length);
          const written = yaml.slice(start, end);
          if (letter.trim() !== '' && written !== letter)
            expect(["''", '\\']).toContain(written.slice(0, letter === "'" ? 2 : 1));
          expect(end - start, `${JSON.stringify(yaml)} ${letter}`).toBeLessThan(11);
          at += letter.length;
        }
      }),
      { numRuns: 1500, seed: 4 },
    );
  });
});
