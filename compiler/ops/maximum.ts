/** maximum: where both operands are equal, the gradient goes to the first. */
import { constant, greaterEqual, select } from '../graph/construct.js';
import { binary } from './pointwise.js';

export const maximum = binary('maximum', {
  doc: 'The larger of x and z. Where they are equal the gradient goes to x.',
  evaluate: Math.max,
  gradients: [
    (b, { x, z, g }) => select(b, greaterEqual(b, x, z), g, constant(b, 0)),
    (b, { x, z, g }) => select(b, greaterEqual(b, x, z), constant(b, 0), g),
  ],
});
