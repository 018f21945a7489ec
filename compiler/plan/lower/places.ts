/** Which items get memory, and where: outputs and state where they belong, parts of a concat inside it. */
import type { GraphOutput, NodeId, Shape } from '../../graph/graph.js';
import type { Cluster } from '../fuse.js';
import { elementsOf, joinsInPlace, keepsOrder, type Fusion } from '../fuse.js';
import type { BufferId, GraphPlan } from '../kernel.js';
import { overlappingParts } from '../overlap.js';
import type { LaunchList } from './launch-list.js';

/** Gives memory to every item that another kernel reads, and to the outputs. */
export function placeItems(list: LaunchList, order: readonly Cluster[]): GraphPlan['values'] {
  const fusion = list.fusion;
  const values = new Map<string, { buffer: BufferId; shape: Shape }>();
  const readers = readersOfState(list, order);
  for (const { kind, name, node } of fusion.outputs)
    if (kind === 'state') list.stateBuffer(name, elementsOf(fusion.node(node).shape));
  const overlapping = overlappingParts(list.buffers);
  const readersOf = (state: BufferId): readonly StateReader[] =>
    overlapping(state).flatMap((buffer) => readers.get(buffer) ?? []);
  for (const output of fusion.outputs) {
    const { shape } = fusion.node(output.node);
    if (output.kind === 'value') {
      const buffer = list.buffer('value', elementsOf(shape), output.name);
      list.places.set(output.node, { buffer, offset: 0 });
      values.set(output.name, { buffer, shape });
    } else placeState(list, output, readersOf, order);
  }
  const read = new Set<NodeId>();
  for (const cluster of order) {
    for (const item of cluster.items) {
      for (const leaf of fusion.reads(item).keys()) {
        if (fusion.isItem(leaf) && (fusion.clusterOf(leaf) !== cluster || item === cluster.anchor))
          read.add(leaf);
      }
    }
  }
  const place = (item: NodeId): void => {
    if (!read.has(item) || list.places.has(item)) return;
    const buffer = list.buffer('heap', elementsOf(fusion.node(item).shape), list.label([item]));
    list.places.set(item, { buffer, offset: 0 });
    placeConcatOperands(list, item, buffer);
  };
  const items = order.flatMap((cluster) => cluster.items);
  // Outer concats first: what they join lies in them.
  for (const item of items.toReversed()) if (fusion.node(item).op === 'concat') place(item);
  for (const item of items) place(item);
  return values;
}

/** Parts of a concat along the leading axis are made where they belong. */
function placeConcatOperands(list: LaunchList, item: NodeId, whole: BufferId): void {
  const node = list.fusion.node(item);
  if (!joinsInPlace(node)) return;
  let offset = 0;
  const parts = node.inputs.map((input) => {
    const elements = elementsOf(list.fusion.node(input).shape);
    const root = wholeItem(list.fusion, input);
    const buffer = list.part({ buffer: whole, offset }, elements, list.label([root ?? input]));
    offset += elements;
    if (root !== undefined && !list.places.has(root)) {
      list.places.set(root, { buffer, offset: 0 });
      placeConcatOperands(list, root, buffer);
    }
    return buffer;
  });
  list.parts.set(item, parts);
}

/** The item whose elements are those of `id`, in the same order. */
function wholeItem(fusion: Fusion, id: NodeId): NodeId | undefined {
  const { root, chain } = fusion.source(id);
  return fusion.isItem(root) && chain.every(keepsOrder) ? root : undefined;
}

/** A cluster that reads the old content of a state. */
interface StateReader {
  readonly cluster: Cluster;
  readonly buffer: BufferId;
  /** Its place in the order. */
  readonly at: number;
  /** Where the cluster itself writes the state, it reads each number before it writes it. */
  readonly placeByPlace: boolean;
}

function readersOfState(list: LaunchList, order: readonly Cluster[]): ReadonlyMap<BufferId, StateReader[]> {
  const { fusion } = list;
  const readers = new Map<BufferId, StateReader[]>();
  order.forEach((cluster, at) => {
    for (const item of cluster.items) {
      for (const [leaf, placeByPlace] of fusion.reads(item)) {
        const node = fusion.node(leaf);
        if (node.op !== 'input' || node.attributes.source !== 'state') continue;
        const buffer = list.inputBuffer(node);
        const reader = { cluster, buffer, at, placeByPlace: placeByPlace && item !== cluster.anchor };
        const known = readers.get(buffer);
        if (known === undefined) readers.set(buffer, [reader]);
        else known.push(reader);
      }
    }
  });
  return readers;
}

function placeState(
  list: LaunchList,
  output: GraphOutput,
  readersOf: (state: BufferId) => readonly StateReader[],
  order: readonly Cluster[],
): void {
  const fusion = list.fusion;
  const { shape } = fusion.node(output.node);
  const state = list.stateBuffer(output.name, elementsOf(shape));
  const writer = fusion.clusterOf(output.node);
  const written = order.indexOf(writer);
  const inPlace = readersOf(state).every(({ cluster, buffer, at, placeByPlace }) =>
    cluster === writer ? placeByPlace && buffer === state : at < written,
  );
  if (inPlace) {
    list.places.set(output.node, { buffer: state, offset: 0 });
    return;
  }
  const temporary = { buffer: list.buffer('heap', elementsOf(shape), output.name), offset: 0 };
  list.places.set(output.node, temporary);
  list.lateCopies.push({ from: temporary, to: { buffer: state, offset: 0 }, shape, name: output.name });
}
