/** Reverse-mode differentiation: appends the nodes of the gradients to the builder that holds the function. */
import type { GraphBuilder } from '../graph/builder.js';
import { constant, fillLike } from '../graph/construct.js';
import type { NodeId, OpName } from '../graph/graph.js';
import { noGradient } from '../ops/no-gradient.js';
import { GraphError, type GradientContext } from '../ops/op.js';
import { OPS } from '../ops/ops.js';
import { showShape } from '../ops/shape-checks.js';
import { behind, multiplied, total, type Cotangent } from './cotangent.js';

/**
 * The gradients of the rank-0 node `of` in each of `wrt`, of the shapes of `wrt`; zeros where `of` does not depend
 * on it. Only nodes between `wrt` and `of` are visited. The result is made of ordinary nodes and can be
 * differentiated again. Throws GraphError where `of` is not of rank 0.
 */
export function gradient(builder: GraphBuilder, of: NodeId, wrt: readonly NodeId[]): NodeId[] {
  const shape = builder.shape(of);
  if (shape.length !== 0) {
    throw new GraphError(
      `gradient: can be taken of a single number, node ${of} has shape ${showShape(shape)}`,
    );
  }
  const depends = dependents(builder, of, wrt);
  const terms = new Map<NodeId, Cotangent[]>();
  const send = (to: NodeId, cotangent: Cotangent): void => {
    const list = terms.get(to);
    if (list === undefined) terms.set(to, [cotangent]);
    else list.push(cotangent);
  };
  if (depends.has(of)) send(of, { sign: 1, factors: [], tensor: constant(builder, 1) });

  const results = new Map<NodeId, NodeId>();
  const first = wrt.reduce((least, id) => Math.min(least, id), of);
  for (let id = of; id >= first; id--) {
    const received = terms.get(id);
    if (received === undefined) continue;
    terms.delete(id);
    const cotangent = total(builder, received);
    if (wrt.includes(id)) results.set(id, multiplied(builder, cotangent));
    const node = builder.node(id);
    const wanted = node.inputs.map((input) => depends.has(input));
    if (!wanted.includes(true)) continue;
    const gradients = builder.withOrigin(node.origin, () =>
      ruleOf(node.op)({
        builder,
        inputs: node.inputs,
        output: id,
        attributes: node.attributes,
        cotangent: cotangent.tensor,
        wanted,
      }),
    );
    node.inputs.forEach((input, i) => {
      const result = gradients[i];
      if (result !== undefined && wanted[i] === true) send(input, behind(builder, cotangent, result));
    });
  }
  return wrt.map((id) => results.get(id) ?? fillLike(builder, id, 0));
}

/** The nodes up to `of` through which a change of `wrt` can reach it: `wrt` itself and what gradient flows through. */
function dependents(builder: GraphBuilder, of: NodeId, wrt: readonly NodeId[]): ReadonlySet<NodeId> {
  const ancestors = new Set<NodeId>([of]);
  for (let id = of; id >= 0; id--) {
    if (ancestors.has(id)) for (const input of builder.node(id).inputs) ancestors.add(input);
  }
  const reached = new Set<NodeId>(wrt.filter((id) => ancestors.has(id)));
  for (let id = 0; id <= of; id++) {
    if (!ancestors.has(id)) continue;
    const node = builder.node(id);
    if (OPS[node.op].gradient !== noGradient && node.inputs.some((input) => reached.has(input)))
      reached.add(id);
  }
  return reached;
}

type AnyRule = (context: GradientContext<OpName>) => readonly (NodeId | undefined)[];

/** A node's attributes belong to its op, which the union of all ops cannot say. */
function ruleOf(op: OpName): AnyRule {
  return OPS[op].gradient as AnyRule;
}
