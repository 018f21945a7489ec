/**
 * Finds nodes that do the same thing to different batches. A lane is everything one application of a network does to
 * its batch; D(x) and D(G(z)) are two lanes, and so are the gradients that flow back through them.
 *
 * Lanes begin at roots: contractions with one weight, of which at least one reads something no contraction has
 * touched (the data x), and that do not depend on each other. From there they spread through row-wise ops: a node is
 * in the lane of what it reads. Nodes of different lanes are congruent when they have the same op, attributes and
 * shape, read congruent nodes, and share what does not depend on a batch (weights, biases, schedules). Where a network
 * reads another's output (D reads G's) the later root decides.
 */
import { attributeKey } from '../graph/builder.js';
import type { Graph, Node, NodeId, Shape } from '../graph/graph.js';
import { isRowWise, isSharedContraction, sharedOperand } from './row-wise.js';

/** Congruent nodes, one of each lane, in the order in which their rows are joined. */
export type LaneGroup = readonly NodeId[];

interface Bucket {
  readonly members: NodeId[];
  /** Where lanes begin; empty where every member reads what another contraction made. */
  readonly roots: Set<NodeId>;
  /** Networks that read others' outputs have a higher level. */
  level: number;
}

interface Placed {
  /** Congruent nodes of all lanes have the same class. */
  readonly class: string;
  readonly root: Bucket;
  readonly lane: number;
}

export function findLaneGroups(graph: Graph): LaneGroup[] {
  const derived = derivedFromContractions(graph);
  const buckets = contractionBuckets(graph, derived);
  const levels = assignLevels(graph, derived, buckets);
  const placed = place(graph, derived, buckets, levels);
  return groupByClass(graph, placed, new Set(buckets.values()));
}

const inputShape = (graph: Graph, node: Node): Shape => graph.nodes[node.inputs[0] ?? -1]?.shape ?? [];

/** What a node reads row by row. */
const rowOperands = ({ op, inputs }: Node): NodeId[] =>
  inputs.filter((_, position) => position !== sharedOperand(op));

function dependsOnFeed(graph: Graph): boolean[] {
  const depends: boolean[] = [];
  for (const node of graph.nodes) {
    depends.push(
      node.op === 'input' ? node.attributes.source === 'feed' : node.inputs.some((input) => depends[input]),
    );
  }
  return depends;
}

/** Contractions of batches, and what row-wise ops make of their results. */
function derivedFromContractions(graph: Graph): { isDerived: boolean[]; isBatch: boolean[] } {
  const isBatch = dependsOnFeed(graph);
  const isDerived: boolean[] = [];
  graph.nodes.forEach((node, id) => {
    isDerived.push(
      isBatch[id]! &&
        isRowWise(node, inputShape(graph, node)) &&
        (isSharedContraction(node.op) || rowOperands(node).some((input) => isDerived[input])),
    );
  });
  return { isDerived, isBatch };
}

type Derived = ReturnType<typeof derivedFromContractions>;

/** Contractions that differ only in the rows they read, with the roots of lanes among them. */
function contractionBuckets(graph: Graph, { isDerived }: Derived): ReadonlyMap<NodeId, Bucket> {
  const byKey = new Map<string, Bucket>();
  const bucketOf = new Map<NodeId, Bucket>();
  graph.nodes.forEach((node, id) => {
    if (!isDerived[id] || !isSharedContraction(node.op)) return;
    const key = `${describe(node)} ${inputShape(graph, node).join()} ${node.inputs[1]!}`;
    const bucket = byKey.get(key) ?? { members: [], roots: new Set(), level: 0 };
    byKey.set(key, bucket);
    bucket.members.push(id);
    bucketOf.set(id, bucket);
  });
  for (const bucket of byKey.values()) {
    if (bucket.members.every((id) => isDerived[graph.nodes[id]!.inputs[0]!])) continue;
    for (const id of bucket.members) {
      if (!dependsOnAny(graph, id, bucket.roots)) bucket.roots.add(id);
    }
  }
  return bucketOf;
}

function dependsOnAny(graph: Graph, id: NodeId, targets: ReadonlySet<NodeId>): boolean {
  const least = Math.min(...targets);
  const seen = new Set<NodeId>();
  const pending = [...graph.nodes[id]!.inputs];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (targets.has(next)) return true;
    if (next < least || seen.has(next)) continue;
    seen.add(next);
    pending.push(...graph.nodes[next]!.inputs);
  }
  return false;
}

/** The level of each derived node: that of the last network it went through. */
function assignLevels(
  graph: Graph,
  { isDerived }: Derived,
  buckets: ReadonlyMap<NodeId, Bucket>,
): readonly number[] {
  const levels = graph.nodes.map(() => 0);
  // A root's level rises when a later member reads a higher one. Two networks that each read the other (F(G(x)) beside
  // G(F(y))) would rise for ever; there the rounds run out, and what is then not of one level is not placed.
  const rounds = new Set(buckets.values()).size + 2;
  for (let round = 0, changed = true; changed && round < rounds; round++) {
    changed = false;
    graph.nodes.forEach((node, id) => {
      if (!isDerived[id]) return;
      const read = Math.max(...node.inputs.map((input) => levels[input]!));
      const bucket = buckets.get(id);
      const isRoot = bucket?.roots.has(id) === true;
      if (isRoot) bucket.level = Math.max(bucket.level, read + 1);
      const level = isRoot ? bucket.level : read;
      if (levels[id] !== level) changed = true;
      levels[id] = level;
    });
  }
  return levels;
}

/** Class and lane of every derived node; nodes that mix lanes have none. */
function place(
  graph: Graph,
  { isDerived, isBatch }: Derived,
  buckets: ReadonlyMap<NodeId, Bucket>,
  levels: readonly number[],
): ReadonlyMap<NodeId, Placed> {
  const placed = new Map<NodeId, Placed>();
  // Classes are numbered, because their descriptions contain those of what they read and would grow without bound.
  const classNames = new Map<string, string>();
  const className = (description: string): string => {
    const known = classNames.get(description) ?? `class ${classNames.size}`;
    classNames.set(description, known);
    return known;
  };
  const bucketNumber = new Map([...new Set(buckets.values())].map((bucket, i) => [bucket, i]));

  graph.nodes.forEach((node, id) => {
    if (!isDerived[id]) return;
    const bucket = buckets.get(id);
    if (bucket?.roots.has(id) === true) {
      const lane = [...bucket.roots].indexOf(id);
      placed.set(id, { class: className(`root ${bucketNumber.get(bucket)!}`), root: bucket, lane });
      return;
    }
    // The lane is that of the operands which came through the last network.
    const leading = rowOperands(node).filter((input) => isDerived[input] && levels[input] === levels[id]);
    const lanes = leading.map((input) => placed.get(input));
    const [first] = lanes;
    if (first === undefined) return;
    const { root, lane } = first;
    if (lanes.some((other) => other === undefined || (other.root === root && other.lane !== lane))) return;
    const operands = node.inputs.map((input, position) => {
      if (position === sharedOperand(node.op)) return `shared ${input}`;
      const operand = placed.get(input);
      if (operand?.root === root) return operand.class;
      return isBatch[input] ? `rows ${graph.nodes[input]!.shape.join()}` : `node ${input}`;
    });
    placed.set(id, { class: className(`${describe(node)} of ${operands.join(' and ')}`), root, lane });
  });
  return placed;
}

function groupByClass(
  graph: Graph,
  placed: ReadonlyMap<NodeId, Placed>,
  buckets: ReadonlySet<Bucket>,
): LaneGroup[] {
  // The order of lanes: those that come out of one network stay together and in its order.
  const rank = new Map<Bucket, number[]>();
  const number = new Map<Bucket, number>();
  for (const bucket of [...buckets].sort((a, b) => a.level - b.level)) {
    const lanes = [...bucket.roots].map((id, lane) => {
      const source = placed.get(graph.nodes[id]!.inputs[0]!);
      const before = source === undefined ? -1 : (number.get(source.root) ?? -1);
      return { lane, key: [before, before < 0 ? 0 : rank.get(source!.root)![source!.lane]!, id] };
    });
    const order: number[] = [];
    lanes
      .sort((a, b) => compare(a.key, b.key))
      .forEach(({ lane }, position) => {
        order[lane] = position;
      });
    number.set(bucket, number.size);
    rank.set(bucket, order);
  }

  const classes = new Map<string, { readonly root: Bucket; readonly lanes: Map<number, NodeId[]> }>();
  for (const [id, { class: name, root, lane }] of placed) {
    const entry = classes.get(name) ?? { root, lanes: new Map<number, NodeId[]>() };
    classes.set(name, entry);
    const list = entry.lanes.get(lane) ?? [];
    entry.lanes.set(lane, list);
    list.push(id);
  }

  const groups: LaneGroup[] = [];
  for (const { root, lanes } of classes.values()) {
    const order = rank.get(root)!;
    const sorted = [...lanes].sort(([a], [b]) => order[a]! - order[b]!).map(([, nodes]) => nodes);
    // A lane may do the same thing twice; the first times belong together, the second times, and so on.
    for (let time = 0; ; time++) {
      const group = sorted.flatMap((nodes) => nodes[time] ?? []);
      if (group.length < 2) break;
      groups.push(group);
    }
  }
  return groups;
}

function describe(node: Node): string {
  return `${node.op} ${attributeKey(node.attributes)} ${node.shape.join()}`;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) {
    if (value !== b[i]) return value - b[i]!;
  }
  return 0;
}
