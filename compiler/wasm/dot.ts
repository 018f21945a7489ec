/**
 * Matrix products. A tile is a rectangle of the result; the left operand is read by splats, whatever its strides. A long
 * inner dimension is taken in chunks, whose sums are added to what is there: so that a block of the right operand's columns is
 * still in the first-level cache when the next rows need it. The order in which an element is summed stays the same.
 */
import { BLOCK, channelBlocks } from '../plan/channel-blocks.js';
import type { DotKernel } from '../plan/kernel.js';
import { dotScratch } from '../plan/scratch.js';
import { i32, v128 } from './assembler/expression.js';
import type { I32 } from './assembler/expression.js';
import { tileEpilogue } from './convolution.js';
import type { KernelFunction } from './kernel-function.js';
import { pixelsFor, product } from './micro-kernel.js';
import { storeLanes } from './vector-access.js';

/** Inner elements of a chunk: of 16 columns they are 16 KiB. */
const CHUNK = 256;

export function dot(k: KernelFunction, kernel: DotKernel): void {
  const { f } = k;
  const { m, n, tileRows, tileColumns } = kernel;
  const across = Math.ceil(n / tileColumns);
  const down = Math.ceil(m / tileRows);
  const lastRows = m - (down - 1) * tileRows;
  const lastColumns = n - (across - 1) * tileColumns;
  k.forEachTile((tile) => {
    const tileRow = f.local('i32', i32.divideUnsigned(tile, i32.constant(across)));
    const tileColumn = f.local('i32', i32.remainderUnsigned(tile, i32.constant(across)));
    const row = f.local('i32', i32.multiply(tileRow, i32.constant(tileRows)));
    const column = f.local('i32', i32.multiply(tileColumn, i32.constant(tileColumns)));
    // The last tile of each direction may be smaller: code of its own.
    const byColumns = (rows: number): void => {
      if (lastColumns === tileColumns) rectangle(k, kernel, row, column, rows, tileColumns);
      else
        f.if(
          i32.equal(tileColumn, i32.constant(across - 1)),
          () => rectangle(k, kernel, row, column, rows, lastColumns),
          across > 1 ? () => rectangle(k, kernel, row, column, rows, tileColumns) : undefined,
        );
    };
    if (lastRows === tileRows) byColumns(tileRows);
    else
      f.if(
        i32.equal(tileRow, i32.constant(down - 1)),
        () => byColumns(lastRows),
        down > 1 ? () => byColumns(tileRows) : undefined,
      );
  });
}

function rectangle(
  k: KernelFunction,
  kernel: DotKernel,
  row: I32,
  column: I32,
  rows: number,
  columns: number,
): void {
  const { f } = k;
  const { n, left: leftStrides, right: rightStride, epilogue } = kernel;
  const plain = dotScratch(kernel) === 0;
  const corner = (parameter: number, strides: readonly number[]): I32 =>
    i32.add(
      i32.add(k.parameter(parameter), i32.multiply(row, i32.constant(strides[0]! * 4))),
      i32.multiply(column, i32.constant(strides[1]! * 4)),
    );
  const pitch = plain ? n : columns;
  const results = f.local(
    'i32',
    plain ? corner(epilogue.stores[0]!.access.parameter, epilogue.stores[0]!.access.strides) : k.scratch,
  );
  const leftCorner = f.local(
    'i32',
    i32.add(k.parameter(0), i32.multiply(row, i32.constant(leftStrides[0] * 4))),
  );
  const rightCorner = f.local('i32', i32.add(k.parameter(1), i32.multiply(column, i32.constant(4))));
  const right = f.local('i32');
  const target = f.local('i32');
  const block = (length: number, adds: boolean, vectors: number, width: number): void => {
    const pixels = pixelsFor(k, vectors);
    const left = f.local('i32', leftCorner);
    const out = f.local('i32', target);
    const group = (count: number): void => {
      const sums = product(
        k,
        {
          pixels: count,
          vectors,
          runs: 1,
          length,
          leftPixel: leftStrides[0] * 4,
          leftStep: leftStrides[1] * 4,
          leftRun: 0,
          rightStep: rightStride * 4,
        },
        left,
        right,
        adds ? (pixel, vector) => v128.load(out, (pixel * pitch + vector * 4) * 4) : undefined,
      );
      sums.forEach((sumRow, pixel) =>
        sumRow.forEach((sum, vector) => {
          const lanes = Math.min(4, width - vector * 4);
          if (lanes > 0) storeLanes(f, out, (pixel * pitch + vector * 4) * 4, 1, lanes, sum);
        }),
      );
      f.advance(left, count * leftStrides[0] * 4);
      f.advance(out, count * pitch * 4);
    };
    f.repeat(Math.floor(rows / pixels), () => group(pixels));
    if (rows % pixels > 0) group(rows % pixels);
  };
  const { full, rest, restWidth } = channelBlocks(columns);
  const chunk = (length: number, adds: boolean): void => {
    f.set(right, rightCorner);
    f.set(target, results);
    f.repeat(full, () => {
      block(length, adds, BLOCK / 4, BLOCK);
      f.advance(right, BLOCK * 4);
      f.advance(target, BLOCK * 4);
    });
    if (rest > 0) block(length, adds, restWidth / 4, rest);
    f.advance(leftCorner, length * leftStrides[1] * 4);
    f.advance(rightCorner, length * rightStride * 4);
  };
  chunk(Math.min(CHUNK, kernel.k), false);
  f.repeat(Math.floor(kernel.k / CHUNK) - 1, () => chunk(CHUNK, true));
  if (kernel.k > CHUNK && kernel.k % CHUNK > 0) chunk(kernel.k % CHUNK, true);
  if (plain) return;
  tileEpilogue(f, {
    body: epilogue,
    sizes: [rows, columns],
    skip: 0,
    results,
    resultStrides: [columns, 1],
    corner,
  });
}
