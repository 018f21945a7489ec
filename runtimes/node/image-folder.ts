/** A folder of PNG and JPEG files as examples. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Diagnostic, Span } from '../../spec/diagnostics/diagnostic.js';
import type { ExampleSource, LoadedExamples, PackedImages } from '../training/example-source.js';
import { centreBox } from './area-resize.js';
import type { PixelBox } from './area-resize.js';
import { decodeImage, ImageDecodeError } from './decode-image.js';
import { cacheKey, readImageCache, writeImageCache } from './image-cache.js';
import type { CachedImages } from './image-cache.js';
import { labelImages } from './image-labels.js';
import type { ImageLabelling } from './image-labels.js';
import { exampleFromRgba } from './picture.js';
import type { ExampleSize } from './picture.js';

export interface ImageFolderOptions extends ExampleSize {
  readonly directory: string;
  /** 'centre': the largest centred box of the example's shape. A box in pixels must lie inside every picture. */
  readonly crop: 'centre' | PixelBox;
  /** Where decoded pictures are kept; `.cache/began-compile` beside the folder where left out. */
  readonly cacheDirectory?: string | undefined;
  readonly labels?: ImageLabelling | undefined;
  /** Where the spec names the folder: shown in diagnostics. */
  readonly span?: Span | undefined;
}

interface ImageFile {
  /** From the folder, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly modified: number;
}

/** Change when other bytes come out of the same files. */
const READER_VERSION = 1;
const IMAGE_NAME = /\.(png|jpe?g)$/i;
const NAMED_CORRUPT_FILES = 10;

/**
 * Every .png, .jpg and .jpeg in the folder and the folders below it, sorted by name; names and folders that start
 * with a dot are left out, links to folders are not followed. Files that cannot be decoded are skipped and named.
 * Throws DiagnosticError data/not-found where there is no such folder, data/empty-folder where no picture can be read,
 * data/labels where a picture has no class.
 */
export class ImageFolder implements ExampleSource<PackedImages> {
  readonly #options: ImageFolderOptions;

  constructor(options: ImageFolderOptions) {
    this.#options = options;
  }

  async load(onProgress?: (done: number, total: number) => void): Promise<LoadedExamples<PackedImages>> {
    const files = await this.#listFiles();
    const { examples, diagnostics, skipped } = await this.#images(files, onProgress);
    const { labels: labelling } = this.#options;
    if (labelling === undefined) return { examples, diagnostics };
    const left = new Set(skipped);
    const names = files.filter((_, i) => !left.has(i)).map(({ name }) => name);
    const labelled = await labelImages(names, labelling);
    return {
      examples: { ...examples, labels: labelled.labels },
      diagnostics: [...diagnostics, ...labelled.diagnostics],
    };
  }

  async #images(
    files: readonly ImageFile[],
    onProgress?: (done: number, total: number) => void,
  ): Promise<CachedImages> {
    const { directory, height, width, channels, crop } = this.#options;
    const cacheDirectory =
      this.#options.cacheDirectory ?? join(dirname(resolve(directory)), '.cache', 'began-compile');
    const key = cacheKey([
      'images',
      READER_VERSION,
      { height, width, channels, crop },
      files.map(({ name, bytes, modified }) => [name, bytes, modified]),
    ]);
    const cached = await readImageCache(cacheDirectory, key);
    if (cached !== undefined) {
      onProgress?.(files.length, files.length);
      return cached;
    }
    const loaded = await this.#decodeAll(files, onProgress);
    const cacheWarnings = await writeImageCache(cacheDirectory, key, loaded);
    return { ...loaded, diagnostics: [...loaded.diagnostics, ...cacheWarnings] };
  }

  async #listFiles(): Promise<readonly ImageFile[]> {
    const { directory, span } = this.#options;
    const notFound = (message: string) =>
      new DiagnosticError({
        code: 'data/not-found',
        severity: 'error',
        message,
        span,
        help: 'A path in a spec is relative to the folder of the spec.',
      });
    const root = await stat(directory).catch(() => undefined);
    if (root === undefined) throw notFound(`There is no folder \`${directory}\``);
    if (!root.isDirectory()) throw notFound(`\`${directory}\` is not a folder`);

    const files: ImageFile[] = [];
    let others = 0;
    const visit = async (folder: string): Promise<void> => {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        if (entry.name.startsWith('.')) continue;
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
          await visit(path);
          continue;
        }
        const file = await stat(path).catch(() => undefined);
        if (file === undefined || !file.isFile()) continue;
        if (!IMAGE_NAME.test(entry.name)) {
          others++;
          continue;
        }
        const name = relative(directory, path).split(sep).join('/');
        files.push({ name, path, bytes: file.size, modified: file.mtimeMs });
      }
    };
    await visit(directory);
    if (files.length === 0) {
      throw this.#empty(
        `\`${directory}\` holds no PNG or JPEG file`,
        others > 0 ? `It holds ${others} other ${others === 1 ? 'file' : 'files'}.` : undefined,
      );
    }
    // By code units, whatever the machine's language: the order is part of a run.
    return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  async #decodeAll(
    files: readonly ImageFile[],
    onProgress?: (done: number, total: number) => void,
  ): Promise<CachedImages> {
    const { directory, height, width, channels } = this.#options;
    const exampleSize = height * width * channels;
    const pixels = new Uint8Array(files.length * exampleSize);
    const corrupt: Diagnostic[] = [];
    const skipped: number[] = [];
    let count = 0;
    for (const [i, file] of files.entries()) {
      try {
        pixels.set(await this.#decode(file), count * exampleSize);
        count++;
      } catch (error) {
        if (!(error instanceof ImageDecodeError)) throw error;
        skipped.push(i);
        corrupt.push({
          code: 'data/corrupt-file',
          severity: 'warning',
          message: `\`${file.name}\` was skipped: ${error.message}`,
        });
      }
      onProgress?.(i + 1, files.length);
    }
    if (count === 0) {
      throw this.#empty(
        files.length === 1
          ? `The only picture in \`${directory}\` could not be read`
          : `None of the ${files.length} pictures in \`${directory}\` could be read`,
        `${corrupt[0]!.message}.`,
      );
    }
    const examples = { count, height, width, channels, pixels: pixels.subarray(0, count * exampleSize) };
    return { examples, diagnostics: summarise(corrupt), skipped };
  }

  async #decode(file: ImageFile): Promise<Uint8Array> {
    const picture = decodeImage(await readFile(file.path));
    const { crop } = this.#options;
    if (crop === 'centre') return exampleFromRgba(picture, centreBox(picture, this.#options), this.#options);
    if (crop.left + crop.width > picture.width || crop.top + crop.height > picture.height) {
      throw new ImageDecodeError(
        `it is ${picture.width} x ${picture.height}, and the crop reaches to ${crop.left + crop.width} x ${crop.top + crop.height}`,
      );
    }
    return exampleFromRgba(picture, crop, this.#options);
  }

  #empty(message: string, note: string | undefined): DiagnosticError {
    const { span } = this.#options;
    return new DiagnosticError({ code: 'data/empty-folder', severity: 'error', message, span, note });
  }
}

/** The first few by name, the rest by number. */
function summarise(skipped: readonly Diagnostic[]): readonly Diagnostic[] {
  if (skipped.length <= NAMED_CORRUPT_FILES) return skipped;
  const rest = skipped.length - NAMED_CORRUPT_FILES;
  return [
    ...skipped.slice(0, NAMED_CORRUPT_FILES),
    {
      code: 'data/corrupt-file',
      severity: 'warning',
      message: `${rest === 1 ? 'Another picture was' : `Another ${rest} pictures were`} skipped`,
    },
  ];
}
