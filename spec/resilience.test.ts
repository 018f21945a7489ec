/** Whatever is done to a file, the answer is a spec or diagnostics with a place in the file: never an exception. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from './diagnostics/render.js';
import { parseLibraryEntry, parseSpec } from './parse.js';

const spec = readFileSync(new URL('../examples/faces-32.yaml', import.meta.url), 'utf8');
const refusals = readFileSync(new URL('refusals.txt', import.meta.url), 'utf8');
const good = refusals.slice(refusals.indexOf('\n') + 1, refusals.indexOf('\n=== ', 1));
const wider = readFileSync(new URL('wider.yaml', import.meta.url), 'utf8');
const library = readFileSync(new URL('library/began.yaml', import.meta.url), 'utf8');

/** Numbers in [0, 1) from a seed (a linear congruential generator modulo 2^32, Numerical Recipes' constants). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function mutate(text: string, random: () => number): string {
  const pick = (bound: number): number => Math.floor(random() * bound);
  const lines = text.split('\n');
  const at = pick(text.length);
  const line = pick(lines.length);
  switch (pick(9)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.charAt(at) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2);
    case 3:
      return lines.toSpliced(line, 1).join('\n');
    case 4:
      return lines.toSpliced(line, 0, lines[line]!).join('\n');
    case 5:
      return lines.toSpliced(line, 1, lines[pick(lines.length)]!).join('\n');
    case 6:
      return text.slice(0, at) + '{}[]():,"\'#&*!|>%@`-?\t\n\0\ud800λ'.charAt(pick(26)) + text.slice(at);
    case 7:
      return lines.toSpliced(line, 1, ' '.repeat(pick(9)) + lines[line]!.trim()).join('\n');
    default:
      return text.slice(0, at);
  }
}

describe.each([
  ['an example', spec, parseSpec, process.env['HEAVY'] ? 2000 : 400],
  ['a spec with every kind of part', good, parseSpec, 2000],
  ['a spec with the rest of the language', wider, parseSpec, process.env['HEAVY'] ? 2000 : 400],
  ['a library file', library, parseLibraryEntry, process.env['HEAVY'] ? 2000 : 400],
] as const)('%s', (_name, original, parse, mutations) => {
  it(`survives ${mutations} mutations`, () => {
    const random = generator(20170331);
    let refused = 0;
    for (let run = 0; run < mutations; run++) {
      let text = original;
      for (let edits = 1 + Math.floor(random() * 3); edits > 0; edits--) text = mutate(text, random);
      const file = { name: 'mutant.yaml', text };
      const { diagnostics, ...result } = parse(file);
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      expect(Object.keys(result).length, text).toBe(errors.length === 0 ? 1 : 0);
      for (const { span, message } of diagnostics) {
        expect(span?.file, message).toBe(file);
        expect(0 <= span!.start && span!.start <= span!.end && span!.end <= text.length, message).toBe(true);
      }
      const starts = diagnostics.map(({ span }) => span!.start);
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
      expect(renderDiagnostics(diagnostics)).not.toContain('internal');
      if (errors.length > 0) refused += 1;
    }
    // Mutations that break nothing at all would test nothing.
    expect(refused).toBeGreaterThan(mutations / 3);
  });
});
