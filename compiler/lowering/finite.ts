/** Nothing bad is ever written: the flag that all writes of a phase or of the controller wait for. */
import { add, constant, equal, mul, sub, sum } from '../graph/construct.js';
import type { NodeId } from '../graph/graph.js';
import type { GraphInputs } from './graph-inputs.js';

/** 0 where every element is finite, NaN otherwise: x - x is 0 or NaN. */
export function nonFinite(builder: GraphInputs['builder'], x: NodeId): NodeId {
  const difference = sub(builder, x, x);
  return builder.shape(x).length === 0 ? difference : sum(builder, difference);
}

/** 1 where all `checks` are 0 and no flag has fallen before, else 0. */
export function finiteSoFar(
  inputs: GraphInputs,
  flags: readonly string[],
  checks: readonly { readonly node: NodeId }[],
): NodeId {
  const { builder } = inputs;
  const zero = constant(builder, 0);
  const total = checks.reduce((sum, { node }) => add(builder, sum, node), zero);
  return flags
    .map((flag) => inputs.state(flag, []))
    .reduce((product, flag) => mul(builder, product, flag), equal(builder, total, zero));
}
