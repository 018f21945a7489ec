/** Common subexpressions: the builder shares equal nodes; here also those that differ in the order of a sum or product. */
import type { Graph, OpName } from '../graph/graph.js';
import { emitNode, rebuild } from '../graph/rebuild.js';

/** Ops whose result has the same bits for either order of the operands. */
const COMMUTATIVE: ReadonlySet<OpName> = new Set<OpName>(['add', 'mul', 'maximum', 'minimum', 'equal']);

export function eliminateCommonSubexpressions(graph: Graph): Graph {
  const seen = new Map<string, readonly number[]>();
  return rebuild(graph, (builder, node, inputs) => {
    if (!COMMUTATIVE.has(node.op)) return emitNode(builder, node, inputs);
    // The order that stands first in the graph is kept, since others may look for `product + bias`.
    const key = `${node.op} ${[...inputs].sort((a, b) => a - b).join()}`;
    const order = seen.get(key) ?? inputs;
    seen.set(key, order);
    return emitNode(builder, node, order);
  });
}
