/** Rewriting a graph: every node is emitted anew, through a rule that may emit something else in its place. */
import { GraphBuilder } from './builder.js';
import type { Graph, Node, NodeId } from './graph.js';

/** Emits a node as it is, on inputs of the new graph. */
export function emitNode(builder: GraphBuilder, node: Node, inputs: readonly NodeId[]): NodeId {
  return builder.emit(node.op, inputs, node.attributes);
}

/**
 * `rewrite` is given each node in order, with its inputs in the new graph, and says which new node stands for it.
 * What no output needs any more is dropped; origins are kept. `builder` must be new.
 */
export function rebuild(
  graph: Graph,
  rewrite: (builder: GraphBuilder, node: Node, inputs: readonly NodeId[], id: NodeId) => NodeId = emitNode,
  builder: GraphBuilder = new GraphBuilder(),
): Graph {
  const moved: NodeId[] = [];
  graph.nodes.forEach((node, id) => {
    const inputs = node.inputs.map((input) => moved[input]!);
    moved.push(builder.withOrigin(node.origin, () => rewrite(builder, node, inputs, id)));
  });
  return builder.build(
    graph.name,
    graph.outputs.map((output) => ({ ...output, node: moved[output.node]! })),
  );
}
