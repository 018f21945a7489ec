/**
 * The examples of a data stream in the order a run sees them: every epoch is a permutation of its own, drawn from
 * (seed, stream, epoch), so that the order is known from a cursor alone. As plain mathematics, with word() of
 * compiler/random/stream.ts and the permutation of compiler/random/permutation.ts:
 *
 *   order of epoch e       =  the permutation under the key of (seed, 'data/NAME/order', e)
 *   mirrored(e, example)   =  floor(word(example) / 2^31) = 1 under the key of (seed, 'data/NAME/flip', e)
 *
 * A batch that reaches the end of an epoch is filled up from the next one.
 */
import type { Shape } from '../../compiler/graph/graph.js';
import { fillPermutation } from '../../compiler/random/permutation.js';
import { drawKey, fillBits } from '../../compiler/random/stream.js';
import { areImages, areText, exampleShape } from './example-source.js';
import type { Labels, PackedExamples, PackedImages, PackedText } from './example-source.js';
import { exampleWriter } from './example-writer.js';
import type { ExampleWriter, ImageEncoding } from './example-writer.js';

/** The next example is number `position` of the permutation of `epoch`. */
export interface DataCursor {
  readonly epoch: number;
  readonly position: number;
}

export interface DataStreamOptions {
  readonly name: string;
  readonly examples: PackedExamples;
  /** Pictures have one, other numbers are taken as they are. */
  readonly encoding?: ImageEncoding | undefined;
  readonly seed: number;
}

/** Some examples, in order: what is drawn once can be written as pictures and as classes that belong together. */
export interface DrawnExamples {
  readonly numbers: Uint32Array;
  /** 1 where the example is mirrored. */
  readonly mirrored: Uint8Array;
}

export class DataStream {
  readonly name: string;
  readonly count: number;
  /** Of one example. */
  readonly shape: Shape;
  /** Numbers per example. */
  readonly exampleSize: number;
  /** The pictures themselves, where it has pictures. */
  readonly images: PackedImages | undefined;
  /** Its lines, where it has lines. */
  readonly text: PackedText | undefined;
  readonly labels: Labels | undefined;
  readonly #write: ExampleWriter;
  readonly #flip: boolean;
  #seed: number;
  #epoch = 0;
  #position = 0;
  #order: Uint32Array;
  #flipBits: Uint32Array;

  /** Throws RangeError where there is no example or the data does not fill the declared size. */
  constructor(options: DataStreamOptions) {
    const { name, examples, encoding, seed } = options;
    const { count, labels } = examples;
    if (count < 1) throw new RangeError(`data stream '${name}' has no example`);
    if (labels !== undefined && labels.of.length !== count) {
      throw new RangeError(`data stream '${name}' has ${labels.of.length} labels for ${count} examples`);
    }
    this.name = name;
    this.count = count;
    this.shape = exampleShape(examples);
    this.exampleSize = this.shape.reduce((product, length) => product * length, 1);
    this.images = areImages(examples) ? examples : undefined;
    this.text = areText(examples) ? examples : undefined;
    this.labels = labels;
    this.#write = exampleWriter(name, examples, encoding);
    this.#flip = encoding?.flip === 'horizontal';
    this.#seed = seed;
    this.#order = new Uint32Array(count);
    this.#flipBits = new Uint32Array(this.#flip ? count : 0);
    this.seek({ epoch: 0, position: 0 });
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
      position <= this.count;
    if (!valid) {
      throw new RangeError(
        `data stream '${this.name}' of ${this.count} examples has no position ${position} of epoch ${epoch}`,
      );
    }
    this.#seed = seed;
    this.#startEpoch(epoch);
    this.#position = position;
  }

  /** The next `count` examples; the cursor moves on. */
  draw(count: number): DrawnExamples {
    const numbers = new Uint32Array(count);
    const mirrored = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      if (this.#position === this.count) {
        this.#startEpoch(this.#epoch + 1);
        this.#position = 0;
      }
      const example = this.#order[this.#position++]!;
      numbers[i] = example;
      if (this.#flip) mirrored[i] = this.#flipBits[example]! >>> 31;
    }
    return { numbers, mirrored };
  }

  /** Examples by their number in the data, unmirrored; numbers beyond the last wrap round. The cursor stays. */
  pick(numbers: readonly number[]): DrawnExamples {
    return {
      numbers: Uint32Array.from(numbers, (number) => number % this.count),
      mirrored: new Uint8Array(numbers.length),
    };
  }

  /** Writes examples one after another. Throws RangeError where `out` has another length. */
  write({ numbers, mirrored }: DrawnExamples, out: Float32Array): void {
    this.#requireLength(out, numbers.length * this.exampleSize);
    numbers.forEach((example, i) => this.#write(example, out, i * this.exampleSize, mirrored[i] === 1));
  }

  /** Writes the class of each example. Throws RangeError where the stream has none or `out` has another length. */
  writeClasses({ numbers }: DrawnExamples, out: Float32Array): void {
    this.#requireLength(out, numbers.length);
    const { labels } = this;
    if (labels === undefined) throw new RangeError(`data stream '${this.name}' has no labels`);
    numbers.forEach((example, i) => (out[i] = labels.of[example]!));
  }

  /** `pick`, written. */
  examples(numbers: readonly number[]): Float32Array {
    const out = new Float32Array(numbers.length * this.exampleSize);
    this.write(this.pick(numbers), out);
    return out;
  }

  #requireLength(out: Float32Array, length: number): void {
    if (out.length !== length) {
      throw new RangeError(
        `data stream '${this.name}' gives ${length} numbers, and was asked for ${out.length}`,
      );
    }
  }

  #startEpoch(epoch: number): void {
    this.#epoch = epoch;
    fillPermutation(this.#order, drawKey(this.#seed, `data/${this.name}/order`, epoch));
    if (this.#flip) fillBits(this.#flipBits, drawKey(this.#seed, `data/${this.name}/flip`, epoch));
  }
}
