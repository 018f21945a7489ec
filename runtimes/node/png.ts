/** Pictures as PNG files, and many of them laid out in a grid. */
import { PNG } from 'pngjs';
import type { Raster } from './area-resize.js';

/** How pngjs calls grey, RGB and RGBA. */
const COLOUR_TYPES: Readonly<Record<number, 0 | 2 | 6>> = { 1: 0, 3: 2, 4: 6 };

/** PNG bytes of a grey (1 channel), RGB (3) or RGBA (4) picture. */
export function encodePng(raster: Raster): Uint8Array {
  const { width, height, channels, data } = raster;
  const colorType = COLOUR_TYPES[channels];
  if (colorType === undefined) throw new RangeError(`a PNG has 1, 3 or 4 channels, not ${channels}`);
  const png = new PNG({ width, height, colorType });
  if (data.length !== width * height * channels) {
    throw new RangeError(`${data.length} bytes are not ${height} x ${width} x ${channels}`);
  }
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[channels === 1 ? i : channels * i + c]!;
    rgba[4 * i + 3] = channels === 4 ? data[4 * i + 3]! : 255;
  }
  png.data = Buffer.from(rgba.buffer);
  return PNG.sync.write(png, { colorType, inputColorType: 6, inputHasAlpha: true });
}

/** Bytes of values whose `range` is mapped to 0 .. 255; outside values are clipped, NaN becomes 0. */
export function bytesOfValues(values: Float32Array, range: readonly [low: number, high: number]): Uint8Array {
  const [low, high] = range;
  const bytes = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = ((values[i]! - low) / (high - low)) * 255;
  return new Uint8Array(bytes.buffer);
}

export interface GridOptions {
  /** Examples of height x width x channels, one after another. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly columns: number;
  /** White pixels between neighbours; 2 where left out. */
  readonly gap?: number | undefined;
  /** Every pixel becomes a square of this side; 1 where left out. */
  readonly zoom?: number | undefined;
}

/** Row by row, as many rows as the examples need; free places stay white. */
export function imageGrid(options: GridOptions): Raster {
  const { pixels, height, width, channels, columns, gap = 2, zoom = 1 } = options;
  const size = height * width * channels;
  const count = pixels.length / size;
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`${pixels.length} bytes are not pictures of ${height} x ${width} x ${channels}`);
  }
  const rows = Math.ceil(count / columns);
  const cellWidth = width * zoom + gap;
  const cellHeight = height * zoom + gap;
  const gridWidth = columns * cellWidth - gap;
  const gridHeight = rows * cellHeight - gap;
  const data = new Uint8Array(gridWidth * gridHeight * channels).fill(255);
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * cellWidth;
    const top = Math.floor(i / columns) * cellHeight;
    for (let y = 0; y < height * zoom; y++) {
      for (let x = 0; x < width * zoom; x++) {
        const from = i * size + (Math.floor(y / zoom) * width + Math.floor(x / zoom)) * channels;
        const to = ((top + y) * gridWidth + left + x) * channels;
        for (let c = 0; c < channels; c++) data[to + c] = pixels[from + c]!;
      }
    }
  }
  return { width: gridWidth, height: gridHeight, channels, data };
}
