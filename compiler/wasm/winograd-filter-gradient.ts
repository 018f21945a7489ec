/**
 * The gradient in a filter of 3 x 3 by Winograd's transforms: what `winograd-convolution.ts` multiplies is transposed.
 * Windows of the input and patches of the cotangent become planes; the 36 products sum over the patches of a tile, and
 * the sums become 3 x 3 at its end.
 */
import type { Factor, SourcePart, WinogradFilterGradientKernel } from '../plan/kernel.js';
import {
  PATCH,
  patchesOf,
  PLANES,
  productRows,
  roundedUp,
  WINDOW,
  windowsPlane,
  winogradFilterGradientScratch,
} from '../plan/winograd.js';
import { f32x4, i32, v128 } from './assembler/expression.js';
import type { I32 } from './assembler/expression.js';
import type { Local } from './assembler/function-builder.js';
import type { KernelFunction } from './kernel-function.js';
import { zeroRun } from './vector-access.js';
import { transformPatches } from './winograd-patches.js';
import { planeProducts } from './winograd-products.js';
import { WinogradTransforms } from './winograd-transforms.js';

export function winogradFilterGradient(k: KernelFunction, kernel: WinogradFilterGradientKernel): void {
  const { f } = k;
  const { rows, columns, batch, outputChannels, blockRows, blocks, groups, readsWindows } = kernel;
  const channels = kernel.channels / groups;
  const scratch = winogradFilterGradientScratch(kernel);
  const inputPlane = readsWindows ? windowsPlane(kernel, kernel.channels) : scratch.input;
  const patches = [patchesOf(rows.output), patchesOf(columns.output)] as const;
  const [channelPitch, outputPitch] = [roundedUp(channels, 4), roundedUp(outputChannels, 4)];
  const transforms = new WinogradTransforms(k);
  const zero = f.local('v128', f32x4.constant(0));
  let taken = 0;
  const take = (elements: number) => {
    const place = f.local('i32', i32.add(k.scratch, i32.constant(taken * 4)));
    taken += elements;
    return place;
  };
  const inputZeros = take(scratch.inputZeros);
  const cotangentZeros = take(scratch.cotangentZeros);
  const windows = take(PLANES * scratch.input);
  const cotangents = take(PLANES * scratch.cotangent);
  const sums = take(PLANES * scratch.sums);
  zeroRun(f, inputZeros, scratch.inputZeros + scratch.cotangentZeros, zero);
  const axis = (size: number, stride: number): Factor[] => (size === 1 ? [] : [{ size, stride }]);
  const [imageStride, rowStride, columnStride] = kernel.cotangent;
  const input = {
    size: [rows.source, columns.source],
    pad: [rows.pad, columns.pad],
    pitch: channelPitch,
    window: WINDOW,
    batch,
    patches,
    zeros: inputZeros,
  } as const;
  const cotangent = {
    pointer: k.parameter(1),
    axes: [axis(batch, imageStride!), axis(rows.output, rowStride!), axis(columns.output, columnStride!), []],
    size: [rows.output, columns.output],
    pad: [0, 0],
    channels: outputChannels,
    pitch: outputPitch,
    window: PATCH,
    batch,
    patches,
    zeros: cotangentZeros,
  } as const;

  k.forEachTile((tile) => {
    zeroRun(f, sums, PLANES * scratch.sums, zero);
    const [part, group] =
      groups === 1
        ? [tile, i32.constant(0)]
        : [
            f.local('i32', i32.divideUnsigned(tile, i32.constant(groups))),
            f.local('i32', i32.remainderUnsigned(tile, i32.constant(groups))),
          ];
    const row = f.local('i32', i32.multiply(part, i32.constant(blocks * blockRows)));
    const left = f.local('i32', readsWindows ? keptWindows(part, group) : windows);
    const block = (): void => {
      const inputTarget = f.local('i32', windows);
      const cotangentTarget = f.local('i32', cotangents);
      f.repeat(blockRows, () => {
        if (!readsWindows) transformInput(group, row, inputTarget);
        transformPatches(
          k,
          transforms,
          transforms.cotangents,
          cotangent,
          row,
          cotangentTarget,
          scratch.cotangent * 4,
        );
        f.advance(row, 1);
        f.advance(inputTarget, patches[1] * channelPitch * 4);
        f.advance(cotangentTarget, patches[1] * outputPitch * 4);
      });
      planeProducts(k, {
        rows: productRows(channels),
        inner: blockRows * patches[1],
        columns: outputChannels,
        left,
        right: cotangents,
        results: sums,
        planes: { left: inputPlane * 4, right: scratch.cotangent * 4, results: scratch.sums * 4 },
        leftRow: 4,
        leftStep: (readsWindows ? roundedUp(kernel.channels, 4) : channelPitch) * 4,
        rightStep: outputPitch * 4,
        adds: true,
      });
      if (readsWindows) f.advance(left, PLANES * inputPlane * 4);
    };
    const all = batch * patches[0];
    f.repeat(blocks, () => {
      // Of rows beyond the last image nothing is kept.
      if (!readsWindows || all % (blocks * blockRows) === 0) block();
      else f.if(i32.lessUnsigned(row, i32.constant(all)), block);
    });
    finish(
      i32.add(
        k.parameter(2),
        i32.add(
          i32.multiply(part, i32.constant(9 * kernel.channels * outputPitch * 4)),
          i32.multiply(group, i32.constant(channels * outputPitch * 4)),
        ),
      ),
    );
  });

  /** The first of a part's kept windows, at the first channel of a group. */
  function keptWindows(part: I32, group: I32): I32 {
    return i32.add(
      k.parameter(0),
      i32.add(
        i32.multiply(part, i32.constant(blocks * PLANES * inputPlane * 4)),
        i32.multiply(group, i32.constant(channels * 4)),
      ),
    );
  }

  /** A row's windows of all parts, or of a group's channels in the part that they lie in. */
  function transformInput(group: I32, row: Local<'i32'>, target: Local<'i32'>): void {
    if (groups === 1)
      for (const part of kernel.input)
        transformPart(
          part,
          part.channels,
          i32.constant(0),
          row,
          i32.add(target, i32.constant(part.first * 4)),
        );
    else ofGroup(0);

    function ofGroup(index: number): void {
      const part = kernel.input[index]!;
      const skipped = i32.add(i32.multiply(group, i32.constant(channels * 4)), i32.constant(-part.first * 4));
      const own = (): void => transformPart(part, channels, skipped, row, target);
      const isLast = index === kernel.input.length - 1;
      if (isLast) own();
      else {
        const end = (part.first + part.channels) / channels;
        f.if(i32.lessUnsigned(group, i32.constant(end)), own, () => ofGroup(index + 1));
      }
    }
  }

  /** So many of a part's channels, those after `skipped` bytes of them. */
  function transformPart(
    { parameter, axes }: SourcePart,
    count: number,
    skipped: I32,
    row: Local<'i32'>,
    target: I32,
  ): void {
    const pointer = f.local('i32', i32.add(k.parameter(parameter), skipped));
    transformPatches(
      k,
      transforms,
      transforms.source,
      { ...input, axes, channels: count, pointer },
      row,
      target,
      scratch.input * 4,
    );
  }

  function finish(target: I32): void {
    const from = f.local('i32', sums);
    const to = f.local('i32', target);
    f.repeat((channels * outputPitch) / 4, () => {
      const made = transforms.square(
        WINDOW,
        (i, j) => v128.load(from, (i * WINDOW + j) * scratch.sums * 4),
        transforms.weightSums,
      );
      made.flat().forEach((value, tap) => f.storeVector(to, value, tap * kernel.channels * outputPitch * 4));
      f.advance(from, 16);
      f.advance(to, 16);
    });
  }
}
