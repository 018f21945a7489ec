/**
 * Batch merging: D(x) and D(G(z)) use the same weights on two batches of B, which one batch of 2B does at once: half
 * the kernels, weights packed and read once. The same holds for the chains of input gradients behind them.
 *
 * 1. Lanes (batch-lanes.ts): nodes that do the same thing to different samples are found and put side by side.
 * 2. Profit: what does not link at least two contractions in a row stays as it was, since joining and
 *    splitting are copies.
 * 3. Order: a group is dropped where the merged node would have to run before itself.
 * 4. Each group becomes one node of the joined operands; whoever reads one member reads a slice of the result.
 *
 * Only ops that treat every row of axis 0 by itself are merged, so this is exact whatever axis 0 means: batch
 * statistics and all other sums over axis 0 stay per batch, and so do filter gradients, which carry the factors of
 * their losses.
 */
import type { GraphBuilder } from '../graph/builder.js';
import { broadcast, concat, sliceAxis } from '../graph/construct.js';
import type { Graph, Node, NodeId } from '../graph/graph.js';
import { emitNode } from '../graph/rebuild.js';
import { findLaneGroups, type LaneGroup } from './batch-lanes.js';
import { isContraction } from './contraction-count.js';
import { independentGroups } from './independent-groups.js';
import { onManyRows, sharedOperand } from './row-wise.js';
import { SimplifyingBuilder } from './simplifying-builder.js';

export function mergeBatches(graph: Graph): Graph {
  const groups = profitable(graph, independentGroups(graph, profitable(graph, findLaneGroups(graph))));
  return groups.length === 0 ? graph : rebuildMerged(graph, groups);
}

/** Groups by member, so that each node knows where it went. */
function byMember(groups: readonly LaneGroup[]): Map<NodeId, LaneGroup> {
  return new Map(groups.flatMap((group) => group.map((member): [NodeId, LaneGroup] => [member, group])));
}

/** Leaves out what would have to be joined and split again without two contractions having been merged in a row. */
function profitable(graph: Graph, candidates: readonly LaneGroup[]): LaneGroup[] {
  let groups = [...candidates];
  for (;;) {
    const groupOf = byMember(groups);
    const sources = new Map(groups.map((group) => [group, groupedOperands(graph, group, groupOf)]));

    // Pointwise work and layout is merged only on the way from one contraction to another.
    const read = new Set([...sources.values()].flat());
    const joined = joinedAnyway(graph, groups);
    const useful = groups.filter((group) => {
      if (isContraction(graph.nodes[group[0]!]!.op)) return true;
      return read.has(group) && !needsJoining(graph, group, groupOf, joined);
    });
    if (useful.length < groups.length) {
      groups = useful;
      continue;
    }

    const linked = connected(groups, sources);
    const kept = groups.filter(
      (group) => linked.get(group)!.filter((g) => isContraction(graph.nodes[g[0]!]!.op)).length >= 2,
    );
    if (kept.length === groups.length) return groups;
    groups = kept;
  }
}

/** The groups whose members a group reads. */
function groupedOperands(
  graph: Graph,
  group: LaneGroup,
  groupOf: ReadonlyMap<NodeId, LaneGroup>,
): LaneGroup[] {
  const read = group.flatMap((member) => graph.nodes[member]!.inputs);
  const sources = read.flatMap((id) => {
    const source = groupOf.get(id);
    return source === undefined ? [] : [source];
  });
  return [...new Set(sources)];
}

/** The tuples of nodes that merged contractions join anyway, as keys: the images that all of D's lanes begin with. */
function joinedAnyway(graph: Graph, groups: readonly LaneGroup[]): ReadonlySet<string> {
  const contractions = groups.filter((group) => isContraction(graph.nodes[group[0]!]!.op));
  return new Set(contractions.map((group) => operandTuple(graph, group, 0).join()));
}

function operandTuple(graph: Graph, group: LaneGroup, position: number): NodeId[] {
  return group.map((member) => graph.nodes[member]!.inputs[position]!);
}

/** Whether a group reads different tensors that nothing has merged yet and that are no inputs: a copy of its own. */
function needsJoining(
  graph: Graph,
  group: LaneGroup,
  groupOf: ReadonlyMap<NodeId, LaneGroup>,
  joined: ReadonlySet<string>,
): boolean {
  return graph.nodes[group[0]!]!.inputs.some((_, position) => {
    const tuple = operandTuple(graph, group, position);
    if (tuple.every((id) => id === tuple[0]) || tuple.every((id) => groupOf.has(id))) return false;
    return !joined.has(tuple.join()) && !tuple.every((id) => graph.nodes[id]!.op === 'input');
  });
}

/** For each group all groups it is linked with through operands, itself included. */
function connected(
  groups: readonly LaneGroup[],
  sources: ReadonlyMap<LaneGroup, readonly LaneGroup[]>,
): Map<LaneGroup, readonly LaneGroup[]> {
  const component = new Map<LaneGroup, LaneGroup[]>(groups.map((group) => [group, [group]]));
  for (const group of groups) {
    for (const source of sources.get(group)!) {
      const [a, b] = [component.get(group)!, component.get(source)!];
      if (a === b) continue;
      a.push(...b);
      for (const member of b) component.set(member, a);
    }
  }
  return component;
}

function rebuildMerged(graph: Graph, groups: readonly LaneGroup[]): Graph {
  const builder = new SimplifyingBuilder();
  const groupOf = byMember(groups);
  const moved = new Map<NodeId, NodeId>();

  const emit = (id: NodeId): void => {
    const node = graph.nodes[id]!;
    const group = groupOf.get(id);
    builder.withOrigin(node.origin, () => {
      if (group === undefined) {
        const inputs = node.inputs.map((input) => moved.get(input)!);
        moved.set(id, emitNode(builder, node, inputs));
        return;
      }
      const merged = emitMerged(builder, graph, group, moved);
      const rows = node.shape[0]!;
      group.forEach((member, i) => {
        moved.set(member, sliceAxis(builder, merged, 0, i * rows, (i + 1) * rows));
      });
    });
  };

  // In the order of the graph, but whatever a whole group reads first. The stack is explicit: graphs are deep.
  for (let first = 0; first < graph.nodes.length; first++) {
    const stack = [first];
    while (stack.length > 0) {
      const id = stack[stack.length - 1]!;
      const members = groupOf.get(id) ?? [id];
      const missing = members.flatMap((member) =>
        graph.nodes[member]!.inputs.filter((input) => !moved.has(input)),
      );
      if (moved.has(id)) stack.pop();
      else if (missing.length > 0) stack.push(...missing);
      else emit(id);
    }
  }
  return builder.build(
    graph.name,
    graph.outputs.map((output) => ({ ...output, node: moved.get(output.node)! })),
  );
}

/** One node that does what the group's members do, on their operands joined along axis 0. */
function emitMerged(
  builder: GraphBuilder,
  graph: Graph,
  group: LaneGroup,
  moved: ReadonlyMap<NodeId, NodeId>,
): NodeId {
  const node: Node = graph.nodes[group[0]!]!;
  const inputs = node.inputs.map((_, position) => {
    const parts = operandTuple(graph, group, position).map((id) => moved.get(id)!);
    if (position === sharedOperand(node.op)) return parts[0]!;
    return joinedRows(builder, parts);
  });
  return emitNode(builder, onManyRows(node, group.length), inputs);
}

/** The parts one after the other along axis 0; a part repeated along it is repeated further. */
function joinedRows(builder: GraphBuilder, parts: readonly NodeId[]): NodeId {
  const node = builder.node(parts[0]!);
  if (node.op === 'broadcast' && !node.attributes.axes.includes(0) && parts.every((p) => p === parts[0])) {
    const { shape, axes } = node.attributes;
    return broadcast(builder, node.inputs[0]!, [shape[0]! * parts.length, ...shape.slice(1)], axes);
  }
  return concat(builder, parts, 0);
}
