import { expect, it } from 'vitest';
import { exampleFromRgba } from './picture.js';

const box = { left: 0, top: 0, width: 2, height: 1 };
const at = (channels: 1 | 3 | 4, width: number, data: readonly number[]) => [
  ...exampleFromRgba({ width: 2, height: 1, data: Uint8Array.from(data) }, box, {
    height: 1,
    width,
    channels,
  }),
];

const HALF_RED_AND_HIDDEN_GREEN = [200, 0, 0, 128, 0, 255, 0, 0];

it('a picture of four channels keeps colours and opacity, and hides what was hidden', () => {
  expect(at(4, 2, [10, 20, 30, 255, 200, 100, 0, 255])).toEqual([10, 20, 30, 255, 200, 100, 0, 255]);
  expect(at(4, 2, HALF_RED_AND_HIDDEN_GREEN)).toEqual([199, 0, 0, 128, 255, 255, 255, 0]);
});

it('a hidden colour does not reach its neighbours where a picture shrinks', () => {
  const [red, green, blue, opacity] = at(4, 1, HALF_RED_AND_HIDDEN_GREEN);
  expect(opacity).toBe(64);
  expect(Math.abs(red! - 200)).toBeLessThan(4);
  expect([green, blue]).toEqual([0, 0]);
});

it('a picture of three channels lies on white', () => {
  expect(at(3, 2, HALF_RED_AND_HIDDEN_GREEN)).toEqual([227, 127, 127, 255, 255, 255]);
});
