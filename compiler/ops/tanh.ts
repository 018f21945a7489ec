/** tanh: the derivative is 1 - y². */
import { constant, mul, square, sub } from '../graph/construct.js';
import { unary } from './pointwise.js';

export const tanh = unary('tanh', {
  doc: 'The hyperbolic tangent.',
  evaluate: Math.tanh,
  gradient: (b, { y, g }) => mul(b, g, sub(b, constant(b, 1), square(b, y))),
});
