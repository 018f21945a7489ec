import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Diagnostic, SourceFile, Span } from './diagnostic.js';
import { lineText, locate } from './location.js';
import { renderDiagnostic, renderDiagnostics } from './render.js';
import { editDistance, suggest } from './suggest.js';

const spanOf = (file: SourceFile, part: string): Span => {
  const start = file.text.indexOf(part);
  return { file, start, end: start + part.length };
};
const at = (file: SourceFile, part: string, more: Partial<Diagnostic> = {}): Diagnostic => ({
  code: 'schema/value',
  severity: 'error',
  message: 'it is wrong',
  span: spanOf(file, part),
  ...more,
});

describe('renderDiagnostic', () => {
  it('shows what, where, the line, related places, why and help, in this order', () => {
    const file = { name: 'a.yaml', text: Array.from({ length: 12 }, (_, i) => `line ${i + 1}`).join('\n') };
    const diagnostic = at(file, 'line 9', {
      severity: 'warning',
      related: [{ message: 'see here', span: spanOf(file, '12') }],
      note: 'because',
      help: 'do that',
    });
    expect(renderDiagnostic(diagnostic)).toBe(`warning[schema/value] it is wrong
 --> a.yaml:9:1
  |
9 | line 9
  | ^^^^^^
note: see here
  --> a.yaml:12:6
   |
12 | line 12
   |      ^^
why: because
help: do that`);
  });

  it('does without a place', () => {
    const placeless = at({ name: '', text: '' }, '', { span: undefined, help: 'do that' });
    expect(renderDiagnostic(placeless)).toBe('error[schema/value] it is wrong\nhelp: do that');
  });

  it('puts the carets below the text in spite of tabs, and below two lines', () => {
    const file = { name: 'a.yaml', text: 'a:\t\tb\n\tc d' };
    expect(renderDiagnostic(at(file, 'b\n\tc'))).toBe(`error[schema/value] it is wrong
 --> a.yaml:1:5
  |
1 | a:        b
  |           ^
2 |     c d
  |     ^`);
  });

  it('leaves out the middle of a place of many lines', () => {
    const file = { name: 'a.yaml', text: 'one\ntwo\nthree\nfour\nfive' };
    expect(renderDiagnostic(at(file, 'ne\ntwo\nthree\nfour\nfi'))).toBe(`error[schema/value] it is wrong
 --> a.yaml:1:2
  |
1 | one
  |  ^^
. |
5 | five
  | ^^`);
  });

  it('cuts long lines around the place', () => {
    const file = { name: 'a.yaml', text: `${'x'.repeat(300)}HERE${'y'.repeat(300)}` };
    const [, , , line, marks] = renderDiagnostic(at(file, 'HERE')).split('\n');
    expect(line).toBe(`1 | …${'x'.repeat(25)}HERE${'y'.repeat(71)}…`);
    expect(marks).toBe(`  | ${' '.repeat(26)}^^^^`);
  });

  it('marks an empty place at the end of the file', () => {
    const file = { name: 'a.yaml', text: 'a: b' };
    expect(renderDiagnostic({ ...at(file, 'a'), span: { file, start: 4, end: 4 } })).toBe(
      `error[schema/value] it is wrong
 --> a.yaml:1:5
  |
1 | a: b
  |     ^`,
    );
  });

  it('lets nothing through that would move the cursor or reorder the text of a terminal', () => {
    const file = { name: 'a\u001b[2J.yaml', text: 'key\u001b[31m: \u202evalue\r' };
    const text = renderDiagnostic(
      at(file, 'key', { message: 'bad \u001b]0;title\u0007', help: 'a\u0000\nb' }),
    );
    expect(text).toBe(`error[schema/value] bad \ufffd]0;title\ufffd
 --> a\ufffd[2J.yaml:1:1
  |
1 | key\ufffd[31m: \ufffdvalue
  | ^^^
help: a\ufffd
b`);
  });

  it('gives every part to the painter', () => {
    const file = { name: 'a.yaml', text: 'a: b' };
    const painted = renderDiagnostic(
      at(file, 'b', { note: 'n', help: 'h' }),
      (style, text) => `<${style}>${text}</>`,
    );
    expect(painted).toBe(`<error>error[schema/value]</> <message>it is wrong</>
 <gutter>--></> <location>a.yaml:1:4</>
<gutter>  |</>
<gutter>1 |</> a: b
<gutter>  |</>    <error>^</>
<why>why:</> n
<help>help:</> h`);
  });

  it('separates several by an empty line', () => {
    const one: Diagnostic = { code: 'run/file', severity: 'error', message: 'one' };
    expect(renderDiagnostics([one, { ...one, message: 'two' }])).toBe(
      'error[run/file] one\n\nerror[run/file] two',
    );
  });
});

describe('locate', () => {
  it('counts lines and columns from 1, whatever the line ends', () => {
    const file = { name: '', text: 'ab\r\n\nc' };
    expect([0, 2, 4, 5, 6, 99].map((offset) => locate(file, offset))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 3 },
      { line: 2, column: 1 },
      { line: 3, column: 1 },
      { line: 3, column: 2 },
      { line: 3, column: 2 },
    ]);
    expect([1, 2, 3, 4].map((line) => lineText(file, line))).toEqual(['ab', '', 'c', '']);
  });

  it('does not read a file of twenty thousand mistakes from its start for each', () => {
    const file = { name: 'a.yaml', text: 'k: 1\n'.repeat(100_000) };
    const diagnostics = Array.from({ length: 20_000 }, (_, i): Diagnostic => {
      const start = 5 * (80_000 + i);
      return {
        code: 'yaml/duplicate-key',
        severity: 'error',
        message: 'a',
        span: { file, start, end: start + 1 },
      };
    });
    const started = performance.now();
    expect(renderDiagnostics(diagnostics)).toContain('--> a.yaml:99999:1');
    expect(performance.now() - started, 'milliseconds').toBeLessThan(3000);
  });
});

describe('suggest', () => {
  const known = ['steps', 'seed', 'batch', 'checkpoint', 'G', 'conv', 'leaky_relu', 'carry'];

  it.each([
    ['stpes', 'steps'],
    ['step', 'steps'],
    ['Batch', 'batch'],
    ['chekpoints', 'checkpoint'],
    ['leakyrelu', 'leaky_relu'],
    ['conv2d', 'conv'],
    ['cary', 'carry'],
  ])('finds what %s means', (written, meant) => {
    expect(suggest(written, known)).toBe(meant);
  });

  it.each(['H', 'xyz', 'see', 'colour', 'st', ''])('has nothing to say for %s', (written) => {
    expect(suggest(written, known)).toBe(written === 'see' ? 'seed' : undefined);
  });

  it('tells a distance below a limit as it is, whenever it stops to look', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });
    fc.assert(
      fc.property(letters, letters, fc.integer({ min: 1, max: 5 }), (a, b, limit) => {
        expect(Math.min(limit, editDistance(a, b, limit))).toBe(Math.min(limit, editDistance(a, b)));
      }),
      { numRuns: 2000, seed: 4 },
    );
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('abcd', 'acbd')).toBe(1);
    expect(editDistance('abcd', 'badc')).toBe(2);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
  });
});
