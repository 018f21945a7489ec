/** What the reductions share: which axes stay, and how far each input axis moves in the result. */
import type { Shape } from '../graph/graph.js';
import { rowMajorStrides } from './strided.js';

export function keptAxes(shape: Shape, axes: readonly number[]): number[] {
  return shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
}

/** Per input axis the stride in the result; 0 along reduced axes. */
export function reducedStrides(shape: Shape, axes: readonly number[]): number[] {
  const kept = keptAxes(shape, axes);
  const own = rowMajorStrides(kept.map((axis) => shape[axis]!));
  return shape.map((_, axis) => own[kept.indexOf(axis)] ?? 0);
}
