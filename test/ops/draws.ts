/** How the numbers of a test input are drawn. Each keeps clear of the kinks that its users have. */
import type { Random } from './random.js';

export type Draw = (random: Random, count: number) => number[];

const each =
  (draw: (random: Random) => number): Draw =>
  (random, count) =>
    Array.from({ length: count }, () => draw(random));

export const uniform = (low: number, high: number): Draw => each((random) => low + (high - low) * random());

/** Of either sign, at least `gap` away from 0. */
export const awayFromZero = (gap = 0.1, reach = 1.5): Draw =>
  each((random) => (random() < 0.5 ? -1 : 1) * (gap + (reach - gap) * random()));

/** Multiples of `step` plus `offset`: two inputs with different offsets are never close to each other. */
export const grid = (step: number, offset: number, reach = 1.5): Draw =>
  each((random) => Math.round(((2 * random() - 1) * reach) / step) * step + offset);

/** All different, in random order, `gap` apart: a maximum is never close to the second largest. */
export const distinct =
  (gap = 0.05): Draw =>
  (random, count) => {
    const values = Array.from({ length: count }, (_, i) => (i - count / 2) * gap);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [values[i], values[j]] = [values[j]!, values[i]!];
    }
    return values;
  };

/** 0 or 1. */
export const mask: Draw = each((random) => (random() < 0.5 ? 0 : 1));

/** Whole numbers from low to high, both included. */
export const integers = (low: number, high: number): Draw =>
  each((random) => low + Math.floor(random() * (high - low + 1)));

/** One of a few values, infinities, zeros of both signs, NaN and repeated numbers among them. */
export const unruly: Draw = each(
  (random) => [NaN, Infinity, -Infinity, 0, -0, 1, -2, 1.5, 0.25, 3][Math.floor(random() * 10)]!,
);

/** Small whole numbers, often equal. */
export const whole: Draw = each((random) => Math.floor(random() * 4) - 1);
