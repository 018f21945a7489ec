/** Nodes whose tensors may take another form than the graph says, because all their readers can do with it. */
import type { Graph, Node, NodeId, OpAttributes, OpName, Shape } from './graph.js';

/** Ops whose kernels, of tfjs as of TensorFlow, stretch axes of size 1 themselves. */
const STRETCHING_OPS: ReadonlySet<OpName> = new Set<OpName>([
  'add',
  'sub',
  'mul',
  'div',
  'maximum',
  'minimum',
]);

const COMPARISON_OPS = ['greater', 'greater_equal', 'equal'] as const satisfies readonly OpName[];

/** Ops that kernels answer with bools, where the graph has 0 and 1. */
export type ComparisonOp = (typeof COMPARISON_OPS)[number];

const COMPARING_OPS: ReadonlySet<OpName> = new Set<OpName>(COMPARISON_OPS);

export function isComparison(node: Node): node is Extract<Node, { op: ComparisonOp }> {
  return COMPARING_OPS.has(node.op);
}

/**
 * Broadcasts that need not be laid out because every reader stretches axes of size 1 itself and has another operand
 * of the full shape.
 */
export function unstretchedBroadcasts(graph: Graph): Set<NodeId> {
  const unstretched = new Set<NodeId>();
  forEachInner(graph, (node, id, readers) => {
    if (node.op !== 'broadcast') return;
    const readsFullOperand = ({ op, inputs }: Node): boolean =>
      STRETCHING_OPS.has(op) && inputs.some((other) => other !== id && !unstretched.has(other));
    if (readers.every(readsFullOperand)) unstretched.add(id);
  });
  return unstretched;
}

/** The shape a broadcast operand has before its axes are stretched: ones where the output has new axes. */
export function unstretchedShape(input: Shape, { shape, axes }: OpAttributes['broadcast']): number[] {
  const result = shape.map(() => 1);
  axes.forEach((axis, i) => (result[axis] = input[i]!));
  return result;
}

/** Comparisons that only serve as masks of selections: they may stay the bools that kernels compare to. */
export function booleanMasks(graph: Graph): Set<NodeId> {
  const masks = new Set<NodeId>();
  forEachInner(graph, (node, id, readers) => {
    if (!isComparison(node)) return;
    const isMask = ({ op, inputs }: Node): boolean => op === 'select' && inputs.lastIndexOf(id) === 0;
    if (readers.every(isMask)) masks.add(id);
  });
  return masks;
}

/** Visits, in order, the nodes that are not outputs, with all nodes that read them. */
function forEachInner(graph: Graph, visit: (node: Node, id: NodeId, readers: readonly Node[]) => void): void {
  const readers: Node[][] = graph.nodes.map(() => []);
  for (const node of graph.nodes) for (const input of new Set(node.inputs)) readers[input]!.push(node);
  const outputs = new Set(graph.outputs.map((output) => output.node));
  graph.nodes.forEach((node, id) => {
    if (!outputs.has(id)) visit(node, id, readers[id]!);
  });
}
