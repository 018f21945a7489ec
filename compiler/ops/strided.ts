/**
 * Walking a tensor by strides: broadcast, transpose, slice, pad and the reductions are all one walk over a
 * row-major shape beside an offset that moves by its own stride per axis (0 where an axis is repeated or summed).
 */
import type { Shape } from '../graph/graph.js';

export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Calls `visit(flat, offset)` for every index of `shape` in row-major order; offset = start + sum(index * stride). */
export function walk(
  shape: Shape,
  strides: readonly number[],
  start: number,
  visit: (flat: number, offset: number) => void,
): void {
  const rank = shape.length;
  if (rank === 0) {
    visit(0, start);
    return;
  }
  const index = new Array<number>(rank).fill(0);
  const innerSize = shape[rank - 1]!;
  const innerStride = strides[rank - 1]!;
  let flat = 0;
  let offset = start;
  for (;;) {
    for (let i = 0; i < innerSize; i++) visit(flat++, offset + i * innerStride);
    let axis = rank - 2;
    for (; axis >= 0; axis--) {
      offset += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      offset -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}
