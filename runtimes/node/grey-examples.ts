/** Grey pictures of one size, as one array, to examples of another size. */
import { areaResize, centreBox } from './area-resize.js';
import type { ExampleSize } from './picture.js';

export interface GreyPictures {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** Count x height x width. */
  readonly pixels: Uint8Array;
}

/**
 * The largest centred box of the example's shape, resized by area averaging, and the one channel three times where
 * three are wanted: count x height x width x channels.
 */
export function greyExamples(pictures: GreyPictures, size: ExampleSize): Uint8Array {
  const { count, pixels } = pictures;
  const { height, width, channels } = size;
  const area = height * width;
  if (channels === 1 && pictures.height === height && pictures.width === width) return pixels;
  const box = centreBox(pictures, size);
  const sourceArea = pictures.height * pictures.width;
  const examples = new Uint8Array(count * area * channels);
  for (let i = 0; i < count; i++) {
    const data = pixels.subarray(i * sourceArea, (i + 1) * sourceArea);
    const resized = areaResize({ ...pictures, channels: 1, data }, box, width, height).data;
    for (let pixel = 0; pixel < area; pixel++) {
      examples.fill(resized[pixel]!, (i * area + pixel) * channels, (i * area + pixel + 1) * channels);
    }
  }
  return examples;
}
