/** From packed examples to the float32 numbers that a feed takes. */
import { areImages, areText } from './example-source.js';
import type { PackedExamples, PackedImages, PackedText } from './example-source.js';

/** How bytes become numbers. */
export interface ImageEncoding {
  /** The values of bytes 0 and 255: f32(low + byte * (high - low) / 255). */
  readonly range: readonly [low: number, high: number];
  /** Whether each example is mirrored left to right in half of the epochs. */
  readonly flip: 'none' | 'horizontal';
}

/** Writes one example to `out` from `offset` on. */
export type ExampleWriter = (example: number, out: Float32Array, offset: number, mirrored: boolean) => void;

/** Throws RangeError where pictures have no encoding, and where the numbers do not fill the declared size. */
export function exampleWriter(
  name: string,
  examples: PackedExamples,
  encoding: ImageEncoding | undefined,
): ExampleWriter {
  const { count } = examples;
  const short = (length: number, what: string, shape: readonly number[]) =>
    new RangeError(`data stream '${name}': ${length} ${what} are not ${[count, ...shape].join(' x ')}`);
  if (areText(examples)) {
    const { length, symbols } = examples;
    if (symbols.length !== count * length) throw short(symbols.length, 'symbols', [length]);
    return oneHotWriter(examples);
  }
  if (!areImages(examples)) {
    const { shape, values } = examples;
    const size = shape.reduce((product, length) => product * length, 1);
    if (values.length !== count * size) throw short(values.length, 'numbers', shape);
    return (example, out, offset) => out.set(values.subarray(example * size, (example + 1) * size), offset);
  }
  const { height, width, channels, pixels } = examples;
  if (pixels.length !== count * height * width * channels) {
    throw short(pixels.length, 'bytes', [height, width, channels]);
  }
  if (encoding === undefined) throw new RangeError(`data stream '${name}': pictures need a range`);
  return pictureWriter(examples, encoding.range);
}

/** One row per symbol, with a 1 at its number. */
function oneHotWriter({ length, alphabet, symbols }: PackedText): ExampleWriter {
  const depth = 1 + alphabet.length;
  return (example, out, offset) => {
    out.fill(0, offset, offset + length * depth);
    for (let i = 0; i < length; i++) out[offset + i * depth + symbols[example * length + i]!] = 1;
  };
}

function pictureWriter(
  { height, width, channels, pixels }: PackedImages,
  [low, high]: ImageEncoding['range'],
): ExampleWriter {
  const values = Float32Array.from({ length: 256 }, (_, byte) => low + (byte * (high - low)) / 255);
  const size = height * width * channels;
  return (example, out, offset, mirrored) => {
    const start = example * size;
    if (!mirrored) {
      for (let i = 0; i < size; i++) out[offset + i] = values[pixels[start + i]!]!;
      return;
    }
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = start + (y * width + (width - 1 - x)) * channels;
        const to = offset + (y * width + x) * channels;
        for (let c = 0; c < channels; c++) out[to + c] = values[pixels[from + c]!]!;
      }
    }
  };
}
