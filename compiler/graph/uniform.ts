/** Tensors that hold one number everywhere. */
import type { Node, NodeId } from './graph.js';

/** A graph, or one that is being built. */
export interface Nodes {
  node(id: NodeId): Node;
}

/** The rank-0 node whose number a tensor repeats everywhere: itself when it has rank 0, else what was broadcast. */
export function uniformSource(graph: Nodes, id: NodeId): NodeId | undefined {
  const node = graph.node(id);
  if (node.shape.length === 0) return id;
  return node.op === 'broadcast' ? uniformSource(graph, node.inputs[0]!) : undefined;
}

/** The number, where it is known at compile time. */
export function uniformConstant(graph: Nodes, id: NodeId): number | undefined {
  const source = uniformSource(graph, id);
  if (source === undefined) return undefined;
  const node = graph.node(source);
  return node.op === 'constant' ? node.attributes.value : undefined;
}
