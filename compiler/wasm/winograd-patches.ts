/** Reads the windows of a row of patches, transforms them and lays them into planes. */
import type { Factor } from '../plan/kernel.js';
import { patchRuns, PATCH, roundedUp } from '../plan/winograd.js';
import { i32, v128 } from './assembler/expression.js';
import type { I32 } from './assembler/expression.js';
import type { Local } from './assembler/function-builder.js';
import { factorOffset } from './convolution.js';
import type { KernelFunction } from './kernel-function.js';
import type { Transform, WinogradTransforms } from './winograd-transforms.js';

export interface PatchSource {
  readonly pointer: I32;
  /** By axes: batch, rows, columns, channels; the last without gaps. */
  readonly axes: readonly (readonly Factor[])[];
  readonly size: readonly [rows: number, columns: number];
  /** Where the first window begins, before the first row and column. */
  readonly pad: readonly [number, number];
  readonly channels: number;
  /** Elements from a patch to the next in a plane; those behind its channels are not written. */
  readonly pitch: number;
  /** Places along a side of a window. */
  readonly window: number;
  readonly batch: number;
  /** Patches of an image. */
  readonly patches: readonly [down: number, across: number];
  /** Zeros that are read in place of rows outside of the source. */
  readonly zeros: Local<'i32'>;
}

/**
 * The windows of the row of patches number `row` of all images, at `target` in the first of planes that lie `plane` bytes
 * apart, [patch][pitch]. Channels are written in whole vectors of 4. Rows beyond the last image are zeros.
 */
export function transformPatches(
  k: KernelFunction,
  transforms: WinogradTransforms,
  transform: Transform,
  source: PatchSource,
  row: Local<'i32'>,
  target: I32,
  plane: number,
): void {
  const { f } = k;
  const { axes, size, pad, window, patches, pitch } = source;
  const image = f.local('i32', i32.divideUnsigned(row, i32.constant(patches[0])));
  const sourceRow = f.local(
    'i32',
    i32.add(
      i32.multiply(i32.remainderUnsigned(row, i32.constant(patches[0])), i32.constant(PATCH)),
      i32.constant(-pad[0]),
    ),
  );
  const start = f.local('i32', i32.add(source.pointer, factorOffset(image, axes[0]!)));
  f.if(i32.greaterOrEqualUnsigned(image, i32.constant(source.batch)), () =>
    f.set(sourceRow, i32.constant(size[0])),
  );
  const rows = Array.from({ length: window }, () => {
    const pointer = f.local('i32', source.zeros);
    f.if(i32.lessUnsigned(sourceRow, i32.constant(size[0])), () =>
      f.set(pointer, i32.add(start, factorOffset(sourceRow, axes[1]!))),
    );
    f.advance(sourceRow, 1);
    return pointer;
  });
  const out = f.local('i32', target);
  const vectors = roundedUp(source.channels, 4) / 4;
  let standing = 0;
  for (const { count, columns, step } of patchRuns(size[1], pad[1], patches[1], window, axes[2]!)) {
    const first = Math.min(...columns.filter((column) => column !== undefined));
    const start = Number.isFinite(first) ? first : standing;
    const advanceRows = (bytes: number): void => rows.forEach((pointer) => f.advance(pointer, bytes));
    advanceRows((start - standing) * 4);
    f.repeat(count, () => {
      f.repeat(vectors, () => {
        const made = transforms.square(
          window,
          (i, j) => {
            const column = columns[j];
            return column === undefined ? undefined : v128.load(rows[i]!, (column - start) * 4);
          },
          transform,
        );
        made.flat().forEach((value, i) => f.storeVector(out, value, i * plane));
        advanceRows(16);
        f.advance(out, 16);
      });
      advanceRows(step * 4 - vectors * 16);
      f.advance(out, pitch * 4 - vectors * 16);
    });
    standing = start + count * step;
  }
}
