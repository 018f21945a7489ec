/** Operands of contractions copied into the order their kernels read; each once, however many kernels read it. */
import { BLOCK, channelBlocks, packedElements } from '../channel-blocks.js';
import type { ConvolutionAxis, Factor, Place } from '../kernel.js';
import { contiguous } from '../view.js';
import type { View } from '../view.js';
import type { LaunchList } from './launch-list.js';
import { launchCopy } from './pointwise.js';

/** [phase][block of output channels][tap row][tap column][source channel][BLOCK]. */
export function packFilter(
  list: LaunchList,
  place: Place,
  strides: { rows: number; columns: number; source: number; output: number },
  rows: ConvolutionAxis,
  columns: ConvolutionAxis,
  sourceChannels: number,
  outputChannels: number,
  label: string,
): Place {
  const key = JSON.stringify([place, strides, rows.phases, columns.phases, sourceChannels, outputChannels]);
  const known = list.packed.get(key);
  if (known !== undefined) return known;
  const { full, rest, restWidth } = channelBlocks(outputChannels);
  let elements = 0;
  for (const a of rows.phases)
    for (const b of columns.phases)
      elements += packedElements(a.taps.length, b.taps.length, sourceChannels, outputChannels);
  const packed = { buffer: list.buffer('heap', elements, `${label} packed`), offset: 0 };
  let at = 0;
  for (const a of rows.phases) {
    for (const b of columns.phases) {
      const [rowTaps, columnTaps] = [a.taps.length, b.taps.length];
      const inner = rowTaps * columnTaps * sourceChannels;
      if (inner === 0) continue;
      const step = (taps: readonly number[]): number => (taps.length > 1 ? taps[1]! - taps[0]! : 0);
      const corner = a.taps[0]! * strides.rows + b.taps[0]! * strides.columns;
      const part = (blocks: number, width: number, pitch: number, firstChannel: number): void => {
        if (blocks === 0 || width === 0) return;
        const shape = [blocks, rowTaps, columnTaps, sourceChannels, width];
        const axis = (size: number, stride: number): Factor[] => (size === 1 ? [] : [{ size, stride }]);
        const from: View = {
          offset: corner + firstChannel * strides.output,
          axes: [
            axis(blocks, BLOCK * strides.output),
            axis(rowTaps, step(a.taps) * strides.rows),
            axis(columnTaps, step(b.taps) * strides.columns),
            axis(sourceChannels, strides.source),
            axis(width, strides.output),
          ],
        };
        const to: View = {
          offset: at,
          axes: [
            axis(blocks, inner * pitch),
            axis(rowTaps, columnTaps * sourceChannels * pitch),
            axis(columnTaps, sourceChannels * pitch),
            axis(sourceChannels, pitch),
            axis(width, 1),
          ],
        };
        launchCopy(list, { place, view: from }, { place: packed, view: to }, shape, packName(label));
        at += blocks * inner * pitch;
      };
      part(full, BLOCK, BLOCK, 0);
      part(rest === 0 ? 0 : 1, rest, restWidth, full * BLOCK);
    }
  }
  list.packed.set(key, packed);
  return packed;
}

export function packTransposed(
  list: LaunchList,
  place: Place,
  row: number,
  column: number,
  k: number,
  n: number,
  label: string,
): Place {
  const key = JSON.stringify(['dot', place, row, column, k, n]);
  const known = list.packed.get(key);
  if (known !== undefined) return known;
  const packed = { buffer: list.buffer('heap', k * n, `${label} packed`), offset: 0 };
  const axis = (size: number, stride: number): Factor[] => (size === 1 ? [] : [{ size, stride }]);
  const from = { offset: 0, axes: [axis(k, row), axis(n, column)] };
  launchCopy(
    list,
    { place, view: from },
    { place: packed, view: contiguous([k, n]) },
    [k, n],
    packName(label),
  );
  list.packed.set(key, packed);
  return packed;
}

function packName(label: string): string {
  return label === '' ? 'pack' : `pack @ ${label}`;
}
