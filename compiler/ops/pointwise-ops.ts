/** Which ops work element by element: operands and result have one shape, and order of elements does not matter. */
import type { OpName } from '../graph/graph.js';
import type { BinaryName, UnaryName } from './pointwise.js';

export type PointwiseName = UnaryName | BinaryName | 'select';

const POINTWISE: Readonly<Record<PointwiseName, true>> = {
  neg: true,
  abs: true,
  sign: true,
  exp: true,
  log: true,
  sqrt: true,
  tanh: true,
  sigmoid: true,
  softplus: true,
  elu: true,
  floor: true,
  stop: true,
  add: true,
  sub: true,
  mul: true,
  div: true,
  pow: true,
  maximum: true,
  minimum: true,
  greater: true,
  greater_equal: true,
  equal: true,
  select: true,
};

export function isPointwise(op: OpName): op is PointwiseName {
  return op in POINTWISE;
}
