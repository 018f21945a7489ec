import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { fashionMnistSource } from './fashion-mnist-source.js';
import { IdxSource } from './idx-source.js';
import type { IdxOptions } from './idx-source.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'began-idx-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Three pictures of 2 x 3, byte by byte as the format has them. */
const IMAGES = Uint8Array.of(
  ...[0, 0, 0x08, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 3],
  ...[1, 2, 3, 4, 5, 6],
  ...[11, 12, 13, 14, 15, 16],
  ...[21, 22, 23, 24, 25, 26],
);
const LABELS = Uint8Array.of(0, 0, 0x08, 1, 0, 0, 0, 3, 2, 0, 2);

async function load(images: Uint8Array | undefined, labels?: Uint8Array, options: Partial<IdxOptions> = {}) {
  if (images !== undefined) await writeFile(join(folder, 'images'), images);
  if (labels !== undefined) await writeFile(join(folder, 'labels'), labels);
  const source = new IdxSource({
    height: 2,
    width: 3,
    channels: 1,
    images: { path: join(folder, 'images') },
    labels: labels && { path: join(folder, 'labels') },
    ...options,
  });
  return (await source.load()).examples;
}

async function refusal(body: () => Promise<unknown>) {
  const error: unknown = await body().catch((caught: unknown) => caught);
  if (!(error instanceof DiagnosticError)) throw error;
  return error.diagnostics.map(({ code, message, help }) => ({
    code,
    message: message.replaceAll(folder, ''),
    help,
  }));
}

describe('IDX files', () => {
  it('are read byte by byte, with the class of each picture', async () => {
    expect(await load(IMAGES, LABELS)).toEqual({
      count: 3,
      height: 2,
      width: 3,
      channels: 1,
      pixels: IMAGES.subarray(16),
      labels: { classes: ['0', '1', '2'], of: Uint32Array.of(2, 0, 2) },
    });
  });

  it('may be gzipped, under their name or with .gz after it', async () => {
    const expected = (await load(IMAGES)).pixels;
    expect((await load(gzipSync(IMAGES))).pixels).toEqual(expected);
    await rm(join(folder, 'images'));
    await writeFile(join(folder, 'images.gz'), gzipSync(IMAGES));
    expect((await load(undefined)).pixels).toEqual(expected);
  });

  it('are cropped to the middle, resized, and made RGB where that is asked for', async () => {
    // 2 x 2 in the middle of 2 x 3: the first two columns.
    const one = await load(IMAGES, undefined, { height: 1, width: 1 });
    expect([...one.pixels]).toEqual([3, 13, 23]);
    const rgb = await load(IMAGES, undefined, { channels: 3 });
    expect([...rgb.pixels.subarray(0, 9)]).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
  });

  it.each([
    ['a text', Buffer.from('hello there'), 'it does not begin as an IDX file does'],
    ['nothing', Buffer.alloc(0), 'it does not begin as an IDX file does'],
    ['floats', Uint8Array.of(0, 0, 0x0d, 3), 'its elements are of type 0x0d, not bytes (0x08)'],
    ['labels', LABELS, 'it has 1 axes, not 3'],
    ['half a header', IMAGES.subarray(0, 9), 'it ends within its header'],
    ['too few pixels', IMAGES.subarray(0, 30), 'it has 14 elements, and 3 x 2 x 3 are 18'],
    [
      'half a gzip',
      gzipSync(IMAGES).subarray(0, 20),
      'it is gzipped and cannot be unpacked: unexpected end of file',
    ],
  ])('that hold %s are refused', async (_what, bytes, why) => {
    expect(await refusal(() => load(bytes))).toEqual([
      { code: 'data/format', message: `\`/images\` cannot be read as IDX: ${why}`, help: undefined },
    ]);
  });

  it('without a picture are refused', async () => {
    const none = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3);
    expect(await refusal(() => load(none))).toEqual([
      { code: 'data/format', message: '`/images` holds no picture', help: undefined },
    ]);
  });

  it('that are not there are named', async () => {
    expect(await refusal(() => load(undefined))).toEqual([
      {
        code: 'data/not-found',
        message: 'There is no file `/images` or `/images.gz`',
        help: 'A path in a spec is relative to the folder of the spec.',
      },
    ]);
  });

  it('need as many labels as pictures, and no label beyond the named classes', async () => {
    const two = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 0, 1);
    expect(await refusal(() => load(IMAGES, two))).toEqual([
      { code: 'data/labels', message: '`/labels` holds 2 labels for 3 pictures', help: undefined },
    ]);
    expect(await refusal(() => load(IMAGES, LABELS, { classNames: ['a', 'b'] }))).toEqual([
      {
        code: 'data/labels',
        message: '`/labels` holds the label 2, and there are 2 classes',
        help: undefined,
      },
    ]);
  });

  it('a folder in their place is an error of its own', async () => {
    await mkdir(join(folder, 'images'));
    expect((await refusal(() => load(undefined)))[0]).toMatchObject({ code: 'run/file' });
  });
});

describe('Fashion-MNIST', () => {
  const size = { height: 2, width: 3, channels: 1 } as const;

  it('is read from its four files, by part', async () => {
    await writeFile(join(folder, 't10k-images-idx3-ubyte.gz'), gzipSync(IMAGES));
    await writeFile(join(folder, 't10k-labels-idx1-ubyte.gz'), gzipSync(LABELS));
    const { examples } = await fashionMnistSource({ ...size, part: 'test', folder }).load();
    expect(examples.count).toBe(3);
    expect(examples.labels!.classes).toHaveLength(10);
    expect([...examples.labels!.of].map((label) => examples.labels!.classes[label])).toEqual([
      'pullover',
      'T-shirt/top',
      'pullover',
    ]);
  });

  it('says how to install it where it is not there', async () => {
    expect(await refusal(() => fashionMnistSource({ ...size, part: 'train', folder }).load())).toEqual([
      {
        code: 'data/not-found',
        message: 'There is no file `/train-images-idx3-ubyte` or `/train-images-idx3-ubyte.gz`',
        help: 'On Debian and Ubuntu: `apt-get install dataset-fashion-mnist`. Elsewhere, name the folder of its four files with `folder`.',
      },
    ]);
  });
});
