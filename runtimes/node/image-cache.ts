/**
 * Decoded examples kept on disk, one file per data set and options. Layout: the magic, the header's length as
 * 32-bit little-endian, the header as JSON, the pixels. A cache is only ever a copy: one that is damaged or of
 * another version is made again.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import { crc32 } from '../training/crc32.js';
import type { PackedImages } from '../training/example-source.js';
import { writeFileAtomically } from './atomic-file.js';

const MAGIC = 'began-images-2\n';

/** What is kept: pictures without their labels, which come from other files. */
export interface CachedImages {
  readonly examples: Omit<PackedImages, 'labels'>;
  readonly diagnostics: readonly Diagnostic[];
  /** Of a folder: the files that gave no example, by their number in the sorted list. */
  readonly skipped: readonly number[];
}

interface Header {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly checksum: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly skipped: readonly number[];
}

/** What the examples were made from: anything that changes them changes the key. */
export function cacheKey(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

const pathOf = (directory: string, key: string) => join(directory, `${key}.images`);

/** The images under `key`, or undefined where there are none that are whole. */
export async function readImageCache(directory: string, key: string): Promise<CachedImages | undefined> {
  let file: FileHandle;
  try {
    file = await open(pathOf(directory, key));
  } catch {
    // Not there, or not readable: the pictures themselves are the source, and their errors are reported.
    return undefined;
  }
  try {
    return await decode(file);
  } finally {
    await file.close();
  }
}

async function decode(file: FileHandle): Promise<CachedImages | undefined> {
  const { size } = await file.stat();
  const start = MAGIC.length + 4;
  if (size < start) return undefined;
  const opening = Buffer.from(await readBytes(file, 0, start));
  if (opening.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  const pixelStart = start + opening.readUInt32LE(MAGIC.length);
  if (size < pixelStart) return undefined;
  let header: Header;
  try {
    const json = await readBytes(file, start, pixelStart - start);
    header = JSON.parse(Buffer.from(json).toString('utf8')) as Header;
  } catch {
    return undefined;
  }
  const { count, height, width, channels, checksum, diagnostics, skipped } = header;
  if (size - pixelStart !== count * height * width * channels) return undefined;
  const pixels = await readBytes(file, pixelStart, size - pixelStart);
  if (crc32(pixels) !== checksum) return undefined;
  return { examples: { count, height, width, channels, pixels }, diagnostics, skipped };
}

/** In pieces: one read takes at most 2 GiB, and 200,000 faces at 64 x 64 are more. */
async function readBytes(file: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, Math.min(length - done, 2 ** 26), start + done);
    if (bytesRead === 0) throw new RangeError('the file became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}

/** Keeps `loaded`. Gives a warning instead of failing where the folder cannot be written. */
export async function writeImageCache(
  directory: string,
  key: string,
  loaded: CachedImages,
): Promise<readonly Diagnostic[]> {
  const { examples, diagnostics, skipped } = loaded;
  const { count, height, width, channels, pixels } = examples;
  const header: Header = { count, height, width, channels, checksum: crc32(pixels), diagnostics, skipped };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  try {
    await writeFileAtomically(pathOf(directory, key), [Buffer.from(MAGIC, 'latin1'), length, json, pixels]);
    return [];
  } catch (error) {
    return [
      {
        code: 'run/file',
        severity: 'warning',
        message: `The decoded pictures could not be kept in \`${directory}\`: ${(error as Error).message}`,
        note: 'They will be decoded again next time.',
      },
    ];
  }
}
