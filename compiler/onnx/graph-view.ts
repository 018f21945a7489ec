/** A graph as patterns look at it: nodes by what they are, and whether anything else reads them. */
import type { Graph, Node, NodeId, NodeOf, OpName, Shape } from '../graph/graph.js';
import { sameShape } from '../ops/shape-checks.js';

export class GraphView {
  readonly graph: Graph;
  readonly #readers: readonly number[];

  constructor(graph: Graph) {
    this.graph = graph;
    const readers = graph.nodes.map(() => 0);
    for (const { inputs } of graph.nodes) for (const input of new Set(inputs)) readers[input]! += 1;
    // What is an output is needed for itself.
    for (const { node } of graph.outputs) readers[node]! += 2;
    this.#readers = readers;
  }

  node(id: NodeId): Node {
    return this.graph.nodes[id]!;
  }

  shape(id: NodeId): Shape {
    return this.node(id).shape;
  }

  /** The node where it is this op. */
  op<K extends OpName>(id: NodeId | undefined, op: K): NodeOf<K> | undefined {
    if (id === undefined) return undefined;
    const node = this.node(id);
    return node.op === op ? (node as unknown as NodeOf<K>) : undefined;
  }

  /** The node where it is this op, and only one node reads it: what that one may do in its stead. */
  inner<K extends OpName>(id: NodeId | undefined, op: K): NodeOf<K> | undefined {
    return id !== undefined && this.#readers[id] === 1 ? this.op(id, op) : undefined;
  }

  /** The number that a tensor is filled with. */
  number(id: NodeId | undefined): number | undefined {
    const constant = this.op(id, 'constant');
    if (constant !== undefined) return constant.attributes.value;
    const [of] = this.op(id, 'broadcast')?.inputs ?? [];
    return of === undefined ? undefined : this.number(of);
  }

  /** The list that a tensor repeats along all axes but its last: one number per channel. */
  perChannel(id: NodeId | undefined): NodeId | undefined {
    const stretched = this.op(id, 'broadcast');
    if (stretched === undefined) return undefined;
    const [of] = stretched.inputs as [NodeId];
    const last = stretched.shape.length - 1;
    const fits =
      stretched.attributes.axes.join() === String(last) && this.shape(of)[0] === stretched.shape[last];
    return fits ? of : undefined;
  }

  /** What a tensor repeats along its last axis. */
  overLast(id: NodeId | undefined): NodeId | undefined {
    const stretched = this.op(id, 'broadcast');
    if (stretched === undefined) return undefined;
    const [of] = stretched.inputs as [NodeId];
    const fits =
      stretched.attributes.axes.every((axis, i) => axis === i) &&
      sameShape(this.shape(of), stretched.shape.slice(0, -1));
    return fits ? of : undefined;
  }
}
