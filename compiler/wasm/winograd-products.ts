/** The 36 matrix products between transformed numbers, each small enough for the first-level cache. */
import { PLANES, roundedUp, WINOGRAD_BLOCK } from '../plan/winograd.js';
import { v128 } from './assembler/expression.js';
import type { Local } from './assembler/function-builder.js';
import type { KernelFunction } from './kernel-function.js';
import { product } from './micro-kernel.js';

export interface PlaneProducts {
  /** Rows of the left operand, and of the results: a multiple of 4. */
  readonly rows: number;
  readonly inner: number;
  /** Columns; blocks of 8 of the right operand are done together. */
  readonly columns: number;
  /** The first plane of each. Left as they were. */
  readonly left: Local<'i32'>;
  readonly right: Local<'i32'>;
  readonly results: Local<'i32'>;
  /** Bytes from plane to plane. */
  readonly planes: { readonly left: number; readonly right: number; readonly results: number };
  /** Bytes between rows and between inner elements of the left operand. */
  readonly leftRow: number;
  readonly leftStep: number;
  /** Bytes between inner elements and between blocks of the right operand; where left out blocks are packed. */
  readonly rightStep?: number;
  /** True where products are added to what is there. */
  readonly adds: boolean;
}

export function planeProducts(k: KernelFunction, work: PlaneProducts): void {
  const { f } = k;
  const { rows, inner, columns, planes, leftRow, leftStep, rightStep } = work;
  const pitch = roundedUp(columns, 4) * 4;
  const left = f.local('i32', work.left);
  const right = f.local('i32', work.right);
  const results = f.local('i32', work.results);
  f.repeat(PLANES, () => {
    const block = f.local('i32', right);
    const column = f.local('i32', results);
    const ofWidth = (vectors: number): void => {
      const moving = f.local('i32', left);
      const out = f.local('i32', column);
      for (const [pixels, times] of rowGroups(rows, vectors)) {
        f.repeat(times, () => {
          const sums = product(
            k,
            {
              pixels,
              vectors,
              runs: 1,
              length: inner,
              leftPixel: leftRow,
              leftStep,
              leftRun: 0,
              rightStep: rightStep ?? vectors * 16,
            },
            moving,
            block,
            work.adds ? (pixel, vector) => v128.load(out, pixel * pitch + vector * 16) : undefined,
          );
          sums.forEach((row, pixel) =>
            row.forEach((sum, vector) => f.storeVector(out, sum, pixel * pitch + vector * 16)),
          );
          f.advance(moving, pixels * leftRow);
          f.advance(out, pixels * pitch);
        });
      }
    };
    f.repeat(Math.floor(pitch / (WINOGRAD_BLOCK * 4)), () => {
      ofWidth(2);
      f.advance(block, rightStep === undefined ? inner * WINOGRAD_BLOCK * 4 : WINOGRAD_BLOCK * 4);
      f.advance(column, WINOGRAD_BLOCK * 4);
    });
    if (pitch % (WINOGRAD_BLOCK * 4) > 0) ofWidth(1);
    f.advance(left, planes.left);
    f.advance(right, planes.right);
    f.advance(results, planes.results);
  });
}

/** Rows in groups whose accumulators fill the registers: [rows of a group, groups]. */
function rowGroups(rows: number, vectors: number): readonly (readonly [number, number])[] {
  if (vectors === 2) return [[4, rows / 4]];
  const fours = { 0: 0, 2: 2, 4: 1 }[rows % 6]!;
  return [
    [6, (rows - 4 * fours) / 6],
    [4, fours],
  ];
}
