/** div: y = x / z; the derivative in z is -y / z. */
import { div as divide, mul, neg } from '../graph/construct.js';
import { binary } from './pointwise.js';

export const div = binary('div', {
  doc: 'x / z.',
  evaluate: (x, z) => x / z,
  gradients: [(b, { z, g }) => divide(b, g, z), (b, { y, z, g }) => neg(b, divide(b, mul(b, g, y), z))],
});
