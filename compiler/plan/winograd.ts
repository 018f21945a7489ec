/**
 * Winograd's convolution F(4x4, 3x3) as its kernels see it: outputs in squares of 4 x 4 ("patches"), each from a
 * window of 6 x 6 sources, 36 products where the plain sum takes 144 (Lavin and Gray, Fast Algorithms for
 * Convolutional Neural Networks, 2016). What depends on shapes alone is worked out here, for the kernels, for the
 * memory they need and for the choice between this and the plain sum.
 */
import type { Factor, SourcePart, WinogradFilterGradientKernel, WinogradKernel } from './kernel.js';

/** Outputs along a side of a patch, and places along a side of a window: 6 = 4 + 3 - 1. */
export const PATCH = 4;
export const WINDOW = 6;
/** Products of a patch and a channel pair: the planes in which transformed numbers lie. */
export const PLANES = WINDOW * WINDOW;
/** Output channels that are done together, neighbours in transformed filters. */
export const WINOGRAD_BLOCK = 8;

export const roundedUp = (count: number, to: number): number => Math.ceil(count / to) * to;

/** Where the windows of a row of patches lie: neighbours that read alike, so that one loop does them. */
export interface PatchRun {
  /** The first of them along the row. */
  readonly first: number;
  readonly count: number;
  /** For each column of a window, where it lies from the row's beginning for the first of them; undefined outside. */
  readonly columns: readonly (number | undefined)[];
  /** Elements from one's columns to the next one's. */
  readonly step: number;
}

/** How a row of patches reads its columns. */
export function patchRuns(
  size: number,
  pad: number,
  patches: number,
  window: number,
  factors: readonly Factor[],
): readonly PatchRun[] {
  const runs: { first: number; count: number; columns: (number | undefined)[]; step: number }[] = [];
  for (let patch = 0; patch < patches; patch++) {
    const columns = Array.from({ length: window }, (_, i) => {
      const column = patch * PATCH - pad + i;
      return column >= 0 && column < size ? placeAlong(factors, column) : undefined;
    });
    const run = runs.at(-1);
    const step = run && commonStep(run.columns, columns, run.count);
    if (run !== undefined && step !== undefined && (run.count === 1 || run.step === step)) {
      run.count++;
      run.step = step;
    } else runs.push({ first: patch, count: 1, columns, step: 0 });
  }
  return runs;
}

/** The step that takes each of `from` to its place in `to` in `steps` of it; undefined where there is none. */
function commonStep(
  from: readonly (number | undefined)[],
  to: readonly (number | undefined)[],
  steps: number,
): number | undefined {
  let step: number | undefined;
  for (const [i, a] of from.entries()) {
    const b = to[i];
    if ((a === undefined) !== (b === undefined)) return undefined;
    if (a === undefined || b === undefined) continue;
    const own = (b - a) / steps;
    if (!Number.isInteger(own) || (step !== undefined && own !== step)) return undefined;
    step = own;
  }
  return step;
}

/** Elements from place 0 of an axis to place `index`. */
export function placeAlong(factors: readonly Factor[], index: number): number {
  let [place, rest] = [0, index];
  for (const { size, stride } of factors.toReversed()) {
    place += (rest % size) * stride;
    rest = Math.floor(rest / size);
  }
  return place;
}

/** Elements from the first place of an axis to its last. */
const reachAlong = (factors: readonly Factor[]): number =>
  factors.reduce((sum, { size, stride }) => sum + (size - 1) * Math.max(0, stride), 0);

/** Patches along each axis of outputs of this size. */
export const patchesOf = (outputs: number): number => Math.ceil(outputs / PATCH);

/** Numbers of a plane that holds `rows` of `pitch`; an odd number of cache lines, lest planes fall on each other in it. */
export function planeElements(rows: number, pitch: number): number {
  return (Math.ceil((rows * pitch) / 16) | 1) * 16;
}

/** Rows that a product is done for: pairs of which every group of 6 or 4 is made; what is too many is nobody's. */
export const productRows = (patches: number): number => Math.max(4, roundedUp(patches, 4));

/** Zeros that stand for a row outside of the source. */
function zeroRow(columns: readonly Factor[], channels: number): number {
  return roundedUp(reachAlong(columns) + roundedUp(channels, 4) + 4, 16);
}

/** Zeros for a row of any part, of which at most `most` channels are read at once. */
const partsZeroRow = (parts: readonly SourcePart[], most: number): number =>
  Math.max(0, ...parts.map(({ axes, channels }) => zeroRow(axes[2]!, Math.min(channels, most))));

/** Elements of a plane of transformed windows, of as many rows as are multiplied. */
export const windowsPlane = (
  { columns, blockRows }: Pick<WinogradKernel, 'columns' | 'blockRows'>,
  channels: number,
): number => planeElements(productRows(blockRows * patchesOf(columns.output)), roundedUp(channels, 4));

/** Elements of the windows that a convolution keeps. */
export const keptWindows = (
  kernel: Pick<WinogradKernel, 'tiles' | 'columns' | 'blockRows' | 'sourceChannels'>,
): number => kernel.tiles * PLANES * windowsPlane(kernel, kernel.sourceChannels);

export interface WinogradScratch {
  readonly zeros: number;
  /**
   * Plane p of the transformed source lies in slot p + 1, and what is made of it in slot p, which is free by then. Where
   * windows are kept they lie elsewhere.
   */
  readonly slot: number;
  readonly slots: number;
  /** Results of a row of patches where an epilogue follows. */
  readonly results: number;
}

export function winogradScratch(
  kernel: Pick<
    WinogradKernel,
    'source' | 'columns' | 'sourceChannels' | 'outputChannels' | 'blockRows' | 'keeps'
  >,
  plain: boolean,
): WinogradScratch {
  const { source, columns, sourceChannels, outputChannels, keeps } = kernel;
  const kept = keeps !== undefined;
  return {
    zeros: partsZeroRow(source, sourceChannels),
    slot: windowsPlane(kernel, kept ? outputChannels : Math.max(sourceChannels, outputChannels)),
    slots: kept ? PLANES : PLANES + 1,
    results: plain ? 0 : roundedUp(PATCH * columns.output * outputChannels + 4, 16),
  };
}

export interface WinogradFilterGradientScratch {
  readonly inputZeros: number;
  readonly cotangentZeros: number;
  /** A plane of each of the three. */
  readonly input: number;
  readonly cotangent: number;
  readonly sums: number;
}

export function winogradFilterGradientScratch(
  kernel: Pick<
    WinogradFilterGradientKernel,
    | 'input'
    | 'cotangent'
    | 'columns'
    | 'channels'
    | 'outputChannels'
    | 'blockRows'
    | 'groups'
    | 'readsWindows'
  >,
): WinogradFilterGradientScratch {
  const { input, cotangent, columns, outputChannels, blockRows, readsWindows } = kernel;
  const channels = kernel.channels / kernel.groups;
  const rows = blockRows * patchesOf(columns.output);
  const pitch = roundedUp(outputChannels, 4);
  return {
    inputZeros: partsZeroRow(input, channels),
    cotangentZeros: zeroRow([{ size: columns.output, stride: cotangent[2]! }], outputChannels),
    input: readsWindows ? 0 : planeElements(rows, roundedUp(channels, 4)),
    cotangent: planeElements(rows, pitch),
    sums: planeElements(productRows(channels), pitch),
  };
}

/** Elements of a plane of a transformed filter: [block of 8 output channels, the last perhaps of 4][channel][8]. */
export const winogradFilterPlane = (sourceChannels: number, outputChannels: number): number =>
  planeElements(sourceChannels, roundedUp(outputChannels, 4));
