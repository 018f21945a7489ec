/** sub: y = x - z. */
import { neg } from '../graph/construct.js';
import { binary } from './pointwise.js';

export const sub = binary('sub', {
  doc: 'x - z.',
  evaluate: (x, z) => x - z,
  gradients: [(_b, { g }) => g, (b, { g }) => neg(b, g)],
});
