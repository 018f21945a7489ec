/** From what a generator gives to what a canvas shows. */
import type { Picture } from './api.js';

export interface PictureShape {
  readonly height: number;
  readonly width: number;
  /** 1 for grey, 3 for RGB, 4 for RGBA. */
  readonly channels: number;
  /** The values of black and white. */
  readonly range: readonly [low: number, high: number];
}

/**
 * Pictures of height x width x channels, one behind the other, as one grid without gaps, row by row. Outside values are
 * clipped, NaN is black, places that stay free are transparent.
 */
export function pictureGrid(values: Float32Array, shape: PictureShape, columns: number): Picture {
  const { height, width, channels, range } = shape;
  const size = height * width * channels;
  const count = values.length / size;
  const gridWidth = columns * width;
  const gridHeight = Math.ceil(count / columns) * height;
  const pixels = new Uint8ClampedArray(gridWidth * gridHeight * 4);
  const [low, high] = range;
  const byte = (at: number): number => ((values[at]! - low) / (high - low)) * 255;
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * width;
    const top = Math.floor(i / columns) * height;
    for (let place = 0; place < height * width; place++) {
      const to = ((top + Math.floor(place / width)) * gridWidth + left + (place % width)) * 4;
      const from = i * size + place * channels;
      for (let c = 0; c < 3; c++) pixels[to + c] = byte(channels === 1 ? from : from + c);
      pixels[to + 3] = channels === 4 ? byte(from + 3) : 255;
    }
  }
  return { pixels, width: gridWidth, height: gridHeight };
}
