/** Tensors that hold one number everywhere. */
import type { GraphBuilder } from '../graph/builder.js';
import type { NodeId } from '../graph/graph.js';

/** The rank-0 node whose number a tensor repeats everywhere: itself when it has rank 0, else what was broadcast. */
export function uniformSource(builder: GraphBuilder, id: NodeId): NodeId | undefined {
  const node = builder.node(id);
  if (node.shape.length === 0) return id;
  return node.op === 'broadcast' ? uniformSource(builder, node.inputs[0]!) : undefined;
}

/** The number, where it is known at compile time. */
export function uniformConstant(builder: GraphBuilder, id: NodeId): number | undefined {
  const source = uniformSource(builder, id);
  if (source === undefined) return undefined;
  const node = builder.node(source);
  return node.op === 'constant' ? node.attributes.value : undefined;
}
