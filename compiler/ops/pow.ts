/**
 * pow: y = x^z. Exponents known at compile time get the school rule, without a power where none is needed (the
 * square of a gradient penalty stays exact at 0); others are masked where z = 0, since 0 * x^-1 is NaN at x = 0.
 */
import {
  constant,
  equal,
  fillLike,
  greater,
  log,
  mul,
  pow as power,
  scale,
  select,
  shift,
} from '../graph/construct.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { NodeId } from '../graph/graph.js';
import { binary } from './pointwise.js';

/** The value of a node that is one constant everywhere. */
function constantValue(b: GraphBuilder, id: NodeId): number | undefined {
  const node = b.node(id);
  if (node.op === 'constant') return node.attributes.value;
  return node.op === 'broadcast' ? constantValue(b, node.inputs[0]!) : undefined;
}

export const pow = binary('pow', {
  doc: 'x to the power of z; 1 where z is 0. NaN where x is below 0 and z is not a whole number.',
  evaluate: Math.pow,
  gradients: [
    (b, { x, z, g }) => {
      const exponent = constantValue(b, z);
      if (exponent === 0) return fillLike(b, x, 0);
      if (exponent === 1) return g;
      if (exponent === 2) return scale(b, mul(b, g, x), 2);
      if (exponent !== undefined) {
        return scale(b, mul(b, g, power(b, x, constant(b, exponent - 1))), exponent);
      }
      const isZero = equal(b, z, constant(b, 0));
      const lowered = power(b, x, shift(b, z, -1));
      return mul(b, g, select(b, isZero, constant(b, 0), mul(b, z, lowered)));
    },
    (b, { x, y, g }) => {
      const isPositive = greater(b, x, constant(b, 0));
      const logarithm = log(b, select(b, isPositive, x, constant(b, 1)));
      return mul(b, g, select(b, isPositive, mul(b, y, logarithm), constant(b, 0)));
    },
  ],
});
