/** Every kind of mistake in a spec, with the whole text that a user reads: `refusals.txt`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from './diagnostics/render.js';
import { parseSpec } from './parse.js';

interface Case {
  readonly name: string;
  readonly edits: readonly (readonly [from: string, to: string])[];
  readonly expected: string;
}

const { base, cases } = readCases(readFileSync(new URL('refusals.txt', import.meta.url), 'utf8'));

function expectDiagnostics(text: string, wholeText: string): void {
  const { spec, diagnostics } = parseSpec({ name: 'toy.yaml', text });
  expect(renderDiagnostics(diagnostics)).toBe(wholeText);
  expect(spec === undefined).toBe(wholeText !== '');
}

describe('a user reads about', () => {
  it('a good spec nothing', () => {
    expectDiagnostics(base, '');
  });

  it.each(cases.map((entry) => [entry.name, entry] as const))('%s', (_name, { edits, expected }) => {
    let text = base;
    for (const [from, to] of edits) {
      expect(text.split(from).length, `the base must hold ${from} once`).toBeGreaterThan(1);
      text = text.replace(from, () => to);
    }
    expectDiagnostics(text, expected);
  });

  it('more than a hundred and fifty kinds of mistake', () => {
    expect(cases.length).toBeGreaterThan(150);
  });
});

/**
 * `=== name`, the edits (`-` and `+` lines, that is, what to replace and by what), an empty line, and what is said. The first
 * entry is the good spec itself. Edits are written as JSON strings, so that line breaks and invisible letters show.
 */
function readCases(file: string): { base: string; cases: Case[] } {
  const [first = '', ...rest] = file.split(/^=== /m).slice(1);
  return {
    base: first.slice(first.indexOf('\n') + 1).trimEnd() + '\n',
    cases: rest.map((section) => {
      const [name = '', ...lines] = section.trimEnd().split('\n');
      const blank = lines.indexOf('');
      const edits: [string, string][] = [];
      for (const line of lines.slice(0, blank)) {
        const text = JSON.parse(line.slice(2)) as string;
        if (line.startsWith('- ')) edits.push([text, '']);
        else edits.at(-1)![1] = text;
      }
      return { name, edits, expected: lines.slice(blank + 1).join('\n') };
    }),
  };
}
