/** exp: y = e^x; the derivative is y. */
import { mul } from '../graph/construct.js';
import { unary } from './pointwise.js';

export const exp = unary('exp', {
  doc: 'e to the power of x.',
  evaluate: Math.exp,
  gradient: (b, { y, g }) => mul(b, g, y),
});
