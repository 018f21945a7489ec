/**
 * The examples of a data stream in the order a run sees them: every epoch is a permutation of its own, drawn from
 * (seed, stream, epoch), so that the order is known from a cursor alone. As plain mathematics, with word() of
 * compiler/random:
 *
 *   permutation of epoch e:  p = 0 .. N-1;  key of (seed, 'data/NAME/order', e)
 *                            for i = N-1 down to 1:  j = floor(word(i) * (i + 1) / 2^32),  swap p[i], p[j]
 *   mirrored(e, example)  =  floor(word(example) / 2^31) = 1 under the key of (seed, 'data/NAME/flip', e)
 *   value of a byte       =  f32(low + byte * (high - low) / 255)
 *
 * A batch that reaches the end of an epoch is filled up from the next one.
 */
import { drawKey, fillBits } from '../../compiler/random/stream.js';
import type { PackedImages } from './image-source.js';

/** The next example is number `position` of the permutation of `epoch`. */
export interface DataCursor {
  readonly epoch: number;
  readonly position: number;
}

export interface DataStreamOptions {
  readonly name: string;
  readonly images: PackedImages;
  /** The values of bytes 0 and 255. */
  readonly range: readonly [low: number, high: number];
  /** Whether each example is mirrored left to right in half of the epochs. */
  readonly flip: 'none' | 'horizontal';
  readonly seed: number;
}

export class DataStream {
  readonly name: string;
  readonly images: PackedImages;
  readonly #flip: boolean;
  #seed: number;
  readonly #valueOfByte: Float32Array;
  #epoch = 0;
  #position = 0;
  #order: Uint32Array;
  #flipBits: Uint32Array;

  /** Throws RangeError where there is no example or the bytes do not fill the declared size. */
  constructor(options: DataStreamOptions) {
    const { count, height, width, channels, pixels } = options.images;
    if (count < 1) throw new RangeError(`data stream '${options.name}' has no example`);
    if (pixels.length !== count * height * width * channels) {
      throw new RangeError(
        `data stream '${options.name}': ${pixels.length} bytes are not ${count} x ${height} x ${width} x ${channels}`,
      );
    }
    this.name = options.name;
    this.images = options.images;
    this.#flip = options.flip === 'horizontal';
    this.#seed = options.seed;
    const [low, high] = options.range;
    this.#valueOfByte = Float32Array.from({ length: 256 }, (_, byte) => low + (byte * (high - low)) / 255);
    this.#order = new Uint32Array(count);
    this.#flipBits = new Uint32Array(this.#flip ? count : 0);
    this.seek({ epoch: 0, position: 0 });
  }

  /** Numbers per example: height x width x channels. */
  get exampleSize(): number {
    return this.images.height * this.images.width * this.images.channels;
  }

  get cursor(): DataCursor {
    return { epoch: this.#epoch, position: this.#position };
  }

  /** Goes to a cursor, of the order that `seed` gives. Throws RangeError where it lies outside this data. */
  seek(cursor: DataCursor, seed = this.#seed): void {
    const { epoch, position } = cursor;
    const valid =
      Number.isInteger(epoch) &&
      epoch >= 0 &&
      Number.isInteger(position) &&
      position >= 0 &&
      position <= this.images.count;
    if (!valid) {
      throw new RangeError(
        `data stream '${this.name}' of ${this.images.count} examples has no position ${position} of epoch ${epoch}`,
      );
    }
    this.#seed = seed;
    this.#startEpoch(epoch);
    this.#position = position;
  }

  /** Fills `out` with the next examples; its length is a whole number of examples. */
  next(out: Float32Array): void {
    const size = this.exampleSize;
    for (let offset = 0; offset < out.length; offset += size) {
      if (this.#position === this.images.count) {
        this.#startEpoch(this.#epoch + 1);
        this.#position = 0;
      }
      const example = this.#order[this.#position++]!;
      this.#copy(example, out, offset, this.#flip && this.#flipBits[example]! >>> 31 === 1);
    }
  }

  /** Examples by their number in the data, unmirrored, whatever the cursor; numbers beyond the last wrap round. */
  examples(indices: readonly number[]): Float32Array {
    const out = new Float32Array(indices.length * this.exampleSize);
    indices.forEach((index, i) => this.#copy(index % this.images.count, out, i * this.exampleSize, false));
    return out;
  }

  #startEpoch(epoch: number): void {
    this.#epoch = epoch;
    const count = this.images.count;
    const bits = new Uint32Array(count);
    fillBits(bits, drawKey(this.#seed, `data/${this.name}/order`, epoch));
    const order = this.#order;
    for (let i = 0; i < count; i++) order[i] = i;
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor((bits[i]! * (i + 1)) / 2 ** 32);
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    if (this.#flip) fillBits(this.#flipBits, drawKey(this.#seed, `data/${this.name}/flip`, epoch));
  }

  #copy(example: number, out: Float32Array, offset: number, mirrored: boolean): void {
    const { height, width, channels, pixels } = this.images;
    const values = this.#valueOfByte;
    const start = example * this.exampleSize;
    if (!mirrored) {
      for (let i = 0; i < this.exampleSize; i++) out[offset + i] = values[pixels[start + i]!]!;
      return;
    }
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = start + (y * width + (width - 1 - x)) * channels;
        const to = offset + (y * width + x) * channels;
        for (let c = 0; c < channels; c++) out[to + c] = values[pixels[from + c]!]!;
      }
    }
  }
}
