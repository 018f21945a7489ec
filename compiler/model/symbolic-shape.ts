/** Shapes of the model: like a graph's, but the batch is the symbol B, bound to a number only when graphs are made. */
import type { Shape } from '../graph/graph.js';

export type Dimension = number | 'B';
export type SymbolicShape = readonly Dimension[];

export const SCALAR: SymbolicShape = [];

/** `B x 32 x 32 x 3`, or `a single number`. */
export function formatShape(shape: SymbolicShape): string {
  return shape.length === 0 ? 'a single number' : shape.join(' x ');
}

export function bindBatch(shape: SymbolicShape, batch: number): Shape {
  return shape.map((dimension) => (dimension === 'B' ? batch : dimension));
}

export function sameShape(a: SymbolicShape, b: SymbolicShape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

export function elementCount(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** What is left of a shape without its batch axis. */
export function perSample(shape: SymbolicShape): readonly number[] {
  return shape.filter((dimension): dimension is number => dimension !== 'B');
}

/**
 * The shape that pointwise operands are brought to. A single number meets everything and one number per sample (B)
 * meets everything with a batch; all else must be equal. Nothing stretches by accident: a one-channel picture and a
 * three-channel one are a mistake, not a broadcast. Undefined where they do not fit.
 */
export function commonShape(shapes: readonly SymbolicShape[]): SymbolicShape | undefined {
  const common = shapes.reduce((widest, shape) => (shape.length > widest.length ? shape : widest), SCALAR);
  const fits = (shape: SymbolicShape): boolean =>
    shape.length === 0 ||
    (shape.length === 1 && shape[0] === 'B' && common[0] === 'B') ||
    sameShape(shape, common);
  return shapes.every(fits) ? common : undefined;
}
