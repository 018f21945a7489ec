/**
 * Decides which values of a graph are stored, and which are computed inside the kernel that reads them.
 *
 * 1. A pointwise value is inlined into its reader unless it is an output, an operand of a contraction or of what
 *    finds its places by indices, a part of a concat that is made in its place or read there, stretched by a broadcast, or
 *    read by several kernels and not cheap to compute again.
 * 2. A concat of channels that only convolutions read is not stored, its parts are.
 * 3. What is stored is an item. Items of one shape that read each other place by place are merged into clusters: a
 *    contraction or reduction with the pointwise items after it (its epilogue), or pointwise items with several
 *    results. A cluster is one kernel; only items that other clusters read get memory.
 *
 * Merging keeps the clusters acyclic: two are not joined when a third lies on a path between them.
 */
import type { Graph, Node, NodeId, NodeOf, OpName, Shape } from '../graph/graph.js';
import { isReadInParts, ofPart } from './joined.js';
import type { Use } from './joined.js';
import type { PointwiseOp } from './kernel.js';
import { NodeSet } from './node-set.js';
import { contiguous, isView, plainStrides, throughNode } from './view.js';
import type { View, ViewNode } from './view.js';

/** Cost of one element, in simple vector instructions. */
export const POINTWISE_COST: Readonly<Record<PointwiseOp, number>> = {
  neg: 1,
  abs: 1,
  sign: 2,
  exp: 20,
  log: 25,
  sqrt: 4,
  tanh: 25,
  sigmoid: 25,
  softplus: 45,
  elu: 20,
  floor: 1,
  add: 1,
  sub: 1,
  mul: 1,
  div: 4,
  pow: 50,
  maximum: 2,
  minimum: 2,
  greater: 1,
  greater_equal: 1,
  equal: 1,
  select: 1,
};

/** Recomputing costs at most this; storing and loading again is about as much. */
const CHEAP = 3;
/** More pointers than this in one kernel would spill. */
const MOST_ACCESSES = 20;

export type PointwiseNode = Extract<Node, { op: PointwiseOp }>;

export function isPointwise(node: Node): node is PointwiseNode {
  return Object.hasOwn(POINTWISE_COST, node.op);
}

export function isContraction(op: OpName): boolean {
  return op === 'dot' || op === 'conv' || op === 'conv_input_gradient' || op === 'conv_filter_gradient';
}

/** Ops whose kernels read their operands from memory wherever they like. */
function readsMemory(op: OpName): boolean {
  return isContraction(op) || op === 'gather' || op === 'scatter' || op === 'argsort';
}

/** A concat whose parts are whole runs of it, so that they can be made where they belong. */
export function joinsInPlace(node: Node): node is NodeOf<'concat'> {
  return node.op === 'concat' && node.shape.slice(0, node.attributes.axis).every((size) => size === 1);
}

/** What is seen has the same elements in the same order. */
export function keepsOrder(view: ViewNode): boolean {
  return view.op === 'reshape' || view.op === 'stop';
}

function isReduction(op: OpName): boolean {
  return op === 'reduce_sum' || op === 'reduce_max';
}

export function elementsOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A value and the views through which it is seen, the one nearest to it first. */
export interface Source {
  readonly root: NodeId;
  readonly chain: readonly ViewNode[];
}

/** What a convolution reads as some of its channels: `id` is a source seen through the views of the joined ones. */
export interface Part extends Source {
  readonly id: NodeId;
  readonly channels: number;
}

/** Values cannot be read as they lie: they must be stored first and the plan made again. */
export class NeedsStorage extends Error {
  readonly nodes: readonly NodeId[];

  constructor(...nodes: readonly NodeId[]) {
    super(`internal: nodes ${nodes.join(', ')} must be stored`);
    this.nodes = nodes;
  }
}

/**
 * Does something for each member, and finds all values that must be stored for it rather than the first one: a deep network
 * has one in every layer of a kind, and each attempt plans the whole graph. Throws NeedsStorage.
 */
export function forEachStoring<T>(members: readonly T[], act: (member: T) => void): void {
  const found = new Set<NodeId>();
  for (const member of members) {
    try {
      act(member);
    } catch (error) {
      if (!(error instanceof NeedsStorage)) throw error;
      for (const node of error.nodes) found.add(node);
    }
  }
  if (found.size > 0) throw new NeedsStorage(...found);
}

export interface Cluster {
  readonly items: NodeId[];
  readonly shape: Shape;
  /** The contraction, reduction, pad or concat in it. */
  anchor: NodeId | undefined;
  /** The items of every cluster that this one depends on, over any number of steps. */
  readonly ancestors: NodeSet;
}

/** A graph whose outputs are all nodes of their own, and what must be stored. */
export class Fusion {
  readonly nodes: readonly Node[];
  readonly outputs: Graph['outputs'];
  readonly clusters: Cluster[] = [];
  readonly #forced: ReadonlySet<NodeId>;
  readonly #outputNodes: ReadonlySet<NodeId>;
  readonly #stored = new Set<NodeId>();
  /** Concats that are read in parts. */
  readonly #joined = new Set<NodeId>();
  readonly #clusterOf = new Map<NodeId, Cluster>();
  readonly #reads = new Map<NodeId, ReadonlyMap<NodeId, boolean>>();
  readonly #ids: ReadonlyMap<Node, NodeId>;
  readonly #sources = new Map<NodeId, Source>();

  /** `forced` are nodes found unreadable where they lie by earlier attempts. */
  constructor(graph: Graph, forced: ReadonlySet<NodeId>) {
    const { nodes, outputs } = withOwnOutputs(graph);
    this.nodes = nodes;
    this.outputs = outputs;
    this.#outputNodes = new Set(outputs.map((output) => output.node));
    this.#forced = forced;
    this.#ids = new Map(nodes.map((node, id) => [node, id]));
    this.#decideStorage();
    this.#makeClusters();
  }

  node(id: NodeId): Node {
    return this.nodes[id]!;
  }

  idOf(node: Node): NodeId {
    return this.#ids.get(node)!;
  }

  /** What `id` is a view of. */
  source(id: NodeId): Source {
    const known = this.#sources.get(id);
    if (known !== undefined) return known;
    const chain: ViewNode[] = [];
    let root = id;
    for (let node = this.node(root); isView(node) && !this.#ownsStorage(root); node = this.node(root)) {
      chain.unshift(node);
      root = node.inputs[0]!;
    }
    const source = { root, chain };
    this.#sources.set(id, source);
    return source;
  }

  /** Written by a kernel as a value of its own (which memory it needs is decided by who reads it). */
  isItem(id: NodeId): boolean {
    return this.#stored.has(id);
  }

  clusterOf(item: NodeId): Cluster {
    return this.#clusterOf.get(item)!;
  }

  /** The items and inputs an item reads; true where every read is place by place. */
  reads(item: NodeId): ReadonlyMap<NodeId, boolean> {
    return this.#reads.get(item)!;
  }

  /** How a source's elements lie in the contiguous buffer of its root. Throws NeedsStorage where strides cannot say. */
  view(root: NodeId, chain: readonly ViewNode[]): View {
    let view = contiguous(this.node(root).shape);
    for (const node of chain) {
      const next = throughNode(view, node);
      if (next === undefined) throw new NeedsStorage(node.inputs[0]!);
      view = next;
    }
    return view;
  }

  /** Every (leaf, chain) that computing `id` seen through `chain` reads; leaves are items, inputs. */
  leaves(
    id: NodeId,
    chain: readonly ViewNode[],
    visit: (leaf: NodeId, chain: readonly ViewNode[]) => void,
  ): void {
    const source = this.source(id);
    const whole = source.chain.length === 0 ? chain : [...source.chain, ...chain];
    const node = this.node(source.root);
    if (node.op === 'constant' && !this.isItem(source.root)) return;
    if (node.op === 'input' || this.isItem(source.root)) visit(source.root, whole);
    else if (this.#joined.has(source.root))
      for (const part of this.parts(id)) this.leaves(part.root, part.chain, visit);
    else for (const input of node.inputs) this.leaves(input, whole, visit);
  }

  /** Where the channels of `id` lie: side by side, or those of each part of a joined concat for themselves. */
  parts(id: NodeId): readonly Part[] {
    const { root, chain } = this.source(id);
    const joined = this.node(root);
    const all = joined.shape.at(-1)!;
    if (!this.#joined.has(root)) return [{ id, root, chain, channels: this.node(id).shape.at(-1)! }];
    return joined.inputs.map((input) => {
      const part = this.source(input);
      const channels = this.node(input).shape.at(-1)!;
      const seen = chain.map((view) => ofPart(view, all, channels)!);
      return { id: input, root: part.root, chain: [...part.chain, ...seen], channels };
    });
  }

  #ownsStorage(id: NodeId): boolean {
    return this.#forced.has(id) || this.#outputNodes.has(id);
  }

  #decideStorage(): void {
    const needed = neededNodes(this.nodes, this.#outputNodes);
    const uses: Use[][] = this.nodes.map(() => []);
    this.nodes.forEach((node, user) => {
      if (!needed.has(user)) return;
      if (isView(node) && !this.#ownsStorage(user)) return;
      node.inputs.forEach((input, operand) => {
        const { root, chain } = this.source(input);
        uses[root]!.push({ user, operand, chain });
      });
    });
    for (const id of needed)
      if (!this.#ownsStorage(id) && isReadInParts(this.nodes, id, uses[id]!)) this.#joined.add(id);
    const feedsMemory = (id: NodeId): boolean =>
      uses[id]!.some(({ user, chain }) => {
        const reader = this.node(user);
        if (readsMemory(reader.op) || this.#joined.has(user)) return true;
        return joinsInPlace(reader) && !this.#outputNodes.has(user) && chain.every(keepsOrder);
      });
    const recompute = this.#recomputeCosts((id) => uses[id]!.length > 1, feedsMemory);

    /** The items that would compute an inlined value. */
    const evaluators = new Map<NodeId, ReadonlySet<NodeId>>();
    for (let id = this.nodes.length - 1; id >= 0; id--) {
      const node = this.node(id);
      if (node.op === 'input' || !needed.has(id)) continue;
      const own = this.#ownsStorage(id);
      if ((isView(node) && !own) || this.#joined.has(id)) continue;
      if (node.op === 'constant') {
        if (own || feedsMemory(id)) this.#stored.add(id);
        continue;
      }
      if (own || !isPointwise(node) || feedsMemory(id)) {
        this.#stored.add(id);
        continue;
      }
      const readers = new Set<NodeId>();
      for (const { user } of uses[id]!) {
        if (this.#stored.has(user)) readers.add(user);
        else for (const item of evaluators.get(user)!) readers.add(item);
      }
      const grows = uses[id]!.some(
        ({ chain }) => chain.length > 0 && elementsOf(chain.at(-1)!.shape) > elementsOf(node.shape),
      );
      const first = uses[id]![0]!.chain;
      const oneReader =
        readers.size === 1 &&
        uses[id]!.every(
          ({ chain }) => chain.length === first.length && chain.every((c, i) => c === first[i]),
        );
      const { cost, leaves } = recompute[id]!;
      const cheap = cost <= CHEAP && leaves.size <= 1;
      if (grows || !(oneReader || cheap)) this.#stored.add(id);
      else evaluators.set(id, readers);
    }
  }

  #recomputeCosts(
    isShared: (id: NodeId) => boolean,
    feedsMemory: (id: NodeId) => boolean,
  ): { cost: number; leaves: ReadonlySet<NodeId> }[] {
    const costs: { cost: number; leaves: ReadonlySet<NodeId> }[] = [];
    const kept: boolean[] = [];
    this.nodes.forEach((node, id) => {
      if (!isPointwise(node)) {
        kept.push(true);
        costs.push({ cost: 0, leaves: new Set() });
        return;
      }
      let cost = POINTWISE_COST[node.op];
      const leaves = new Set<NodeId>();
      for (const input of node.inputs) {
        const { root } = this.source(input);
        if (kept[root] === true) {
          if (elementsOf(this.node(root).shape) > 1 && leaves.size < 3) leaves.add(root);
          continue;
        }
        cost += costs[root]!.cost;
        for (const leaf of costs[root]!.leaves) if (leaves.size < 3) leaves.add(leaf);
      }
      kept.push((isShared(id) && cost > CHEAP) || this.#ownsStorage(id) || feedsMemory(id));
      costs.push({ cost, leaves });
    });
    return costs;
  }

  #makeClusters(): void {
    forEachStoring(
      [...this.nodes.keys()].filter((id) => this.isItem(id)),
      (id) => this.#makeCluster(id),
    );
  }

  /** A cluster of one item, merged at once with those of the items that it reads. */
  #makeCluster(id: NodeId): void {
    const node = this.node(id);
    const reads = new Map<NodeId, boolean>();
    const noteRead = (leaf: NodeId, chain: readonly ViewNode[]): void => {
      reads.set(leaf, (reads.get(leaf) ?? true) && chain.length === 0);
    };
    for (const input of node.inputs) this.leaves(input, isView(node) ? [node] : [], noteRead);
    this.#reads.set(id, reads);
    const ancestors = new NodeSet(this.nodes.length);
    for (const leaf of reads.keys()) {
      const producer = this.#clusterOf.get(leaf);
      if (producer === undefined) continue;
      ancestors.include(producer.ancestors);
      for (const item of producer.items) ancestors.add(item);
    }
    const cluster: Cluster = {
      items: [id],
      shape: node.shape,
      ancestors,
      anchor: isPointwise(node) || isView(node) || node.op === 'constant' ? undefined : id,
    };
    this.clusters.push(cluster);
    this.#clusterOf.set(id, cluster);
    if (!isPointwise(node)) return;
    const producers = [...reads.keys()].filter((leaf) => this.isItem(leaf)).sort((a, b) => b - a);
    for (const producer of producers) this.#merge(this.#clusterOf.get(producer)!, this.#clusterOf.get(id)!);
  }

  #merge(earlier: Cluster, later: Cluster): void {
    if (earlier === later || !sameShape(earlier.shape, later.shape)) return;
    const anchors = [earlier.anchor, later.anchor].filter((anchor) => anchor !== undefined);
    if (anchors.length > 1) return;
    const anchor = anchors[0];
    if (anchor !== undefined && !this.#takesEpilogue(anchor)) return;
    for (const [from, to] of [
      [earlier, later],
      [later, earlier],
    ] as const) {
      for (const item of from.items) {
        for (const [leaf, inPlace] of this.reads(item)) {
          if (this.#clusterOf.get(leaf) === to && (!inPlace || item === anchor)) return;
        }
      }
      if (this.#detour(from, to)) return;
    }
    // A cluster that depends on one item of another depends on all of them.
    const [someEarlier, someLater] = [earlier.items[0]!, later.items[0]!];
    const items = [...earlier.items, ...later.items].sort((a, b) => a - b);
    const leaves = new Set(items.flatMap((item) => (item === anchor ? [] : [...this.reads(item).keys()])));
    if (leaves.size + items.length > MOST_ACCESSES) return;
    if (anchor !== undefined && isContraction(this.node(anchor).op)) {
      for (const item of items) {
        if (item !== anchor && !this.#readsPlainly(item)) return;
      }
    }
    earlier.items.splice(0, earlier.items.length, ...items);
    earlier.anchor = anchor;
    for (const item of items) this.#clusterOf.set(item, earlier);
    this.clusters.splice(this.clusters.indexOf(later), 1);
    const own = new NodeSet(this.nodes.length);
    for (const item of items) own.add(item);
    earlier.ancestors.include(later.ancestors);
    earlier.ancestors.exclude(own);
    // Whoever depended on one of the two now depends on both, and on all they depend on.
    own.include(earlier.ancestors);
    for (const cluster of this.clusters) {
      if (cluster === earlier) continue;
      if (cluster.ancestors.has(someEarlier) || cluster.ancestors.has(someLater))
        cluster.ancestors.include(own);
    }
  }

  #takesEpilogue(anchor: NodeId): boolean {
    const { op } = this.node(anchor);
    return isContraction(op) || isReduction(op);
  }

  /** Every operand has one stride per axis, so that a tile's part of it is found by its corner. */
  #readsPlainly(item: NodeId): boolean {
    let plain = true;
    for (const input of this.node(item).inputs) {
      this.leaves(input, [], (leaf, chain) => {
        if (plainStrides(this.view(leaf, chain)) === undefined) plain = false;
      });
    }
    return plain;
  }

  /** True if `to` depends on `from` through a third cluster. */
  #detour(from: Cluster, to: Cluster): boolean {
    for (const item of to.items) {
      for (const leaf of this.reads(item).keys()) {
        const between = this.#clusterOf.get(leaf);
        if (between === undefined || between === from || between === to) continue;
        if (between.ancestors.has(from.items[0]!)) return true;
      }
    }
    return false;
  }
}

function neededNodes(nodes: readonly Node[], outputs: ReadonlySet<NodeId>): Set<NodeId> {
  const needed = new Set(outputs);
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (needed.has(id)) for (const input of nodes[id]!.inputs) needed.add(input);
  }
  return needed;
}

/** Gives each output a node of its own that a kernel can write: a copy where it is an input, a view or taken already. */
function withOwnOutputs(graph: Graph): { nodes: Node[]; outputs: Graph['outputs'] } {
  const nodes = [...graph.nodes];
  const taken = new Set<NodeId>();
  const outputs = graph.outputs.map((output) => {
    const node = nodes[output.node]!;
    const needsCopy = taken.has(output.node) || node.op === 'input' || isView(node);
    if (!needsCopy) {
      taken.add(output.node);
      return output;
    }
    nodes.push({ op: 'stop', inputs: [output.node], attributes: {}, shape: node.shape, origin: node.origin });
    return { ...output, node: nodes.length - 1 };
  });
  return { nodes, outputs };
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
