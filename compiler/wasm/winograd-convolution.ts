/**
 * Winograd's convolution. A tile is some rows of patches: their windows are transformed into 36 planes, multiplied by
 * those of the filter, and the products transformed back, all within the second-level cache; then the epilogue, on a
 * row of patches whose results are in the first.
 */
import type { WinogradKernel } from '../plan/kernel.js';
import { isPlainConvolution } from '../plan/scratch.js';
import {
  PATCH,
  patchesOf,
  PLANES,
  productRows,
  roundedUp,
  WINDOW,
  windowsPlane,
  winogradFilterPlane,
  winogradScratch,
} from '../plan/winograd.js';
import { f32x4, i32, v128 } from './assembler/expression.js';
import type { I32 } from './assembler/expression.js';
import type { Local } from './assembler/function-builder.js';
import { tileEpilogue } from './convolution.js';
import type { KernelFunction } from './kernel-function.js';
import { storeLanes, zeroRun } from './vector-access.js';
import { transformPatches } from './winograd-patches.js';
import { planeProducts } from './winograd-products.js';
import { WinogradTransforms } from './winograd-transforms.js';

export function winogradConvolution(k: KernelFunction, kernel: WinogradKernel): void {
  const { f } = k;
  const { rows, columns, batch, sourceChannels, outputChannels, blockRows, keeps } = kernel;
  const plain = isPlainConvolution(kernel);
  const scratch = winogradScratch(kernel, plain);
  const [down, across] = [patchesOf(rows.output), patchesOf(columns.output)];
  const slot = scratch.slot * 4;
  const pitch = roundedUp(sourceChannels, 4);
  const transforms = new WinogradTransforms(k);
  const zeros = f.local('i32', k.scratch);
  zeroRun(f, zeros, scratch.zeros, f.local('v128', f32x4.constant(0)));
  const made = f.local('i32', i32.add(k.scratch, i32.constant(scratch.zeros * 4)));
  const windowsSlot = keeps === undefined ? slot : windowsPlane(kernel, sourceChannels) * 4;
  const results = i32.add(made, i32.constant(scratch.slots * slot));

  k.forEachTile((tile) => {
    const firstRow = f.local('i32', i32.multiply(tile, i32.constant(blockRows)));
    const row = f.local('i32', firstRow);
    const windows = f.local('i32', windowsOf(tile));
    const target = f.local('i32', windows);
    f.repeat(blockRows, () => {
      for (const { parameter, first, channels, axes } of kernel.source)
        transformPatches(
          k,
          transforms,
          transforms.source,
          {
            pointer: k.parameter(parameter),
            axes,
            size: [rows.source, columns.source],
            pad: [rows.pad, columns.pad],
            channels,
            pitch,
            window: WINDOW,
            batch,
            patches: [down, across],
            zeros,
          },
          row,
          i32.add(target, i32.constant(first * 4)),
          windowsSlot,
        );
      f.advance(row, 1);
      f.advance(target, across * pitch * 4);
    });
    planeProducts(k, {
      rows: productRows(blockRows * across),
      inner: sourceChannels,
      columns: outputChannels,
      left: windows,
      right: k.parameter(1),
      results: made,
      planes: {
        left: windowsSlot,
        right: winogradFilterPlane(sourceChannels, outputChannels) * 4,
        results: slot,
      },
      leftRow: pitch * 4,
      leftStep: 4,
      adds: false,
    });
    f.set(row, firstRow);
    const products = f.local('i32', made);
    f.repeat(blockRows, () => {
      const outputRow = (): void => {
        const image = f.local('i32', i32.divideUnsigned(row, i32.constant(down)));
        const first = f.local(
          'i32',
          i32.multiply(i32.remainderUnsigned(row, i32.constant(down)), i32.constant(PATCH)),
        );
        const own = f.local('i32', plain ? placeOf(image, first) : results);
        transformRow(products, own, plain ? first : undefined);
        if (!plain) runEpilogue(image, first, own);
      };
      if ((batch * down) % blockRows === 0) outputRow();
      else f.if(i32.lessUnsigned(row, i32.constant(batch * down)), outputRow);
      f.advance(row, 1);
      f.advance(products, across * roundedUp(outputChannels, 4) * 4);
    });
  });

  /** Where a tile's windows lie: those that are kept behind each other, others where the next tile's will be. */
  function windowsOf(tile: I32): I32 {
    if (keeps === undefined) return i32.add(made, i32.constant(slot));
    return i32.add(k.parameter(keeps), i32.multiply(tile, i32.constant(PLANES * windowsSlot)));
  }

  /** Where output (image, row, 0, 0) is stored. */
  function placeOf(image: I32, row: I32): I32 {
    const rowBytes = columns.output * outputChannels * 4;
    return i32.add(
      k.parameter(kernel.epilogue.stores[0]!.access.parameter),
      i32.add(
        i32.multiply(image, i32.constant(rows.output * rowBytes)),
        i32.multiply(row, i32.constant(rowBytes)),
      ),
    );
  }

  /** Outputs of a row of patches; `first` is its first row of outputs where rows beyond the last must not be written. */
  function transformRow(products: I32, target: I32, first: I32 | undefined): void {
    const from = f.local('i32', products);
    const to = f.local('i32', target);
    const [full, rest] = [Math.floor(outputChannels / 4), outputChannels % 4];
    const lanesOf = (width: number, lanes: number): void => {
      const square = transforms.square(
        WINDOW,
        (i, j) => v128.load(from, (i * WINDOW + j) * slot),
        transforms.outputs,
      );
      square.forEach((values, i) => {
        const store = (): void =>
          values.slice(0, width).forEach((value, j) => {
            storeLanes(f, to, (i * columns.output + j) * outputChannels * 4, 1, lanes, value);
          });
        const lastRows = rows.output % PATCH;
        if (first === undefined || lastRows === 0 || i < lastRows) store();
        else f.if(i32.lessUnsigned(first, i32.constant(rows.output - i)), store);
      });
      f.advance(from, 16);
      f.advance(to, lanes * 4);
    };
    const patch = (width: number): void => {
      f.repeat(full, () => lanesOf(width, 4));
      if (rest > 0) lanesOf(width, rest);
      f.advance(to, (width - 1) * outputChannels * 4);
    };
    f.repeat(Math.floor(columns.output / PATCH), () => patch(PATCH));
    if (columns.output % PATCH > 0) patch(columns.output % PATCH);
  }

  function runEpilogue(image: Local<'i32'>, first: Local<'i32'>, own: Local<'i32'>): void {
    const ofRows = (count: number): void =>
      tileEpilogue(f, {
        body: kernel.epilogue,
        sizes: [count, columns.output, outputChannels],
        skip: 1,
        results: own,
        resultStrides: [columns.output * outputChannels, outputChannels, 1],
        corner: (parameter, strides) =>
          i32.add(
            i32.add(k.parameter(parameter), i32.multiply(image, i32.constant(strides[0]! * 4))),
            i32.multiply(first, i32.constant(strides[1]! * 4)),
          ),
      });
    const last = rows.output % PATCH;
    if (last === 0) ofRows(PATCH);
    else if (rows.output < PATCH) ofRows(last);
    else
      f.if(
        i32.lessUnsigned(first, i32.constant(rows.output - last)),
        () => ofRows(PATCH),
        () => ofRows(last),
      );
  }
}
