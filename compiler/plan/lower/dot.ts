/** dot: read in place, but for a right operand that is stored transposed. */
import type { NodeId, NodeOf } from '../../graph/graph.js';
import { BLOCK } from '../channel-blocks.js';
import { NeedsStorage } from '../fuse.js';
import type { Cluster } from '../fuse.js';
import { plainStrides } from '../view.js';
import { roundedUp } from '../winograd.js';
import { parameters } from './arguments.js';
import { lowerEpilogue } from './epilogue.js';
import type { LaunchList } from './launch-list.js';
import { packTransposed } from './pack.js';

export function lowerDot(list: LaunchList, cluster: Cluster, anchor: NodeId, node: NodeOf<'dot'>): void {
  const { transposeA, transposeB } = node.attributes;
  const [leftId, rightId] = [node.inputs[0]!, node.inputs[1]!];
  const leftShape = list.fusion.node(leftId).shape;
  const [m, n] = node.shape as readonly [number, number];
  const k = leftShape[transposeA ? 0 : 1]!;
  const left = list.operand(leftId);
  const right = list.operand(rightId);
  const leftStrides = plainStrides(left.view);
  const rightStrides = plainStrides(right.view);
  if (leftStrides === undefined) throw new NeedsStorage(leftId);
  if (rightStrides === undefined) throw new NeedsStorage(rightId);
  const [rightRow, rightColumn] = transposeB
    ? [rightStrides[1]!, rightStrides[0]!]
    : [rightStrides[0]!, rightStrides[1]!];
  const inPlace = n === 1 || rightColumn === 1;
  const own = parameters();
  own.places.push(
    left.place,
    inPlace
      ? right.place
      : packTransposed(list, right.place, rightRow, rightColumn, k, n, list.label([rightId])),
  );
  const { body, written, name } = lowerEpilogue(list, cluster, anchor, own);
  const { tileRows, tileColumns } = tileOf(m, n, k);
  list.launch(
    {
      kind: 'dot',
      parameters: own.places.length,
      tiles: Math.ceil(m / tileRows) * Math.ceil(n / tileColumns),
      m,
      k,
      n,
      left: transposeA ? [leftStrides[1]!, leftStrides[0]!] : [leftStrides[0]!, leftStrides[1]!],
      right: inPlace ? rightRow : n,
      tileRows,
      tileColumns,
      epilogue: body,
    },
    own.places,
    written,
    name,
    node.shape,
    m * n * k,
  );
}

/** Squares that the caches hold; narrower where few of them, with a long sum each, would leave threads without work. */
function tileOf(
  m: number,
  n: number,
  k: number,
): { readonly tileRows: number; readonly tileColumns: number } {
  const tileRows = Math.min(m, SIDE);
  const tiles = (columns: number): number => Math.ceil(m / tileRows) * Math.ceil(n / columns);
  let tileColumns = Math.min(n, SIDE);
  while (tileColumns > BLOCK && tiles(tileColumns) < FEW && tileRows * tileColumns * k > LONG)
    tileColumns = Math.max(BLOCK, roundedUp(tileColumns / 2, BLOCK));
  return { tileRows, tileColumns };
}
const SIDE = 64;
const FEW = 8;
/** Multiply-adds: some 40 us of a core. */
const LONG = 2 ** 20;
