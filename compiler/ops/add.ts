/** add: y = x + z. */
import { binary } from './pointwise.js';

export const add = binary('add', {
  doc: 'x + z.',
  evaluate: (x, z) => x + z,
  gradients: [(_b, { g }) => g, (_b, { g }) => g],
});
