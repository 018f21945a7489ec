/**
 * The product at the heart of all contractions: `pixels` rows of the left operand times `vectors` x 4 columns of the
 * right one, kept in pixels x vectors accumulators while the inner dimension runs. One element of each row is
 * splat, the right operand's vectors are loaded as they lie.
 *
 * One inner element is one round of the loop, never more: V8 moves all loads of a round before its products, and what they
 * load has to stay in the 15 free registers of x64 beside the accumulators. So 4 x 8 and 2 x 16 reach 97 % of the peak with
 * relaxed SIMD, and half of it when two elements are a round, or with 6 x 8.
 *
 * The inner dimension is `runs` runs of `length` elements: a convolution's tap rows, each a run of neighbouring
 * columns and channels.
 */
import { f32x4, v128 } from './assembler/expression.js';
import type { V128 } from './assembler/expression.js';
import type { Local } from './assembler/function-builder.js';
import type { KernelFunction } from './kernel-function.js';

export interface MicroKernel {
  readonly pixels: number;
  readonly vectors: number;
  readonly runs: number;
  readonly length: number;
  /** Bytes between rows, between elements of a run, and from run to run of the left operand. */
  readonly leftPixel: number;
  readonly leftStep: number;
  readonly leftRun: number;
  /** Bytes from one inner element to the next of the right operand. */
  readonly rightStep: number;
}

/** The accumulators, [pixel][vector], from `initial` on or from 0. `left` and `right` are left as they were. */
export function product(
  k: KernelFunction,
  kernel: MicroKernel,
  left: Local<'i32'>,
  right: Local<'i32'>,
  initial: (pixel: number, vector: number) => V128 = () => f32x4.constant(0),
): Local<'v128'>[][] {
  const { f } = k;
  const { pixels, vectors, runs, length, leftPixel, leftStep, leftRun, rightStep } = kernel;
  const sums = Array.from({ length: pixels }, (_, pixel) =>
    Array.from({ length: vectors }, (_, vector) => f.local('v128', initial(pixel, vector))),
  );
  if (runs === 0 || length === 0) return sums;
  const a = f.local('i32', left);
  const w = f.local('i32', right);
  const weights = Array.from({ length: vectors }, () => f.local('v128'));
  const splat = f.local('v128');
  f.repeat(runs, () => {
    f.repeat(length, () => {
      weights.forEach((weight, vector) => f.set(weight, v128.load(w, vector * 16)));
      sums.forEach((row, pixel) => {
        f.set(splat, v128.load32Splat(a, pixel * leftPixel));
        row.forEach((sum, vector) => f.set(sum, k.multiplyAdd(splat, weights[vector]!, sum)));
      });
      f.advance(a, leftStep);
      f.advance(w, rightStep);
    });
    f.advance(a, leftRun - length * leftStep);
  });
  return sums;
}

/** Rows done together with 1 to 4 vectors of columns: the fastest measured. */
export function pixelsFor({ relaxed }: Pick<KernelFunction, 'relaxed'>, vectors: number): number {
  return [6, 4, relaxed ? 3 : 2, 2][vectors - 1]!;
}
