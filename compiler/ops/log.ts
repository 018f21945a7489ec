/** log: y = ln x. */
import { div } from '../graph/construct.js';
import { unary } from './pointwise.js';

export const log = unary('log', {
  doc: 'The natural logarithm: -infinity at 0, NaN below.',
  evaluate: Math.log,
  gradient: (b, { x, g }) => div(b, g, x),
});
