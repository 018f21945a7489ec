/**
 * Whether a convolution is done by Winograd's transforms or as a plain sum: both are estimated from shapes alone, in
 * nanoseconds on one core of 2021 with relaxed SIMD (the constants are fits to `test/bench/kernels.ts`), so that a plan is
 * the same on every machine.
 */
import type { Factor, WinogradAxis } from './kernel.js';
import { patchesOf, patchRuns, PLANES, productRows, roundedUp, WINDOW } from './winograd.js';

export interface WinogradShape {
  readonly batch: number;
  readonly rows: WinogradAxis;
  readonly columns: WinogradAxis;
  readonly sourceChannels: number;
  readonly outputChannels: number;
  readonly source: readonly (readonly Factor[])[];
}

/** A choice, and why: for those who read a plan. */
export interface Choice {
  readonly winograd: boolean;
  /** False where nothing but the plain sum can be. */
  readonly possible: boolean;
  readonly because: string;
}

/** Elements of a tile's planes that share the second-level cache with a filter that streams by. */
const BLOCK_ELEMENTS = 110_000;
/** Patches of a block: fewer do not fill the registers, with more the planes of a product leave the first-level cache. */
const LEAST_PATCHES = 24;
const MOST_PATCHES = 64;
/** Runs of patches with code of their own: a source whose factors cut windows differently would fill the module. */
const MOST_RUNS = 8;

/** Rows of patches done together: as many as the cache holds, equal parts of all where that can be. */
export function winogradBlockRows(
  { batch, rows, columns, sourceChannels, outputChannels }: Omit<WinogradShape, 'source'>,
  planes: number,
): number {
  const [all, across] = [batch * patchesOf(rows.output), patchesOf(columns.output)];
  const held = BLOCK_ELEMENTS / (planes * roundedUp(Math.max(sourceChannels, outputChannels), 4));
  const patches = Math.min(MOST_PATCHES, Math.max(LEAST_PATCHES, held), Math.ceil((all * across) / 2));
  const most = Math.max(1, Math.floor(patches / across));
  for (let count = most; count > most / 2; count--) if (all % count === 0) return count;
  return Math.ceil(all / Math.ceil(all / most));
}

/** Convolutions by Winograd's transforms: nowhere, where they are faster, or wherever they can be (for tests). */
export type WinogradUse = 'never' | 'faster' | 'always';

export function chosen(use: WinogradUse = 'never', choose: () => Choice): boolean {
  if (use === 'never') return false;
  const { winograd, possible } = choose();
  return use === 'always' ? possible : winograd;
}

/** A reason why the transforms cannot be used, if there is one. */
function obstacle({ rows, columns, source }: WinogradShape): string | undefined {
  const [, , columnFactors, channelFactors] = source;
  if (channelFactors!.length > 1 || (channelFactors!.length === 1 && channelFactors![0]!.stride !== 1))
    return 'channels are not neighbours in memory';
  const across = patchesOf(columns.output);
  const runs = patchRuns(columns.source, columns.pad, across, WINDOW, columnFactors!);
  if (runs.length > MOST_RUNS) return 'windows are cut differently all along a row';
  if (across > 2 * MOST_PATCHES) return 'a row of patches does not fit the cache';
  if (Math.abs(rows.pad) > WINDOW || Math.abs(columns.pad) > WINDOW)
    return 'its border is wider than a window';
  return undefined;
}

/** Nanoseconds of a vector of four multiply-adds. */
const DIRECT = 0.17;
const PRODUCT = 0.15;
/** Of a window of four channels, transformed; of a patch of four channels. */
const WINDOW_IN = 75;
const PATCH_OUT = 60;
const PATCH_IN = 50;
/** Of a filter's four weights. */
const WEIGHTS = 60;

/** For a convolution or an input gradient. */
export function chooseConvolution(shape: WinogradShape): Choice {
  const because = obstacle(shape);
  if (because !== undefined) return { winograd: false, possible: false, because };
  const { batch, rows, columns, sourceChannels, outputChannels } = shape;
  const [inputs, outputs] = [roundedUp(sourceChannels, 4) / 4, roundedUp(outputChannels, 4) / 4];
  const patches = batch * patchesOf(rows.output) * patchesOf(columns.output);
  const products = PLANES * productRows(patches) * sourceChannels * outputs * PRODUCT;
  const transforms =
    patches * (inputs * WINDOW_IN + outputs * PATCH_OUT) + sourceChannels * outputs * WEIGHTS;
  return compared(directTime(shape), products + transforms);
}

/** For a filter gradient that is summed in `tiles` parts; `outputChannels` are the cotangent's. */
export function chooseFilterGradient(shape: WinogradShape, tiles: number): Choice {
  const because = obstacle(shape);
  if (because !== undefined) return { winograd: false, possible: false, because };
  const { batch, rows, columns, sourceChannels, outputChannels } = shape;
  const [inputs, outputs] = [roundedUp(sourceChannels, 4) / 4, roundedUp(outputChannels, 4) / 4];
  const patches = batch * patchesOf(rows.output) * patchesOf(columns.output);
  const products = PLANES * patches * productRows(sourceChannels) * outputs * PRODUCT;
  const transforms =
    patches * (inputs * WINDOW_IN + outputs * PATCH_IN) + tiles * sourceChannels * outputs * WEIGHTS;
  return compared(directTime(shape), products + transforms);
}

function directTime({ batch, rows, columns, sourceChannels, outputChannels }: WinogradShape): number {
  const outputs = batch * rows.output * columns.output;
  return ((outputs * 9 * sourceChannels * roundedUp(outputChannels, 4)) / 4) * DIRECT;
}

function compared(direct: number, winograd: number): Choice {
  const ratio = (a: number, b: number): string => (a / b).toFixed(1);
  return winograd < direct
    ? { winograd: true, possible: true, because: `${ratio(direct, winograd)} times as fast as the plain sum` }
    : {
        winograd: false,
        possible: true,
        because: `Winograd would take ${ratio(winograd, direct)} times as long`,
      };
}
