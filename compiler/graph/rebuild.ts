/** Rewriting a graph: every node is emitted anew, through a rule that may emit something else in its place. */
import { GraphBuilder } from './builder.js';
import type { Graph, Node, NodeId } from './graph.js';

/** Emits a node as it is, on inputs of the new graph. */
export function emitNode(builder: GraphBuilder, node: Node, inputs: readonly NodeId[]): NodeId {
  return builder.emit(node.op, inputs, node.attributes);
}

/** Gives, for a node of the old graph with its inputs in the new one, the new node that stands for it. */
type Rewrite = (builder: GraphBuilder, node: Node, inputs: readonly NodeId[], id: NodeId) => NodeId;

/** Emits all nodes of a graph in order, with their origins, and gives the new one of each. */
export function emitAll(builder: GraphBuilder, graph: Graph, rewrite: Rewrite = emitNode): readonly NodeId[] {
  const moved: NodeId[] = [];
  graph.nodes.forEach((node, id) => {
    const inputs = node.inputs.map((input) => moved[input]!);
    moved.push(builder.withOrigin(node.origin, () => rewrite(builder, node, inputs, id)));
  });
  return moved;
}

/** The graph with every node as `rewrite` has it. What no output needs any more is dropped. `builder` must be new. */
export function rebuild(
  graph: Graph,
  rewrite: Rewrite = emitNode,
  builder: GraphBuilder = new GraphBuilder(),
): Graph {
  const moved = emitAll(builder, graph, rewrite);
  return builder.build(
    graph.name,
    graph.outputs.map((output) => ({ ...output, node: moved[output.node]! })),
  );
}
