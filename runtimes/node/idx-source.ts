/** Pictures, and the class of each, in two IDX files. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import type { ExampleSource, Labels, LoadedExamples, PackedImages } from '../training/example-source.js';
import { greyExamples } from './grey-examples.js';
import { IdxError, readIdx } from './idx.js';
import type { IdxArray } from './idx.js';
import type { ExampleSize } from './picture.js';
import { readIfThere } from './read-if-there.js';

/** A file that the spec names, or that goes without saying. */
export interface IdxFile {
  readonly path: string;
  readonly span?: Span | undefined;
}

export interface IdxOptions extends ExampleSize {
  readonly images: IdxFile;
  readonly labels?: IdxFile | undefined;
  /** By number; '0', '1', ... up to the largest label where left out. */
  readonly classNames?: readonly string[] | undefined;
  /** What to do where a file is missing. */
  readonly help?: string | undefined;
}

/**
 * A path may lead to the file or to the gzipped file beside it that ends in `.gz`. Throws DiagnosticError data/not-found,
 * data/format, and data/labels where there are not as many labels as pictures.
 */
export class IdxSource implements ExampleSource<PackedImages> {
  readonly #options: IdxOptions;

  constructor(options: IdxOptions) {
    this.#options = options;
  }

  async load(): Promise<LoadedExamples<PackedImages>> {
    const { height, width, channels, images, labels } = this.#options;
    const { shape, values } = await this.#read(images, 3);
    const [count, sourceHeight, sourceWidth] = shape as [number, number, number];
    if (values.length === 0) {
      const message = `\`${images.path}\` holds no picture`;
      throw new DiagnosticError({ code: 'data/format', severity: 'error', message, span: images.span });
    }
    const source = { count, height: sourceHeight, width: sourceWidth, pixels: values };
    const pixels = greyExamples(source, this.#options);
    return {
      examples: {
        count,
        height,
        width,
        channels,
        pixels,
        labels: labels && (await this.#labels(labels, count)),
      },
      diagnostics: [],
    };
  }

  async #labels(file: IdxFile, count: number): Promise<Labels> {
    const { values } = await this.#read(file, 1);
    const refuse = (message: string) =>
      new DiagnosticError({ code: 'data/labels', severity: 'error', message, span: file.span });
    if (values.length !== count) {
      throw refuse(`\`${file.path}\` holds ${values.length} labels for ${count} pictures`);
    }
    const largest = values.reduce((a, b) => Math.max(a, b), 0);
    const { classNames } = this.#options;
    if (classNames !== undefined && largest >= classNames.length) {
      throw refuse(`\`${file.path}\` holds the label ${largest}, and there are ${classNames.length} classes`);
    }
    const classes = classNames ?? Array.from({ length: largest + 1 }, (_, label) => String(label));
    return { classes, of: Uint32Array.from(values) };
  }

  async #read({ path, span }: IdxFile, axes: number): Promise<IdxArray> {
    const bytes = (await readIfThere(path, span)) ?? (await readIfThere(`${path}.gz`, span));
    if (bytes === undefined) {
      throw new DiagnosticError({
        code: 'data/not-found',
        severity: 'error',
        message: `There is no file \`${path}\` or \`${path}.gz\``,
        span,
        help: this.#options.help ?? 'A path in a spec is relative to the folder of the spec.',
      });
    }
    try {
      return readIdx(bytes, axes);
    } catch (error) {
      if (!(error instanceof IdxError)) throw error;
      const message = `\`${path}\` cannot be read as IDX: ${error.message}`;
      throw new DiagnosticError({ code: 'data/format', severity: 'error', message, span });
    }
  }
}
