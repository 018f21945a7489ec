/** floor: the largest whole number not above x. */
import { unary } from './pointwise.js';

export const floor = unary('floor', {
  doc: 'The largest whole number not above x. No gradient flows.',
  evaluate: Math.floor,
});
