/** greater: a mask. */
import { binary } from './pointwise.js';

export const greater = binary('greater', {
  doc: '1 where x > z, else 0; 0 where either is NaN. No gradient flows.',
  evaluate: (x, z) => (x > z ? 1 : 0),
});
