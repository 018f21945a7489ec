import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import { ImageFolder } from './image-folder.js';
import type { ImageFolderOptions } from './image-folder.js';
import { encodePng } from './png.js';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'began-images-'));
  folder = join(root, 'faces');
  await mkdir(join(folder, 'more'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

const flat = (width: number, height: number, colour: readonly [number, number, number]) =>
  encodePng({
    width,
    height,
    channels: 3,
    data: Uint8Array.from(Array.from({ length: width * height }, () => colour).flat()),
  });

const write = (name: string, bytes: Uint8Array | string) => writeFile(join(folder, name), bytes);

const load = (options: Partial<ImageFolderOptions> = {}) =>
  new ImageFolder({ directory: folder, height: 2, width: 2, channels: 3, crop: 'centre', ...options }).load();

async function refusal(body: () => Promise<unknown>) {
  const error: unknown = await body().catch((caught: unknown) => caught);
  if (!(error instanceof DiagnosticError)) throw error;
  return error.diagnostics.map(({ code, message, note, help }) => ({ code, message, note, help }));
}

/** Of flat pictures: the first channel of every example. */
const firsts = (pixels: Uint8Array, size = 12) => [...pixels].filter((_, i) => i % size === 0);

describe('a folder of pictures', () => {
  it('is read with the folders below it, sorted by name, PNG and JPEG alike', async () => {
    await write('b.png', flat(4, 4, [2, 0, 0]));
    await write('more/a.PNG', flat(4, 4, [3, 0, 0]));
    const data = Buffer.alloc(16 * 16 * 4, 200);
    await write('a.jpeg', jpeg.encode({ width: 16, height: 16, data }, 100).data);
    await write('notes.txt', 'not a picture');
    await write('.hidden.png', flat(4, 4, [9, 0, 0]));
    const { examples, diagnostics } = await load();
    expect(diagnostics).toEqual([]);
    expect(examples).toMatchObject({ count: 3, height: 2, width: 2, channels: 3 });
    const [first, ...rest] = firsts(examples.pixels);
    expect(Math.abs(first! - 200)).toBeLessThanOrEqual(2);
    expect(rest).toEqual([2, 3]);
  });

  it('tells formats by their bytes, not by their names', async () => {
    await write('a.jpg', flat(2, 2, [7, 0, 0]));
    expect(firsts((await load()).examples.pixels)).toEqual([7]);
  });

  it('follows links to pictures', async () => {
    await writeFile(join(root, 'elsewhere.png'), flat(2, 2, [8, 0, 0]));
    await symlink(join(root, 'elsewhere.png'), join(folder, 'a.png'));
    expect(firsts((await load()).examples.pixels)).toEqual([8]);
  });

  it('crops the centred square, or the box that is given', async () => {
    // Columns 10, 20, 30, 40.
    const data = Uint8Array.from({ length: 4 * 2 }, (_, i) => 10 * ((i % 4) + 1));
    await write('a.png', encodePng({ width: 4, height: 2, channels: 1, data }));
    const channels = 1;
    expect([...(await load({ channels })).examples.pixels]).toEqual([20, 30, 20, 30]);
    const crop = { left: 2, top: 0, width: 2, height: 2 };
    expect([...(await load({ channels, crop })).examples.pixels]).toEqual([30, 40, 30, 40]);
  });

  it('lays transparent pictures over white before it shrinks them', async () => {
    const png = new PNG({ width: 4, height: 4 });
    for (let i = 0; i < 16; i++) png.data.set([100, 0, 0, i % 4 < 2 ? 0 : 255], 4 * i);
    await write('a.png', PNG.sync.write(png));
    expect([...(await load()).examples.pixels].slice(0, 6)).toEqual([255, 255, 255, 100, 0, 0]);
    expect([...(await load({ height: 1, width: 1 })).examples.pixels]).toEqual([178, 128, 128]);
  });

  it('gives luma for one channel, and grey pictures as colour for three', async () => {
    await write('a.png', flat(2, 2, [255, 0, 0]));
    await write('b.png', encodePng({ width: 2, height: 2, channels: 1, data: new Uint8Array(4).fill(50) }));
    expect(firsts((await load({ channels: 1 })).examples.pixels, 4)).toEqual([76, 50]);
    expect([...(await load()).examples.pixels].slice(12, 15)).toEqual([50, 50, 50]);
  });

  it('reports progress, and at once from the cache', async () => {
    await write('a.png', flat(2, 2, [1, 0, 0]));
    await write('b.png', flat(2, 2, [2, 0, 0]));
    const source = new ImageFolder({ directory: folder, height: 2, width: 2, channels: 3, crop: 'centre' });
    const seen: string[] = [];
    await source.load((done, total) => seen.push(`${done}/${total}`));
    await source.load((done, total) => seen.push(`${done}/${total}`));
    expect(seen).toEqual(['1/2', '2/2', '2/2']);
  });
});

describe('pictures that cannot be read', () => {
  const whole = Buffer.from(flat(8, 8, [1, 2, 3]));
  const noise = Buffer.from(Array.from({ length: 32 * 32 * 4 }, (_, i) => (i * 97) % 251));
  const photo = jpeg.encode({ width: 32, height: 32, data: noise }, 90).data;
  it.each([
    ['an empty file', 'x.png', Buffer.alloc(0), 'the file is empty'],
    ['a text', 'x.jpg', Buffer.from('hello'), 'it is neither a PNG nor a JPEG'],
    ['a PNG cut in half', 'x.png', whole.subarray(0, whole.length / 2), 'the PNG ends too early'],
    ['a JPEG cut in half', 'x.jpg', photo.subarray(0, photo.length / 2), 'the JPEG ends too early'],
    [
      'a PNG with a broken checksum',
      'x.png',
      Buffer.from(whole.map((byte, i) => (i === 20 ? byte ^ 1 : byte))),
      'not a valid PNG: unrecognised content at end of stream',
    ],
  ])('are skipped and named: %s', async (_what, name, bytes, why) => {
    await write('good.png', flat(2, 2, [5, 0, 0]));
    await write(name, bytes);
    const { examples, diagnostics } = await load();
    expect(firsts(examples.pixels)).toEqual([5]);
    expect(diagnostics).toEqual([
      { code: 'data/corrupt-file', severity: 'warning', message: `\`${name}\` was skipped: ${why}` },
    ]);
  });

  it('are skipped where the crop does not fit', async () => {
    await write('large.png', flat(8, 8, [5, 0, 0]));
    await write('small.png', flat(4, 8, [6, 0, 0]));
    const { examples, diagnostics } = await load({ crop: { left: 2, top: 0, width: 4, height: 4 } });
    expect(examples.count).toBe(1);
    expect(diagnostics.map((d) => d.message)).toEqual([
      '`small.png` was skipped: it is 4 x 8, and the crop reaches to 6 x 4',
    ]);
  });

  it('are counted beyond the first ten', async () => {
    await write('good.png', flat(2, 2, [5, 0, 0]));
    for (let i = 0; i < 12; i++) await write(`bad-${i + 10}.png`, 'x');
    const { diagnostics } = await load();
    expect(diagnostics).toHaveLength(11);
    expect(diagnostics.at(-1)!.message).toBe('Another 2 pictures were skipped');
  });
});

describe('a folder without pictures is refused', () => {
  it('where it is not there', async () => {
    const directory = join(root, 'nowhere');
    const expected = {
      code: 'data/not-found',
      message: `There is no folder \`${directory}\``,
      note: undefined,
      help: 'A path in a spec is relative to the folder of the spec.',
    };
    expect(await refusal(() => load({ directory }))).toEqual([expected]);
  });

  it('where it is a file', async () => {
    await write('a.png', flat(2, 2, [5, 0, 0]));
    const directory = join(folder, 'a.png');
    expect((await refusal(() => load({ directory })))[0]!.message).toBe(`\`${directory}\` is not a folder`);
  });

  it('where it holds none', async () => {
    await write('a.webp', 'x');
    expect(await refusal(() => load())).toEqual([
      {
        code: 'data/empty-folder',
        message: `\`${folder}\` holds no PNG or JPEG file`,
        note: 'It holds 1 other file.',
        help: undefined,
      },
    ]);
  });

  it('where none can be read', async () => {
    await write('a.png', 'x');
    expect(await refusal(() => load())).toEqual([
      {
        code: 'data/empty-folder',
        message: `The only picture in \`${folder}\` could not be read`,
        note: '`a.png` was skipped: it is neither a PNG nor a JPEG.',
        help: undefined,
      },
    ]);
  });
});

describe('the cache', () => {
  const cache = () => join(root, '.cache', 'began-compile');
  const entries = async () => (await readdir(cache())).sort();

  it('lies beside the folder, gives the same bytes and warnings, and is whole', async () => {
    await write('a.png', flat(4, 4, [5, 6, 7]));
    await write('b.png', 'broken');
    const first = await load();
    expect(await entries()).toHaveLength(1);
    expect(await load()).toEqual(first);
  });

  it('is not used for other options or changed files', async () => {
    await write('a.png', flat(4, 4, [5, 0, 0]));
    await load();
    await load({ height: 4, width: 4 });
    await load({ channels: 1 });
    expect(await entries()).toHaveLength(3);
    await write('a.png', flat(4, 4, [6, 0, 0]));
    await utimes(join(folder, 'a.png'), 1e9, 1e9);
    expect(firsts((await load()).examples.pixels)).toEqual([6]);
    await write('b.png', flat(4, 4, [7, 0, 0]));
    expect(firsts((await load()).examples.pixels)).toEqual([6, 7]);
  });

  it.each([
    [
      'damaged',
      (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))),
    ],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 3)],
    ['cut off in its header', (bytes: Buffer) => bytes.subarray(0, 30)],
    ['empty', () => Buffer.alloc(0)],
    [
      'of another version',
      (bytes: Buffer) => Buffer.concat([Buffer.from('began-images-0\n'), bytes.subarray(15)]),
    ],
  ])('is made again where it is %s', async (_what, damage) => {
    await write('a.png', flat(4, 4, [5, 0, 0]));
    const first = await load();
    const [name] = await entries();
    const whole = await readFile(join(cache(), name!));
    await writeFile(join(cache(), name!), damage(whole));
    expect(await load()).toEqual(first);
    expect(await readFile(join(cache(), name!))).toEqual(whole);
  });

  it('that cannot be written is a warning, not a failure', async () => {
    await write('a.png', flat(4, 4, [5, 0, 0]));
    const cacheDirectory = join(folder, 'a.png', 'cache');
    const { examples, diagnostics } = await load({ cacheDirectory });
    expect(examples.count).toBe(1);
    expect(diagnostics).toHaveLength(1);
    const [{ message, ...rest }] = diagnostics as [Diagnostic];
    expect(message).toContain(`The decoded pictures could not be kept in \`${cacheDirectory}\`: `);
    expect(rest).toEqual({
      code: 'run/file',
      severity: 'warning',
      note: 'They will be decoded again next time.',
    });
  });
});
