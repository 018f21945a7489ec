/** sigmoid: the derivative is y (1 - y). */
import { constant, mul, sub } from '../graph/construct.js';
import { unary } from './pointwise.js';

/** Never overflows: the exponential is taken of -|x|. */
function evaluate(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

export const sigmoid = unary('sigmoid', {
  doc: '1 / (1 + exp(-x)).',
  evaluate,
  gradient: (b, { y, g }) => mul(b, g, mul(b, y, sub(b, constant(b, 1), y))),
});
