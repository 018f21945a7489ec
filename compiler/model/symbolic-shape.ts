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
 * The shape that pointwise operands are brought to: axes are aligned from the right, size 1 stretches, and the
 * batch axis always meets the batch axis, so that one number per sample (B) works with a picture (B x H x W x C).
 * Undefined where they do not fit.
 */
export function commonShape(shapes: readonly SymbolicShape[]): SymbolicShape | undefined {
  const batched = shapes.some((shape) => shape[0] === 'B');
  const result: number[] = [];
  for (const shape of shapes) {
    const own = perSample(shape);
    for (let fromRight = 0; fromRight < own.length; fromRight++) {
      const size = own[own.length - 1 - fromRight]!;
      const known = result[fromRight] ?? 1;
      if (known !== size && known !== 1 && size !== 1) return undefined;
      result[fromRight] = Math.max(known, size);
    }
  }
  result.reverse();
  return batched ? ['B', ...result] : result;
}
