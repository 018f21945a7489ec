import { describe, expect, it } from 'vitest';
import { jensenShannon, NgramReference } from './ngram-divergence.js';
import type { PackedText } from './example-source.js';
import { likeliestSymbols, linesOfSymbols } from './text-lines.js';

const ALPHABET = ['a', 'b', 'c'];

/** Lines of `_` (padding) and letters. */
function pack(...lines: readonly string[]): PackedText {
  const symbols = Uint16Array.from(lines.flatMap((line) => [...line]), (letter) => '_abc'.indexOf(letter)); // prettier-ignore
  return { count: lines.length, length: lines[0]!.length, alphabet: ALPHABET, symbols };
}

describe('the divergence of n-grams', () => {
  it('is 0 of equal shares, 1 where nothing is shared, and the same both ways', () => {
    const p = new Map([['a', 0.5], ['b', 0.5]]); // prettier-ignore
    const q = new Map([['a', 0.25], ['c', 0.75]]); // prettier-ignore
    expect(jensenShannon(p, p)).toBe(0);
    expect(jensenShannon(new Map([['a', 1]]), new Map([['b', 1]]))).toBe(1);
    expect(jensenShannon(p, q)).toBeCloseTo(jensenShannon(q, p), 15);
    // m = a 3/8, b 1/4, c 3/8, by hand.
    const kl = (0.5 * Math.log2(4 / 3) + 0.5 + 0.25 * Math.log2(2 / 3) + 0.75) / 2;
    expect(jensenShannon(p, q)).toBeCloseTo(kl, 15);
  });

  it('counts n-grams at every place, padding included, for n of 1 to 4', () => {
    const reference = new NgramReference(pack('abc_', 'ab__'), 2);
    expect(reference.compare(pack('abc_', 'ab__').symbols).samples).toEqual([0, 0, 0, 0]);
    // The same letters in another order: only 1-grams agree.
    const [one, two, three, four] = reference.compare(pack('_cba', '__ba').symbols).samples;
    expect(one).toBe(0);
    // Of 2-grams `__` alone is in both: 1 of 6 here and there.
    expect(two).toBeCloseTo(5 / 6, 12);
    expect([three, four]).toEqual([1, 1]);
  });

  it('goes no further than the lines are long', () => {
    expect(new NgramReference(pack('ab'), 1).compare(pack('ba').symbols).samples).toEqual([0, 1]);
  });

  it('is taken from the held-out lines where there are some, and says where lines of the data stand', () => {
    const text = { ...pack('aa', 'bb', 'cc', 'cc'), heldOut: pack('aa', 'bb').symbols };
    const { samples, text: own } = new NgramReference(text, 2).compare(pack('aa', 'bb').symbols);
    expect(samples).toEqual([0, 0]);
    // Two of four, evenly: lines 0 and 2.
    expect(own).toEqual(new NgramReference(pack('aa', 'bb'), 2).compare(pack('aa', 'cc').symbols).samples);
  });
});

describe('numbers become lines', () => {
  it('by the largest at every place, up to the first padding', () => {
    // prettier-ignore
    const symbols = likeliestSymbols(
      Float32Array.of(
        0.1, 0.2, 0.4, 0.3,
        0.2, 0.3, 0.2, 0.3,
        0.7, 0.1, 0.1, 0.1,
        0.0, 0.0, 0.0, 1.0,
      ),
      4,
    );
    expect([...symbols]).toEqual([2, 1, 0, 3]);
    expect(linesOfSymbols(symbols, { length: 4, alphabet: ALPHABET })).toEqual(['ba']);
    expect(linesOfSymbols(symbols, { length: 2, alphabet: ALPHABET })).toEqual(['ba', '']);
  });
});
