/** softplus: the derivative is sigmoid(x). */
import { mul, sigmoid } from '../graph/construct.js';
import { unary } from './pointwise.js';

export const softplus = unary('softplus', {
  doc: 'log(1 + exp(x)), computed as max(x, 0) + log(1 + exp(-|x|)) so that it never overflows.',
  evaluate: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  gradient: (b, { x, g }) => mul(b, g, sigmoid(b, x)),
});
