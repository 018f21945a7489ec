/** Convolutions by Winograd's transforms: the transformed filter, once for all that read it alike, and the convolution. */
import type { Shape } from '../../graph/graph.js';
import type { Body, Choice, Place, WinogradKernel } from '../kernel.js';
import { patchesOf, PLANES, WINOGRAD_BLOCK, winogradFilterPlane } from '../winograd.js';
import { winogradBlockRows } from '../winograd-choice.js';
import type { WinogradShape } from '../winograd-choice.js';
import type { LaunchList } from './launch-list.js';

/** Elements between rows, columns, source channels and output channels of a filter, from its first weight on. */
export interface FilterStrides {
  readonly rows: number;
  readonly columns: number;
  readonly source: number;
  readonly output: number;
}

/** The filter at `place` transformed; turned by half a turn where `turned`, as gradients in the input read it. */
export function transformedFilter(
  list: LaunchList,
  place: Place,
  { rows, columns, source, output }: FilterStrides,
  turned: boolean,
  { sourceChannels, outputChannels }: Pick<WinogradShape, 'sourceChannels' | 'outputChannels'>,
  label: string,
): Place {
  const from = turned ? { ...place, offset: place.offset + 2 * (rows + columns) } : place;
  const [down, across] = turned ? [-rows, -columns] : [rows, columns];
  const key = JSON.stringify([
    'winograd',
    from,
    down,
    across,
    source,
    output,
    sourceChannels,
    outputChannels,
  ]);
  const known = list.packed.get(key);
  if (known !== undefined) return known;
  const elements = PLANES * winogradFilterPlane(sourceChannels, outputChannels);
  const made = { buffer: list.buffer('heap', elements, `${label} transformed`), offset: 0 };
  list.launch(
    {
      kind: 'winograd_filter',
      parameters: 2,
      tiles: Math.ceil(outputChannels / WINOGRAD_BLOCK),
      sourceChannels,
      outputChannels,
      strides: [down, across, source, output],
    },
    [from, made],
    new Set([1]),
    label === '' ? 'transform' : `transform @ ${label}`,
    [3, 3, sourceChannels, outputChannels],
  );
  list.packed.set(key, made);
  return made;
}

export function launchWinograd(
  list: LaunchList,
  shape: Omit<WinogradShape, 'source'> & Pick<WinogradKernel, 'source'>,
  epilogue: Body,
  places: readonly Place[],
  written: ReadonlySet<number>,
  name: string,
  result: Shape,
  choice: Choice,
): void {
  const blockRows = winogradBlockRows(shape, PLANES + 1);
  const { batch, rows, columns, sourceChannels, outputChannels } = shape;
  list.launch(
    {
      kind: 'winograd',
      parameters: places.length,
      tiles: Math.ceil((batch * patchesOf(rows.output)) / blockRows),
      ...shape,
      blockRows,
      epilogue,
    },
    places,
    written,
    name,
    result,
    batch * rows.output * columns.output * 9 * sourceChannels * outputChannels,
    choice,
  );
}
