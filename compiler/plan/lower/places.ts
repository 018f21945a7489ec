/** Which items get memory, and where: outputs and state where they belong, parts of a concat inside it. */
import type { GraphOutput, NodeId, Shape } from '../../graph/graph.js';
import type { Cluster } from '../fuse.js';
import { elementsOf, type Fusion } from '../fuse.js';
import type { BufferId, GraphPlan } from '../kernel.js';
import type { LaunchList } from './launch-list.js';

/** Gives memory to every item that another kernel reads, and to the outputs. */
export function placeItems(list: LaunchList, order: readonly Cluster[]): GraphPlan['values'] {
  const fusion = list.fusion;
  const values = new Map<string, { buffer: BufferId; shape: Shape }>();
  const readers = readersOfState(fusion, order);
  for (const output of fusion.outputs) {
    const { shape } = fusion.node(output.node);
    if (output.kind === 'value') {
      const buffer = list.buffer('value', elementsOf(shape), output.name);
      list.places.set(output.node, { buffer, offset: 0 });
      values.set(output.name, { buffer, shape });
    } else placeState(list, output, readers.get(output.name) ?? [], order);
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
    placeConcatOperands(list, item, buffer, 0);
  };
  const items = order.flatMap((cluster) => cluster.items);
  // Outer concats first: what they join lies in them.
  for (const item of items.toReversed()) if (fusion.node(item).op === 'concat') place(item);
  for (const item of items) place(item);
  return values;
}

/** Parts of a concat along the leading axis are made where they belong. */
function placeConcatOperands(list: LaunchList, item: NodeId, buffer: BufferId, offset: number): void {
  const node = list.fusion.node(item);
  if (node.op !== 'concat' || !isLeading(node.shape, node.attributes.axis)) return;
  let at = offset;
  for (const input of node.inputs) {
    const { root, chain } = list.fusion.source(input);
    if (chain.length === 0 && list.fusion.isItem(root) && !list.places.has(root)) {
      list.places.set(root, { buffer, offset: at });
      placeConcatOperands(list, root, buffer, at);
    }
    at += elementsOf(list.fusion.node(input).shape);
  }
}

/** A cluster that reads the old content of a state. */
interface StateReader {
  readonly cluster: Cluster;
  /** Its place in the order. */
  readonly at: number;
  /** Where the cluster itself writes the state, it reads each number before it writes it. */
  readonly placeByPlace: boolean;
}

function readersOfState(fusion: Fusion, order: readonly Cluster[]): ReadonlyMap<string, StateReader[]> {
  const readers = new Map<string, StateReader[]>();
  order.forEach((cluster, at) => {
    for (const item of cluster.items) {
      for (const [leaf, placeByPlace] of fusion.reads(item)) {
        const node = fusion.node(leaf);
        if (node.op !== 'input' || node.attributes.source !== 'state') continue;
        const reader = { cluster, at, placeByPlace: placeByPlace && item !== cluster.anchor };
        const known = readers.get(node.attributes.name);
        if (known === undefined) readers.set(node.attributes.name, [reader]);
        else known.push(reader);
      }
    }
  });
  return readers;
}

function placeState(
  list: LaunchList,
  output: GraphOutput,
  readers: readonly StateReader[],
  order: readonly Cluster[],
): void {
  const fusion = list.fusion;
  const { shape } = fusion.node(output.node);
  const key = `state ${output.name}`;
  const state = list.inputs.get(key) ?? list.buffer('state', elementsOf(shape), output.name);
  list.inputs.set(key, state);
  const writer = fusion.clusterOf(output.node);
  const written = order.indexOf(writer);
  const inPlace = readers.every(({ cluster, at, placeByPlace }) =>
    cluster === writer ? placeByPlace : at < written,
  );
  if (inPlace) {
    list.places.set(output.node, { buffer: state, offset: 0 });
    return;
  }
  const temporary = { buffer: list.buffer('heap', elementsOf(shape), output.name), offset: 0 };
  list.places.set(output.node, temporary);
  list.lateCopies.push({ from: temporary, to: { buffer: state, offset: 0 }, shape, name: output.name });
}

function isLeading(shape: Shape, axis: number): boolean {
  return shape.slice(0, axis).every((size) => size === 1);
}
