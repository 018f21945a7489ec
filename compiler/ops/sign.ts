/** sign: -1, 0 or 1. */
import { unary } from './pointwise.js';

export const sign = unary('sign', {
  doc: '-1, 0 or 1 as x is below, equal to or above 0. No gradient flows.',
  evaluate: Math.sign,
});
