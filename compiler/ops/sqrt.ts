/**
 * sqrt: y = √x; the derivative 1 / 2y is taken as 0 at 0, and the division is kept away from 0 as well, because a
 * 0 * infinity inside `norm` would be NaN. A NaN in x stays NaN in the gradient: only y = 0 is masked.
 */
import { constant, div, equal, scale, select } from '../graph/construct.js';
import { unary } from './pointwise.js';

export const sqrt = unary('sqrt', {
  doc: 'The square root, NaN below 0. Its derivative at 0 is 0, so that the norm of a zero vector has gradient 0.',
  evaluate: Math.sqrt,
  gradient(b, { y, g }) {
    const isZero = equal(b, y, constant(b, 0));
    const numerator = select(b, isZero, constant(b, 0), g);
    const denominator = select(b, isZero, constant(b, 1), y);
    return scale(b, div(b, numerator, denominator), 0.5);
  },
});
