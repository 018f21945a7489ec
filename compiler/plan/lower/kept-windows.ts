/**
 * Windows that a convolution transforms, kept for filter gradients that read the same source or some of its images: these
 * need no transform of their own. Whether that pays is for `winograd-choice.ts` to say.
 */
import type { Launch, Place, WinogradKernel } from '../kernel.js';
import { keepingPays } from '../winograd-choice.js';
import type { WinogradShape, WinogradSplit } from '../winograd-choice.js';
import { keptWindows, patchesOf, PLANES, windowsPlane } from '../winograd.js';
import type { LaunchList } from './launch-list.js';
import type { PlacedPart } from './source.js';

type Read = Pick<WinogradShape, 'batch' | 'rows' | 'columns'> & { readonly source: readonly PlacedPart[] };

/** Windows that a filter gradient can read instead of making them. */
export interface Windows {
  /** The launch of the convolution that transforms them. */
  readonly launch: number;
  /** The tile that they begin with. */
  readonly tile: number;
  /** How a part of the filter gradient is cut into tiles of the convolution. */
  readonly blocks: Pick<WinogradSplit, 'blockRows' | 'blocks'>;
}

/**
 * The windows that `read` asks for, where a convolution before transforms them and had better keep them. Parts stay what they are
 * in `split`, so that products are added in the same order: no bit depends on whether windows are kept.
 */
export function windowsToKeep(list: LaunchList, read: Read, split: WinogradSplit): Windows | undefined {
  const { winograd, keepsWindows = true } = list.options;
  if (!keepsWindows) return undefined;
  const down = patchesOf(read.rows.output);
  for (const [launch, { kernel, places }] of list.launches.entries()) {
    if (kernel.kind !== 'winograd' || !(winograd === 'always' || keepingPays(kernel))) continue;
    const image = firstImage(kernel, places, read);
    if (image === undefined) continue;
    const { blockRows } = kernel;
    const [tile, blocks] = [(image * down) / blockRows, (split.blocks * split.blockRows) / blockRows];
    // A last tile that goes on into other images would have these multiplied by zero, which an infinity survives.
    const endsWell = (read.batch * down) % blockRows === 0 || image + read.batch === kernel.batch;
    if (Number.isInteger(tile) && Number.isInteger(blocks) && endsWell)
      return { launch, tile, blocks: { blockRows, blocks } };
  }
  return undefined;
}

/** The image of a convolution that is the first of `read`; undefined where these are not images of it, one after the other. */
function firstImage(whole: WinogradKernel, places: readonly Place[], read: Read): number | undefined {
  const { batch, rows, columns, source } = whole;
  if (source.length !== read.source.length || !isSame([rows, columns], [read.rows, read.columns]))
    return undefined;
  const images = read.source.map(({ place, channels, axes: [own, ...others] }, i) => {
    const part = source[i]!;
    const { buffer, offset } = places[part.parameter]!;
    const [all, ...rest] = part.axes;
    if (place.buffer !== buffer || channels !== part.channels || !isSame(others, rest)) return undefined;
    if (place.offset === offset && isSame(own, all)) return 0;
    const [step, ...steps] = all!;
    if (step === undefined || steps.length > 0) return undefined;
    if (read.batch > 1 && !isSame(own, [{ size: read.batch, stride: step.stride }])) return undefined;
    return (place.offset - offset) / step.stride;
  });
  const [first] = images;
  if (first === undefined || images.some((image) => image !== first)) return undefined;
  return Number.isInteger(first) && first >= 0 && first + read.batch <= batch ? first : undefined;
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Lets the convolution keep its windows, and says where those that were asked for begin. */
export function keepWindows(list: LaunchList, { launch: at, tile }: Windows): Place {
  const launch = list.launches[at]!;
  const { kernel, places } = launch;
  if (kernel.kind !== 'winograd') throw new Error(`internal: ${kernel.kind} transforms no windows`);
  const offset = tile * PLANES * windowsPlane(kernel, kernel.sourceChannels);
  if (kernel.keeps !== undefined) return { ...places[kernel.keeps]!, offset };
  const buffer = list.buffer('heap', keptWindows(kernel), `${launch.name} windows`);
  const keeping: Launch = {
    ...launch,
    kernel: { ...kernel, parameters: places.length + 1, keeps: places.length },
    places: [...places, { buffer, offset: 0 }],
    writes: [...launch.writes, buffer],
  };
  list.launches[at] = keeping;
  return { buffer, offset };
}
