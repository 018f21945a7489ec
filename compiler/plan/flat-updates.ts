/**
 * Optimiser steps over one flat buffer. Where state tensors move alike, as the parameters of a network and the moments of
 * each do, they lie one behind the other, and so do their gradients: then one kernel moves them all.
 *
 * States belong together that are computed from each other in some graph: a parameter and its moments. Those sets whose
 * graphs do the same with them, but for the gradients, are flattened: their parameters are one flat state, their first
 * moments another. In graphs where each is better moved by itself they stay as they are, in the same places.
 */
import { broadcast, concat, input, reshape } from '../graph/construct.js';
import { GraphBuilder } from '../graph/builder.js';
import type { Graph, GraphOutput, NodeId, Shape } from '../graph/graph.js';
import { emitAll } from '../graph/rebuild.js';
import { elementsOf } from './fuse.js';
import { UpdateRegion, type Update } from './update-region.js';

/** A state tensor of rank 1 that others are parts of. */
export interface FlatState {
  readonly name: string;
  readonly elements: number;
  /** In order and without gaps; `at` is the first element. */
  readonly parts: readonly { readonly name: string; readonly at: number }[];
}

export interface Flattened {
  readonly graphs: readonly Graph[];
  readonly flat: readonly FlatState[];
}

/** States of one shape that are computed from each other. */
interface Member {
  readonly names: readonly string[];
  readonly elements: number;
  /** For each graph, how it moves them. */
  readonly updates: readonly Update[];
}

/** Graphs that do the same to states of the same names, some of which are now parts of flat ones. */
export function flattenUpdates(graphs: readonly Graph[]): Flattened {
  const regions = graphs.map((graph) => new UpdateRegion(graph));
  const groups = groupsOf(regions);
  const taken = new Set<string>();
  const named = groups.map((members) => ({ members, flat: flatStates(members, taken) }));
  return {
    graphs: graphs.map((graph, at) => withFlat(graph, at, named)),
    flat: named.flatMap(({ flat }) => flat),
  };
}

interface Group {
  /** In the order in which they lie. */
  readonly members: readonly Member[];
  /** One for each name of a member. */
  readonly flat: readonly FlatState[];
}

/** Members that every graph treats alike, where some graph gains from moving them together. */
function groupsOf(regions: readonly UpdateRegion[]): readonly (readonly Member[])[] {
  const groups = new Map<string, Member[]>();
  for (const member of membersOf(regions)) {
    const key = patternOf(member);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [member]);
    else known.push(member);
  }
  return [...groups.values()]
    .filter(
      (members) =>
        members.length > 1 && regions.some(({ graph }, at) => waits(graph, members[0]!.updates[at]!)),
    )
    .map(inOrder);
}

/** The states of rank 1 or more that graphs move number by number, joined with those they are moved by. */
function membersOf(regions: readonly UpdateRegion[]): readonly Member[] {
  const sets = new Map<string, Set<string>>();
  const setOf = (name: string): Set<string> => {
    const known = sets.get(name) ?? new Set([name]);
    sets.set(name, known);
    return known;
  };
  const join = (a: Set<string>, b: Set<string>): void => {
    if (a === b) return;
    const [smaller, larger] = a.size < b.size ? [a, b] : [b, a];
    for (const name of smaller) {
      larger.add(name);
      sets.set(name, larger);
    }
  };
  const shapes = new Map<string, Shape>();
  for (const region of regions) {
    for (const { kind, name, node } of region.graph.outputs) {
      const { shape } = region.graph.nodes[node]!;
      if (kind !== 'state' || shape.length === 0) continue;
      shapes.set(name, shape);
      setOf(name);
      for (const step of region.update([name]).steps) {
        if (step.kind !== 'state') continue;
        shapes.set(step.name, shape);
        join(setOf(name), setOf(step.name));
      }
    }
  }
  return [...new Set(sets.values())].flatMap((set) => {
    const names = [...set];
    const updates = regions.map((region) => region.update(names));
    const isComputed = updates.every(({ steps, writes }) =>
      writes.every(({ step }) => steps[step]!.kind !== 'tensor'),
    );
    return isComputed ? [{ names, elements: elementsOf(shapes.get(names[0]!)!), updates }] : [];
  });
}

/** Equal for members that every graph treats alike: the numbers are the same nodes, the tensors any. */
function patternOf({ names, updates }: Member): string {
  const own = new Map(names.map((name, i) => [name, i]));
  return JSON.stringify(
    updates.map(({ steps, writes }) => ({
      steps: steps.map((step) => {
        switch (step.kind) {
          case 'state':
            return own.get(step.name);
          case 'tensor':
            return 'tensor';
          case 'number':
          case 'op':
            return step;
          default:
            return step satisfies never;
        }
      }),
      writes: writes.map(({ name, step }) => [own.get(name), step]),
    })),
  );
}

/**
 * True of an update that waits for a number the graph computes, such as whether all gradients are finite. One that waits for
 * nothing is best done in the kernels that make its tensors.
 */
function waits({ nodes }: Graph, { steps }: Update): boolean {
  return steps.some((step) => {
    if (step.kind !== 'number') return false;
    const { op } = nodes[step.node]!;
    return op !== 'constant' && op !== 'input';
  });
}

/** `taken` are the names given so far. */
function flatStates(members: readonly Member[], taken: Set<string>): readonly FlatState[] {
  return members[0]!.names.map((_, slot) => {
    let elements = 0;
    const parts = members.map((member) => {
      const at = elements;
      elements += member.elements;
      return { name: member.names[slot]!, at };
    });
    const common = `${commonPrefix(parts.map(({ name }) => name))}*`;
    let name = common;
    for (let number = 2; taken.has(name); number++) name = `${common} ${number}`;
    taken.add(name);
    return { name, elements, parts };
  });
}

/** A cache line, in elements. */
const LINE = 16;

/** Those of whole cache lines first, then those of whole vectors: so each begins where as much of a line does. */
function inOrder(members: readonly Member[]): readonly Member[] {
  const evenness = ({ elements }: Member): number => {
    let size = LINE;
    while (elements % size !== 0) size /= 2;
    return size;
  };
  return [...members].sort((a, b) => evenness(b) - evenness(a));
}

function withFlat(graph: Graph, at: number, groups: readonly Group[]): Graph {
  const moved = groups.filter(({ members }) => waits(graph, members[0]!.updates[at]!));
  if (moved.length === 0) return graph;
  const builder = new GraphBuilder();
  const nodes = emitAll(builder, graph);
  const gone = new Set(moved.flatMap(({ members }) => members.flatMap(({ names }) => names)));
  const kept = graph.outputs
    .filter(({ kind, name }) => kind !== 'state' || !gone.has(name))
    .map((output) => ({ ...output, node: nodes[output.node]! }));
  return builder.build(graph.name, [
    ...kept,
    ...moved.flatMap((group) => flatOutputs(builder, at, group, (id) => nodes[id]!)),
  ]);
}

/** The steps of all members at once. `nodeOf` gives a node of the graph in the new one. */
function flatOutputs(
  builder: GraphBuilder,
  at: number,
  { members, flat }: Group,
  nodeOf: (id: NodeId) => NodeId,
): readonly GraphOutput[] {
  const [first] = members as readonly [Member];
  const flatOf = (name: string): FlatState => flat[first.names.indexOf(name)]!;
  const shape = [flat[0]!.elements];
  const { steps, writes } = first.updates[at]!;
  const made: NodeId[] = [];
  builder.withOrigin({ label: flatOf(writes[0]!.name).name }, () => {
    steps.forEach((step, i) => {
      switch (step.kind) {
        case 'state':
          made.push(input(builder, 'state', flatOf(step.name).name, shape));
          return;
        case 'number':
          made.push(broadcast(builder, nodeOf(step.node), shape, []));
          return;
        case 'tensor':
          made.push(
            concat(
              builder,
              members.map(({ updates, elements }) => {
                const own = updates[at]!.steps[i]!;
                if (own.kind !== 'tensor') throw new Error('internal: members of a group differ');
                return reshape(builder, nodeOf(own.node), [elements]);
              }),
              0,
            ),
          );
          return;
        case 'op':
          made.push(
            builder.emit(
              step.op,
              step.arguments.map((argument) => made[argument]!),
              {},
            ),
          );
          return;
        default:
          step satisfies never;
      }
    });
  });
  return writes.map(({ name, step }) => ({ kind: 'state', name: flatOf(name).name, node: made[step]! }));
}

function commonPrefix(names: readonly string[]): string {
  const [first = '', ...others] = names;
  let length = first.length;
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}
