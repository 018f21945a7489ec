/** stop: the identity, through which no gradient flows. */
import { unary } from './pointwise.js';

export const stop = unary('stop', {
  doc: 'x itself; no gradient flows.',
  evaluate: (x) => x,
});
