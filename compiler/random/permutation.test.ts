import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillPermutation } from './permutation.js';
import { drawKey } from './stream.js';

const permutation = (count: number, seed: number) => {
  const order = new Uint32Array(count);
  fillPermutation(order, drawKey(seed, 'order', 0));
  return [...order];
};

describe('fillPermutation', () => {
  it('holds every number once, whatever the length and the seed', () => {
    fc.assert(
      fc.property(fc.nat(80), fc.nat(1000), (count, seed) => {
        expect(permutation(count, seed).sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('gives every order of three about equally often', () => {
    const seen = new Map<string, number>();
    for (let seed = 0; seed < 1200; seed++) {
      const order = permutation(3, seed).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    // 200 each, with a deviation of 13.
    for (const times of seen.values()) expect(Math.abs(times - 200)).toBeLessThan(52);
  });
});
