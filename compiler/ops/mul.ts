/** mul: y = x * z. */
import { mul as multiply } from '../graph/construct.js';
import { binary } from './pointwise.js';

export const mul = binary('mul', {
  doc: 'x * z.',
  evaluate: (x, z) => x * z,
  gradients: [(b, { z, g }) => multiply(b, g, z), (b, { x, g }) => multiply(b, g, x)],
});
