/** abs: y = |x|, with the derivative 0 at 0. */
import { mul, sign } from '../graph/construct.js';
import { unary } from './pointwise.js';

export const abs = unary('abs', {
  doc: '|x|. Its derivative at 0 is 0.',
  evaluate: Math.abs,
  gradient: (b, { x, g }) => mul(b, g, sign(b, x)),
});
