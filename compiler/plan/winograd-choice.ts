/**
 * Whether a convolution is done by Winograd's transforms or as a plain sum: both are estimated from shapes alone, in
 * nanoseconds on one core of 2021 with relaxed SIMD (the constants are fits to `test/bench/kernels.ts`), so that a plan is
 * the same on every machine.
 */
import type { Choice, SourcePart, WinogradKernel } from './kernel.js';
import { keptWindows, patchesOf, patchRuns, PLANES, productRows, roundedUp, WINDOW } from './winograd.js';
import { areNeighbours } from './view.js';

export interface WinogradShape extends Pick<
  WinogradKernel,
  'batch' | 'rows' | 'columns' | 'sourceChannels' | 'outputChannels'
> {
  readonly source: readonly Pick<SourcePart, 'channels' | 'axes'>[];
}

/** Elements of a tile's planes that share the second-level cache with a filter that streams by. */
const BLOCK_ELEMENTS = 110_000;
/** Patches of a block: fewer do not fill the registers, with more the planes of a product leave the first-level cache. */
const LEAST_PATCHES = 24;
const MOST_PATCHES = 32;
/** Patches of a row, which is never cut. */
const MOST_ACROSS = 64;
/** Runs of patches with code of their own: a source whose factors cut windows differently would fill the module. */
const MOST_RUNS = 8;

/** Rows of patches done together: as many as the cache holds, equal parts of all where that can be. */
export function winogradBlockRows(
  { batch, rows, columns, sourceChannels, outputChannels }: Omit<WinogradShape, 'source'>,
  planes: number,
): number {
  const [all, across] = [batch * patchesOf(rows.output), patchesOf(columns.output)];
  const held = BLOCK_ELEMENTS / (planes * roundedUp(Math.max(sourceChannels, outputChannels), 4));
  const patches = Math.min(MOST_PATCHES, Math.max(LEAST_PATCHES, held), Math.max(16, (all * across) / 2));
  const most = Math.max(1, Math.floor(patches / across));
  for (let count = most; count > most / 2; count--) if (all % count === 0) return count;
  return Math.ceil(all / Math.ceil(all / most));
}

/** Convolutions by Winograd's transforms: nowhere, where they are faster, or wherever they can be (for tests). */
export type WinogradUse = 'never' | 'faster' | 'always';

/** What becomes of a convolution: nothing is chosen where Winograd is not wanted. */
export function decide(use: WinogradUse = 'never', choose: () => Choice): Choice | undefined {
  if (use === 'never') return undefined;
  const choice = choose();
  return use === 'always' ? { ...choice, winograd: choice.gain !== undefined } : choice;
}

export const OTHER_KERNEL: Choice = {
  winograd: false,
  because: 'its kernel is not 3x3 with steps of 1',
};

/** A reason why the transforms cannot be used, if there is one. */
function obstacle({ rows, columns, source }: WinogradShape): string | undefined {
  if (!source.every(({ axes }) => areNeighbours(axes[3]!))) return 'channels are not neighbours in memory';
  const across = patchesOf(columns.output);
  const runs = source.map(({ axes }) => patchRuns(columns.source, columns.pad, across, WINDOW, axes[2]!));
  if (runs.some(({ length }) => length > MOST_RUNS)) return 'windows are cut differently all along a row';
  if (across > MOST_ACROSS) return 'a row of patches does not fit the cache';
  if (Math.abs(rows.pad) > WINDOW || Math.abs(columns.pad) > WINDOW)
    return 'its border is wider than a window';
  return undefined;
}

/** Nanoseconds of four multiply-adds; where there are no more than four output channels, loads are more than products. */
const multiplyAdds = (outputs: number): number => (outputs === 1 ? 0.26 : 0.17);
const productTime = (outputs: number): number => (outputs === 1 ? 0.21 : 0.16);
/** Of a patch, and of its transforms for four channels: windows and cotangents in, outputs out. */
const PATCH_TIME = 20;
const WINDOW_IN = 50;
const COTANGENT_IN = 40;
const OUTPUT_OUT = 40;
/** Of four weights in, and of four sums of products out. */
const WEIGHTS_IN = 24;
const SUMS_OUT = 40;
/** So many that transforming the cotangent once more for a group is a tenth of the group's products. */
const CHANNELS_OF_GROUP = 64;
/** A tile that takes less is not worth a thread's while. */
const TILE_TIME = 50_000;

/** For a convolution or an input gradient. */
export function chooseConvolution(shape: WinogradShape): Choice {
  const because = obstacle(shape);
  if (because !== undefined) return { winograd: false, because };
  const { batch, rows, columns, sourceChannels, outputChannels } = shape;
  const [inputs, outputs] = [roundedUp(sourceChannels, 4) / 4, roundedUp(outputChannels, 4) / 4];
  const [all, across] = [batch * patchesOf(rows.output), patchesOf(columns.output)];
  const blockRows = winogradBlockRows(shape, PLANES + 1);
  const rowsOfProducts = Math.ceil(all / blockRows) * productRows(blockRows * across);
  const products = PLANES * rowsOfProducts * sourceChannels * outputs * productTime(outputs);
  const transforms = all * across * (PATCH_TIME + inputs * WINDOW_IN + outputs * OUTPUT_OUT);
  const weights = sourceChannels * outputs * WEIGHTS_IN;
  return compared(directTime(shape), products + transforms + weights);
}

/** How a filter gradient is cut into tiles. */
export interface WinogradSplit {
  readonly tiles: number;
  readonly blockRows: number;
  /** Blocks of a part of the patches. */
  readonly blocks: number;
  readonly groups: number;
}

/**
 * A filter gradient's parts each transform sums of their own, its groups of channels the whole cotangent: large images are
 * cut into parts, many channels into groups, so that there are up to eight tiles. No group reads two parts of the input.
 */
export function winogradSplit(shape: WinogradShape): WinogradSplit {
  const { batch, rows, columns, sourceChannels, outputChannels, source } = shape;
  const blockRows = winogradBlockRows(shape, 2 * PLANES);
  const all = batch * patchesOf(rows.output);
  const wanted = Math.max(1, Math.min(8, Math.floor((all * patchesOf(columns.output)) / 128)));
  const blocks = Math.ceil(Math.ceil(all / wanted) / blockRows);
  const parts = Math.ceil(all / (blocks * blockRows));
  const work =
    PLANES * all * patchesOf(columns.output) * sourceChannels * (outputChannels / 4) * productTime(2);
  const most = Math.min(8 / parts, work / TILE_TIME, 1 + sourceChannels / CHANNELS_OF_GROUP);
  const cuts = (count: number): boolean =>
    sourceChannels % (count * 4) === 0 &&
    source.every(({ channels }) => channels % (sourceChannels / count) === 0);
  const groups = [8, 4, 2].find((count) => count <= most && cuts(count)) ?? 1;
  return { tiles: parts * groups, blockRows, blocks, groups };
}

/** For a filter gradient that transforms its own windows; `outputChannels` are the cotangent's. */
export function chooseFilterGradient(shape: WinogradShape, { tiles, groups }: WinogradSplit): Choice {
  const because = obstacle(shape);
  if (because !== undefined) return { winograd: false, because };
  const { batch, rows, columns, sourceChannels, outputChannels } = shape;
  const [inputs, outputs] = [roundedUp(sourceChannels, 4) / 4, roundedUp(outputChannels, 4) / 4];
  const patches = batch * patchesOf(rows.output) * patchesOf(columns.output);
  const products = PLANES * patches * productRows(sourceChannels) * outputs * productTime(outputs);
  const transforms = patches * (PATCH_TIME + inputs * WINDOW_IN + groups * outputs * COTANGENT_IN);
  const sums = (tiles / groups) * sourceChannels * outputs * SUMS_OUT;
  return compared(directTime(shape), products + transforms + sums);
}

/** Larger windows were read no sooner than they are made again, for twice the heap. */
const MOST_KEPT_BYTES = 6 * 2 ** 20;

/**
 * Whether a convolution had better keep its windows for a filter gradient that reads the same. Products hide storing them where
 * there are enough: with fewer outputs than inputs, or up to four channels, it took as long as the filter gradient saved
 * (`test/bench/kept-windows.ts`).
 */
export function keepingPays(
  kernel: Pick<WinogradKernel, 'tiles' | 'columns' | 'blockRows' | 'sourceChannels' | 'outputChannels'>,
): boolean {
  const { sourceChannels, outputChannels } = kernel;
  return sourceChannels > 4 && outputChannels >= sourceChannels && keptWindows(kernel) * 4 <= MOST_KEPT_BYTES;
}

function directTime({ batch, rows, columns, sourceChannels, outputChannels }: WinogradShape): number {
  const outputs = roundedUp(outputChannels, 4) / 4;
  return batch * rows.output * columns.output * 9 * sourceChannels * outputs * multiplyAdds(outputs);
}

function compared(direct: number, winograd: number): Choice {
  const gain = direct / winograd;
  return { winograd: gain > 1, gain, because: inWords([gain]) };
}

/** What estimates of one outcome say. */
export function inWords(gains: readonly number[]): string {
  const faster = gains[0]! > 1;
  const times = gains.map((gain) => (faster ? gain : 1 / gain).toFixed(1)).sort((a, b) => +a - +b);
  const [least, most] = [times[0]!, times.at(-1)!];
  const range = least === most ? least : `${least} to ${most}`;
  return faster
    ? `estimated ${range} times as fast as the plain sum`
    : `Winograd is estimated to take ${range} times as long`;
}
