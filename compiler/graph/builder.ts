/**
 * Builds a graph node by node. Nodes are hash-consed: emitting the same op on the same inputs with the same
 * attributes gives the node that is already there, so common subexpressions never exist twice. Nodes are only ever
 * appended: an id stays valid, and gradients can be taken of what has been built so far.
 */
import { OPS } from '../ops/ops.js';
import type {
  Graph,
  GraphOutput,
  Node,
  NodeId,
  NodeOf,
  OpAttributes,
  OpName,
  Origin,
  Shape,
} from './graph.js';

export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #interned = new Map<string, NodeId>();
  #origin: Origin | undefined;

  /** Nodes emitted inside `body` carry `origin` (unless they exist already). */
  withOrigin<T>(origin: Origin | undefined, body: () => T): T {
    const outer = this.#origin;
    this.#origin = origin;
    try {
      return body();
    } finally {
      this.#origin = outer;
    }
  }

  /** Adds a node, or finds the equal one. Throws GraphError when the op's shape rule refuses. */
  emit<K extends OpName>(op: K, inputs: readonly NodeId[], attributes: OpAttributes[K]): NodeId {
    const key = `${op}(${inputs.join()})${attributeKey(attributes)}`;
    const known = this.#interned.get(key);
    if (known !== undefined) return known;
    const shape = OPS[op].shape(
      inputs.map((id) => this.shape(id)),
      attributes,
    );
    const id = this.#nodes.length;
    const node: NodeOf<K> = { op, inputs, attributes, shape, origin: this.#origin };
    this.#nodes.push(node as unknown as Node);
    this.#interned.set(key, id);
    return id;
  }

  node(id: NodeId): Node {
    const node = this.#nodes[id];
    if (node === undefined) throw new RangeError(`internal: no node ${id}`);
    return node;
  }

  shape(id: NodeId): Shape {
    return this.node(id).shape;
  }

  get size(): number {
    return this.#nodes.length;
  }

  /** The graph of everything the outputs need; other nodes are dropped and ids renumbered. */
  build(name: string, outputs: readonly GraphOutput[]): Graph {
    const needed = new Set<NodeId>(outputs.map((o) => o.node));
    for (let id = this.#nodes.length - 1; id >= 0; id--) {
      if (needed.has(id)) for (const input of this.node(id).inputs) needed.add(input);
    }
    const renumbered = new Map<NodeId, NodeId>();
    const nodes: Node[] = [];
    this.#nodes.forEach((node, id) => {
      if (!needed.has(id)) return;
      renumbered.set(id, nodes.length);
      nodes.push({ ...node, inputs: node.inputs.map((i) => renumbered.get(i)!) });
    });
    return { name, nodes, outputs: outputs.map((o) => ({ ...o, node: renumbered.get(o.node)! })) };
  }
}

/** Keys of attribute objects seen before: passes emit the same objects again and again. */
const KEYS = new WeakMap<object, string>();

/** Equal for equal attributes whatever the order of their keys; tells -0 from 0 and NaN from the infinities. */
export function attributeKey(attributes: OpAttributes[OpName]): string {
  const known = KEYS.get(attributes);
  if (known !== undefined) return known;
  const entries = Object.entries(attributes);
  // Most ops have none, each time as a new object.
  if (entries.length === 0) return '';
  const key = entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value, exactNumber)}`)
    .join();
  KEYS.set(attributes, key);
  return key;
}

function exactNumber(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return Object.is(value, -0) ? '-0' : String(value);
}
