/**
 * The gradient in the filter: for kernel row ky, the products of a run of kw * C input elements (4 at a time, splat)
 * and of output channels (8 at a time), summed over all output places of a block of rows whose input and cotangent
 * stay in cache. Each tile sums its own images; the tiles' sums are joined in order by a reduction.
 */
import { BLOCK, channelBlocks } from '../plan/channel-blocks.js';
import { forwardAxis, region } from '../plan/convolution-axis.js';
import type { FilterGradientKernel } from '../plan/kernel.js';
import { f32x4, i32, v128 } from './assembler/expression.js';
import type { Local } from './assembler/function-builder.js';
import { copyBordered, imageParts } from './convolution.js';
import type { KernelFunction } from './kernel-function.js';
import { pixelsFor } from './micro-kernel.js';
import { zeroRun } from './vector-access.js';

export function filterGradient(k: KernelFunction, kernel: FilterGradientKernel): void {
  const { f } = k;
  const { channels, outputChannels, strides, blockRows, batch, tiles } = kernel;
  const [outRows, outColumns] = kernel.outputSize;
  const [kernelRows, kernelColumns] = kernel.kernel;
  const pitch = Math.ceil(outputChannels / 4) * 4;
  const runLength = kernelColumns * channels;
  const partElements = kernelRows * runLength * pitch;
  const columns = region(
    forwardAxis(kernel.inputSize[1], outColumns, kernelColumns, strides[1], kernel.padding[1][0]),
    outColumns,
  );
  const rowPitch = columns.extent * channels * 4;
  const [cotangentImage, cotangentRow, cotangentColumn] = kernel.cotangent;

  k.forEachTile((tile) => {
    const sums = f.local('i32', i32.add(k.parameter(2), i32.multiply(tile, i32.constant(partElements * 4))));
    zeroRun(f, sums, partElements, f.local('v128', f32x4.constant(0)));
    const image = f.local('i32', k.share(tile, batch, tiles));
    const next = f.local('i32', k.share(i32.add(tile, i32.constant(1)), batch, tiles));
    f.whileBelow(image, next, 1, () => {
      const parts = imageParts(k, kernel.input, image);
      const cotangent = f.local(
        'i32',
        i32.add(k.parameter(1), i32.multiply(image, i32.constant(cotangentImage! * 4))),
      );
      const inputRow = f.local('i32', i32.constant(-kernel.padding[0][0]));
      f.repeat(outRows / blockRows, () => {
        copyBordered(f, {
          parts,
          size: kernel.inputSize,
          channels,
          columns,
          rowCount: (blockRows - 1) * strides[0] + kernelRows,
          firstRow: inputRow,
          target: k.scratch,
        });
        block(sums, cotangent);
        f.advance(inputRow, blockRows * strides[0]);
        f.advance(cotangent, blockRows * cotangentRow! * 4);
      });
    });
  });

  /** Adds what the rows in scratch and at `cotangent` give to all sums. */
  function block(sums: Local<'i32'>, cotangent: Local<'i32'>): void {
    const { full, rest, restWidth } = channelBlocks(outputChannels);
    const inputBase = f.local('i32', k.scratch);
    const sumBase = f.local('i32', sums);
    f.repeat(kernelRows, () => {
      const outputs = f.local('i32', cotangent);
      const outputSums = f.local('i32', sumBase);
      f.repeat(full, () => {
        channelsOf(BLOCK / 4, outputSums, inputBase, outputs);
        f.advance(outputs, BLOCK * 4);
        f.advance(outputSums, BLOCK * 4);
      });
      if (rest > 0) channelsOf(restWidth / 4, outputSums, inputBase, outputs);
      f.advance(inputBase, rowPitch);
      f.advance(sumBase, runLength * pitch * 4);
    });
  }

  function channelsOf(
    vectors: number,
    outputSums: Local<'i32'>,
    inputBase: Local<'i32'>,
    outputs: Local<'i32'>,
  ): void {
    const rows = pixelsFor(k, vectors);
    const input = f.local('i32', inputBase);
    const target = f.local('i32', outputSums);
    const group = (count: number): void => {
      const accumulators = Array.from({ length: count }, (_, row) =>
        Array.from({ length: vectors }, (_, vector) =>
          f.local('v128', v128.load(target, row * pitch * 4 + vector * 16)),
        ),
      );
      const a = f.local('i32', input);
      const c = f.local('i32', outputs);
      const values = Array.from({ length: vectors }, () => f.local('v128'));
      const splat = f.local('v128');
      f.repeat(blockRows, () => {
        // One place a round, as in `product`.
        f.repeat(outColumns, () => {
          values.forEach((value, vector) => f.set(value, v128.load(c, vector * 16)));
          accumulators.forEach((row, i) => {
            f.set(splat, v128.load32Splat(a, i * 4));
            row.forEach((sum, vector) => f.set(sum, k.multiplyAdd(splat, values[vector]!, sum)));
          });
          f.advance(a, strides[1] * channels * 4);
          f.advance(c, cotangentColumn! * 4);
        });
        f.advance(a, strides[0] * rowPitch - outColumns * strides[1] * channels * 4);
        f.advance(c, (cotangentRow! - outColumns * cotangentColumn!) * 4);
      });
      accumulators.forEach((row, i) =>
        row.forEach((sum, vector) => f.storeVector(target, sum, i * pitch * 4 + vector * 16)),
      );
      f.advance(input, count * 4);
      f.advance(target, count * pitch * 4);
    };
    f.repeat(Math.floor(runLength / rows), () => group(rows));
    if (runLength % rows > 0) group(runLength % rows);
  }
}
