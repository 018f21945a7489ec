/** neg: y = -x. */
import { neg as negate } from '../graph/construct.js';
import { unary } from './pointwise.js';

export const neg = unary('neg', {
  doc: '-x.',
  evaluate: (x) => -x,
  gradient: (b, { g }) => negate(b, g),
});
