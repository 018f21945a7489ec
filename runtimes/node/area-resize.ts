/**
 * Area averaging: every output pixel is the mean of the source rectangle it covers, edge pixels counted by the part
 * that lies inside, so that non-integer ratios are exact too. Enlarging gives blocks with blended seams. Averages
 * the stored (gamma-encoded) values, as image libraries do by default.
 */

/** A part of a picture, in pixels. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Interleaved bytes, height x width x channels. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** The largest box of the target's aspect ratio in the middle of a picture; a square for a square target. */
export function centreBox(
  source: { readonly width: number; readonly height: number },
  target: { readonly width: number; readonly height: number },
): PixelBox {
  const scale = Math.min(source.width / target.width, source.height / target.height);
  const width = Math.max(1, Math.round(target.width * scale));
  const height = Math.max(1, Math.round(target.height * scale));
  return {
    left: Math.floor((source.width - width) / 2),
    top: Math.floor((source.height - height) / 2),
    width,
    height,
  };
}

/** The `box` of `source` at `width` x `height`, same channels. The box must lie inside the source. */
export function areaResize(source: Raster, box: PixelBox, width: number, height: number): Raster {
  const { channels } = source;
  const columns = coverage(box.width, width);
  const rows = coverage(box.height, height);
  const data = new Uint8Array(width * height * channels);
  // One source row shrunk in x, and the output row it adds to: no plane of intermediates.
  const shrunk = new Float64Array(width * channels);
  const sum = new Float64Array(width * channels);
  let shrunkRow = -1;
  rows.forEach((row, y) => {
    sum.fill(0);
    row.weights.forEach((weight, i) => {
      const sourceRow = row.first + i;
      if (sourceRow !== shrunkRow) {
        shrinkRow(source, box, sourceRow, columns, shrunk);
        shrunkRow = sourceRow;
      }
      for (let j = 0; j < sum.length; j++) sum[j]! += weight * shrunk[j]!;
    });
    for (let j = 0; j < sum.length; j++) data[y * sum.length + j] = Math.round(sum[j]!);
  });
  return { width, height, channels, data };
}

interface Coverage {
  readonly first: number;
  /** Of the source pixels from `first` on; they sum to 1. */
  readonly weights: readonly number[];
}

function coverage(from: number, to: number): readonly Coverage[] {
  return Array.from({ length: to }, (_, i) => {
    // Source position (i * from) / to, in units of 1 / to: whole numbers, so that seams are exact.
    const start = i * from;
    const end = start + from;
    const first = Math.floor(start / to);
    const weights: number[] = [];
    for (let pixel = first; pixel * to < end; pixel++) {
      const overlap = Math.min(end, (pixel + 1) * to) - Math.max(start, pixel * to);
      weights.push(overlap / from);
    }
    return { first, weights };
  });
}

function shrinkRow(
  source: Raster,
  box: PixelBox,
  row: number,
  columns: readonly Coverage[],
  out: Float64Array,
): void {
  const { channels, data } = source;
  const rowStart = ((box.top + row) * source.width + box.left) * channels;
  for (let x = 0; x < columns.length; x++) {
    const { first, weights } = columns[x]!;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++)
        sum += weights[i]! * data[rowStart + (first + i) * channels + c]!;
      out[x * channels + c] = sum;
    }
  }
}
