import { expect, test } from 'vitest';
import { float16Bits, float16Value } from './float16.js';

/** What the bits say, read by the definition. */
function valueOf(bits: number): number {
  const sign = bits >> 15 === 1 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const FINITE = Array.from({ length: 0x7c00 }, (_, bits) => bits);

test('every float16 keeps its bits, with either sign', () => {
  expect(FINITE.filter((bits) => float16Bits(valueOf(bits)) !== bits)).toEqual([]);
  expect(FINITE.filter((bits) => float16Bits(valueOf(bits | 0x8000)) !== (bits | 0x8000))).toEqual([]);
});

test('every float16 is read by the definition, with either sign', () => {
  const all = Array.from({ length: 0x10000 }, (_, bits) => bits);
  expect(all.filter((bits) => !Object.is(float16Value(bits), valueOf(bits)))).toEqual([]);
});

test('a number between two goes to the nearer, and to the even one from the middle', () => {
  for (const bits of FINITE.slice(0, -1)) {
    const [low, high] = [valueOf(bits), valueOf(bits + 1)];
    const middle = (low + high) / 2;
    const even = bits % 2 === 0 ? bits : bits + 1;
    const found = [middle - (high - low) / 8, middle, middle + (high - low) / 8].map(float16Bits);
    expect(found, String(middle)).toEqual([bits, even, bits + 1]);
  }
});

test('what is too large is infinite, what is too small is zero, and NaN stays', () => {
  expect([65519.99, 65520, 1e30, -Infinity].map((x) => valueOf(float16Bits(x)))).toEqual([
    65504,
    Infinity,
    Infinity,
    -Infinity,
  ]);
  expect([2 ** -25, -(2 ** -26)].map(float16Bits)).toEqual([0, 0x8000]);
  expect(valueOf(float16Bits(NaN))).toBeNaN();
});
