/** gather, scatter and argsort: operands are read as they lie where their rows are runs of memory. */
import type { NodeId, NodeOf } from '../../graph/graph.js';
import { elementsOf, NeedsStorage } from '../fuse.js';
import type { Place } from '../kernel.js';
import { denseStrides } from '../scratch.js';
import { plainStrides } from '../view.js';
import type { LaunchList } from './launch-list.js';
import { MOST_TILES, TILE_WORK } from './tiles.js';

export function lowerGather(list: LaunchList, id: NodeId, node: NodeOf<'gather'>): void {
  const table = rowsOf(list, node.inputs[0]!);
  const indices = listOf(list, node.inputs[1]!);
  launch(list, id, [table.place, indices.place], {
    kind: 'gather',
    parameters: 3,
    tiles: tilesOf(indices.count, elementsOf(node.shape)),
    rows: table.rows,
    length: table.length,
    rowStride: table.stride,
    indices: indices.count,
    indexStride: indices.stride,
  });
}

export function lowerScatter(list: LaunchList, id: NodeId, node: NodeOf<'scatter'>): void {
  const updates = rowsOf(list, node.inputs[0]!);
  const indices = listOf(list, node.inputs[1]!);
  const { rows } = node.attributes;
  launch(list, id, [updates.place, indices.place], {
    kind: 'scatter',
    parameters: 3,
    // Every tile looks at all indices, which only long rows are worth.
    tiles: updates.length < 16 ? 1 : tilesOf(rows, (rows + indices.count) * updates.length),
    rows,
    length: updates.length,
    rowStride: updates.stride,
    indices: indices.count,
    indexStride: indices.stride,
  });
}

export function lowerArgsort(list: LaunchList, id: NodeId, node: NodeOf<'argsort'>): void {
  const x = listOf(list, node.inputs[0]!);
  launch(list, id, [x.place], { kind: 'argsort', parameters: 2, tiles: 1, count: x.count, stride: x.stride });
}

function launch(
  list: LaunchList,
  id: NodeId,
  read: readonly Place[],
  kernel: Parameters<LaunchList['launch']>[0],
): void {
  const name = list.nameOf(list.fusion.clusterOf(id), []);
  const places = [...read, list.placeOf(id)];
  list.launch(kernel, places, new Set([read.length]), name, list.fusion.node(id).shape);
}

function tilesOf(units: number, work: number): number {
  return Math.max(1, Math.min(units, MOST_TILES, Math.floor(work / TILE_WORK)));
}

/** A tensor whose rows along axis 0 are runs of memory, any distance apart. */
function rowsOf(
  list: LaunchList,
  id: NodeId,
): { place: Place; rows: number; length: number; stride: number } {
  const { shape } = list.fusion.node(id);
  const { place, view } = list.operand(id);
  const strides = plainStrides(view);
  const dense = denseStrides(shape.slice(1));
  if (strides === undefined || !dense.every((stride, axis) => stride === strides[axis + 1]))
    throw new NeedsStorage(id);
  return { place, rows: shape[0]!, length: elementsOf(shape.slice(1)), stride: strides[0]! };
}

function listOf(list: LaunchList, id: NodeId): { place: Place; count: number; stride: number } {
  const { place, view } = list.operand(id);
  const strides = plainStrides(view);
  if (strides === undefined) throw new NeedsStorage(id);
  return { place, count: list.fusion.node(id).shape[0]!, stride: strides[0]! };
}
