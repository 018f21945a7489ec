/**
 * The part of a graph that moves state number by number: from the nodes that become new state up to the state, the tensors
 * and the numbers that they are computed from, place by place. An optimiser's step is one: up to the gradient.
 */
import type { Graph, Node, NodeId } from '../graph/graph.js';
import { uniformSource } from '../graph/uniform.js';
import { isPointwise, type PointwiseNode } from './fuse.js';

export type UpdateStep =
  | { readonly kind: 'state'; readonly name: string }
  /** Anything else of the state's shape: a gradient. */
  | { readonly kind: 'tensor'; readonly node: NodeId }
  /** One number everywhere: that of the rank-0 node. */
  | { readonly kind: 'number'; readonly node: NodeId }
  | { readonly kind: 'op'; readonly op: PointwiseNode['op']; readonly arguments: readonly number[] };

/** How some state tensors of one shape move: steps in an order in which they can be computed. */
export interface Update {
  readonly steps: readonly UpdateStep[];
  readonly writes: readonly { readonly name: string; readonly step: number }[];
}

export class UpdateRegion {
  readonly graph: Graph;
  readonly #inner = new Set<NodeId>();
  /** The node that becomes the new content of a state. */
  readonly #next = new Map<string, NodeId>();

  constructor(graph: Graph) {
    this.graph = graph;
    for (const { kind, name, node } of graph.outputs) if (kind === 'state') this.#next.set(name, node);
    const isState = (node: Node): boolean => node.op === 'input' && node.attributes.source === 'state';
    const isNumber = (id: NodeId): boolean => this.#numberOf(id) !== undefined;
    const holdsState = this.#holding(isState);
    const holdsTensors = this.#holding((node, id) => !isState(node) && !isPointwise(node) && !isNumber(id));
    const uses: NodeId[][] = graph.nodes.map(() => []);
    graph.nodes.forEach((node, user) => node.inputs.forEach((input) => uses[input]!.push(user)));
    const values = new Set(graph.outputs.flatMap(({ kind, node }) => (kind === 'value' ? [node] : [])));
    const reached = new Set(this.#next.values());
    for (let id = graph.nodes.length - 1; id >= 0; id--) {
      const node = this.#node(id);
      if (!reached.has(id) || !isPointwise(node)) continue;
      const isOwn = !values.has(id) && uses[id]!.every((user) => this.#inner.has(user));
      const ofOne = new Set(node.inputs.filter((input) => !isNumber(input))).size === 1;
      // What others read as well is there anyway, and the two parts of a gradient are best added where they are made.
      // What holds nothing but state, as a new average does that is checked for NaN, is cheaper to make again than to read.
      const ofState = holdsState[id]! && !holdsTensors[id]!;
      if (!ofState && !(isOwn && (holdsState[id]! || ofOne))) continue;
      this.#inner.add(id);
      for (const input of node.inputs) reached.add(input);
    }
  }

  /** What makes the new content of these states, in this order. */
  update(names: readonly string[]): Update {
    const steps: UpdateStep[] = [];
    const known = new Map<NodeId, number>();
    const stepOf = (id: NodeId): number => {
      const before = known.get(id);
      if (before !== undefined) return before;
      const step = this.#step(id, stepOf);
      known.set(id, steps.length);
      return steps.push(step) - 1;
    };
    const writes = names.flatMap((name) => {
      const node = this.#next.get(name);
      return node === undefined ? [] : [{ name, step: stepOf(node) }];
    });
    return { steps, writes };
  }

  #step(id: NodeId, stepOf: (id: NodeId) => number): UpdateStep {
    const node = this.#node(id);
    if (node.op === 'input' && node.attributes.source === 'state')
      return { kind: 'state', name: node.attributes.name };
    const number = this.#numberOf(id);
    if (number !== undefined) return { kind: 'number', node: number };
    if (!isPointwise(node) || !this.#inner.has(id)) return { kind: 'tensor', node: id };
    return { kind: 'op', op: node.op, arguments: node.inputs.map(stepOf) };
  }

  /** Of each node whether something that `leaf` holds for is in it, number by number. */
  #holding(leaf: (node: Node, id: NodeId) => boolean): readonly boolean[] {
    const found: boolean[] = [];
    this.graph.nodes.forEach((node, id) => {
      found.push(leaf(node, id) || (isPointwise(node) && node.inputs.some((input) => found[input])));
    });
    return found;
  }

  #numberOf(id: NodeId): NodeId | undefined {
    return uniformSource({ node: (at) => this.#node(at) }, id);
  }

  #node(id: NodeId): Node {
    return this.graph.nodes[id]!;
  }
}
