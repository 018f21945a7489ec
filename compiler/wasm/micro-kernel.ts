/**
 * The product at the heart of all contractions: `pixels` rows of the left operand times `vectors` x 4 columns of the
 * right one, kept in pixels x vectors accumulators while the inner dimension runs. One element of each row is
 * splat, the right operand's vectors are loaded as they lie. 4 x 8 was the fastest shape measured with plain SIMD: 8
 * accumulators, 2 vectors and a splat stay within the 16 registers of x64; 8 x 8 spills.
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
  const step = (inner: number): void => {
    weights.forEach((weight, vector) => f.set(weight, v128.load(w, inner * rightStep + vector * 16)));
    sums.forEach((row, pixel) => {
      f.set(splat, v128.load32Splat(a, pixel * leftPixel + inner * leftStep));
      row.forEach((sum, vector) => f.set(sum, k.multiplyAdd(splat, weights[vector]!, sum)));
    });
  };
  const unroll = [4, 3, 2].find((count) => length % count === 0) ?? (length < 4 ? 1 : 4);
  const rounds = Math.floor(length / unroll);
  f.repeat(runs, () => {
    f.repeat(rounds, () => {
      for (let inner = 0; inner < unroll; inner++) step(inner);
      f.advance(a, unroll * leftStep);
      f.advance(w, unroll * rightStep);
    });
    const rest = length - rounds * unroll;
    for (let inner = 0; inner < rest; inner++) step(inner);
    f.advance(a, leftRun - rounds * unroll * leftStep);
    f.advance(w, rest * rightStep);
  });
  return sums;
}

/** Rows done together with 1 to 4 vectors of columns: enough accumulators to hide the latency of an addition. */
export function pixelsFor(vectors: number): number {
  return [8, 4, 2, 2][vectors - 1]!;
}
