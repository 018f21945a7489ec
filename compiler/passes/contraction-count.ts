/** The nodes that cost: products of matrices and convolutions. */
import type { Graph, OpName } from '../graph/graph.js';

const CONTRACTIONS: ReadonlySet<OpName> = new Set<OpName>([
  'dot',
  'conv',
  'conv_input_gradient',
  'conv_filter_gradient',
]);

export function isContraction(op: OpName): boolean {
  return CONTRACTIONS.has(op);
}

/** How many contractions a graph computes. */
export function contractionCount(graph: Graph): number {
  return graph.nodes.filter(({ op }) => isContraction(op)).length;
}
