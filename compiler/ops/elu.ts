/** elu: the derivative is 1 above 0 and y + 1 = exp(x) elsewhere, so the pre-activation need not be kept. */
import { constant, greater, mul, select, shift } from '../graph/construct.js';
import { unary } from './pointwise.js';

export const elu = unary('elu', {
  doc: 'x where x > 0, exp(x) - 1 elsewhere (Clevert et al., 1511.07289, alpha = 1).',
  evaluate: (x) => (x > 0 ? x : Math.expm1(x)),
  gradient: (b, { y, g }) => select(b, greater(b, y, constant(b, 0)), g, mul(b, g, shift(b, y, 1))),
});
