/** Transforms the weights of a filter of 3 x 3, one block of output channels per tile. */
import type { WinogradFilterKernel } from '../plan/kernel.js';
import { WINOGRAD_BLOCK, winogradFilterPlane } from '../plan/winograd.js';
import { i32 } from './assembler/expression.js';
import type { KernelFunction } from './kernel-function.js';
import { loadLanes } from './vector-access.js';
import { WinogradTransforms } from './winograd-transforms.js';

export function winogradFilter(k: KernelFunction, kernel: WinogradFilterKernel): void {
  const { f } = k;
  const { sourceChannels, outputChannels, strides } = kernel;
  const [rowStride, columnStride, sourceStride, outputStride] = strides;
  const plane = winogradFilterPlane(sourceChannels, outputChannels) * 4;
  const transforms = new WinogradTransforms(k);
  k.forEachTile((tile) => {
    const weights = f.local(
      'i32',
      i32.add(k.parameter(0), i32.multiply(tile, i32.constant(WINOGRAD_BLOCK * outputStride * 4))),
    );
    const target = f.local(
      'i32',
      i32.add(k.parameter(1), i32.multiply(tile, i32.constant(WINOGRAD_BLOCK * sourceChannels * 4))),
    );
    const block = (channels: number): void => {
      const vectors = Math.ceil(channels / 4);
      f.repeat(sourceChannels, () => {
        for (let vector = 0; vector < vectors; vector++) {
          const lanes = Math.min(4, channels - vector * 4);
          const made = transforms.square(
            3,
            (row, column) =>
              loadLanes(
                weights,
                (row * rowStride + column * columnStride + vector * 4 * outputStride) * 4,
                outputStride,
                lanes,
              ),
            transforms.weights,
          );
          made.flat().forEach((value, i) => f.storeVector(target, value, i * plane + vector * 16));
        }
        f.advance(weights, sourceStride * 4);
        f.advance(target, vectors * 16);
      });
    };
    const full = Math.floor(outputChannels / WINOGRAD_BLOCK);
    const rest = outputChannels % WINOGRAD_BLOCK;
    if (rest === 0) block(WINOGRAD_BLOCK);
    else if (full === 0) block(rest);
    else
      f.if(
        i32.lessUnsigned(tile, i32.constant(full)),
        () => block(WINOGRAD_BLOCK),
        () => block(rest),
      );
  });
}
