/** minimum: where both operands are equal, the gradient goes to the first. */
import { constant, greaterEqual, select } from '../graph/construct.js';
import { binary } from './pointwise.js';

export const minimum = binary('minimum', {
  doc: 'The smaller of x and z. Where they are equal the gradient goes to x.',
  evaluate: Math.min,
  gradients: [
    (b, { x, z, g }) => select(b, greaterEqual(b, z, x), g, constant(b, 0)),
    (b, { x, z, g }) => select(b, greaterEqual(b, z, x), constant(b, 0), g),
  ],
});
