import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { crc32 } from '../training/crc32.js';
import { FacesjsSource } from './facesjs-source.js';
import type { FacesjsOptions } from './facesjs-source.js';

const load = async (options: Partial<FacesjsOptions> = {}) => {
  const source = new FacesjsSource({
    count: 6,
    seed: 1,
    background: 'plain',
    height: 32,
    width: 32,
    channels: 3,
    ...options,
  });
  return (await source.load()).examples;
};
const face = (pixels: Uint8Array, i: number) => pixels.subarray(i * 3072, (i + 1) * 3072);

afterEach(() => vi.restoreAllMocks());

describe('composed faces', () => {
  it('are the same bytes for the same seed, and others for another', async () => {
    const first = await load();
    expect(first).toMatchObject({ count: 6, height: 32, width: 32, channels: 3 });
    expect(await load()).toEqual(first);
    expect((await load({ seed: 2 })).pixels).not.toEqual(first.pixels);
  });

  it('depend on their number alone, and are all different', async () => {
    const six = await load();
    expect((await load({ count: 3 })).pixels).toEqual(six.pixels.subarray(0, 3 * 3072));
    expect(new Set([0, 1, 2, 3, 4, 5].map((i) => crc32(face(six.pixels, i)))).size).toBe(6);
  });

  it('stand before one colour where it is plain, before many where it is pastel', async () => {
    // The top left corner is background unless hair reaches it; of six faces most do not.
    const corners = (pixels: Uint8Array) =>
      [0, 1, 2, 3, 4, 5].map((i) => face(pixels, i).subarray(0, 3).join());
    const plain = corners((await load()).pixels);
    expect(plain.filter((corner) => corner === '214,226,236').length).toBeGreaterThanOrEqual(4);
    expect(new Set(corners((await load({ background: 'pastel' })).pixels)).size).toBeGreaterThanOrEqual(4);
  });

  it('are the same faces before either background', async () => {
    // Columns 13 to 18 of row 16 lie inside every head.
    const middle = (pixels: Uint8Array) =>
      [0, 1, 2, 3, 4, 5].map((i) => [...face(pixels, i).subarray((16 * 32 + 13) * 3, (16 * 32 + 19) * 3)]);
    expect(middle((await load({ background: 'pastel' })).pixels)).toEqual(middle((await load()).pixels));
  });

  it('are drawn without leaving Math.random changed', async () => {
    const original = Math.random;
    await load({ count: 1 });
    expect(Math.random).toBe(original);
    const own = vi.spyOn(Math, 'random');
    await load({ count: 1 });
    expect(own).not.toHaveBeenCalled();
  });

  it('come in grey and in other shapes', async () => {
    const { pixels } = await load({ channels: 1, height: 16, width: 8, count: 2 });
    expect(pixels).toHaveLength(2 * 16 * 8);
  });

  it.each(['glasses', 'beard', 'hat'] as const)('with and without %s have classes', async (labels) => {
    const cacheDirectory = await mkdtemp(join(tmpdir(), 'began-faces-'));
    try {
      const options = { labels, count: 60, height: 8, width: 8, cacheDirectory };
      const drawn = await load(options);
      expect(drawn.labels!.classes).toEqual([`without ${labels}`, `with ${labels}`]);
      const present = drawn.labels!.of.reduce((sum, label) => sum + label, 0);
      expect(present).toBeGreaterThan(0);
      expect(present).toBeLessThan(30);
      // From the cache, which knows no labels; and the faces are those without labels.
      expect(await load(options)).toEqual(drawn);
      expect((await load({ ...options, labels: undefined, cacheDirectory: undefined })).pixels).toEqual(
        drawn.pixels,
      );
      expect(await readdir(cacheDirectory)).toHaveLength(1);
    } finally {
      await rm(cacheDirectory, { recursive: true });
    }
  });

  it('of class 1 wear a hat: the top of the picture is red, and not the hair', async () => {
    const { pixels, labels } = await load({ count: 80, labels: 'hat', height: 16, width: 16 });
    const redness = (label: number) => {
      const own = [...labels!.of.keys()].filter((i) => labels!.of[i] === label);
      // Rows 1 to 3, columns 6 to 9: the crown.
      const at = (i: number, row: number, column: number, c: number) =>
        pixels[((i * 16 + row) * 16 + column) * 3 + c]!;
      const cells = own.flatMap((i) =>
        [1, 2, 3].flatMap((row) =>
          [6, 7, 8, 9].map((column) => at(i, row, column, 0) - at(i, row, column, 2)),
        ),
      );
      return cells.reduce((sum, value) => sum + value, 0) / cells.length;
    };
    expect(redness(1)).toBeGreaterThan(redness(0) + 50);
  });

  it('have hair of four colours or none, in the order of their classes', async () => {
    const { pixels, labels } = await load({ count: 400, labels: 'hair', height: 16, width: 16 });
    expect(labels!.classes).toEqual(['black hair', 'brown hair', 'red hair', 'blond hair', 'no hair']);
    // Below where hats end, above the eyes: mean of (red + green, red - green) over rows 4 and 5 of all columns.
    const [black, brown, red, blond] = [0, 1, 2, 3].map((label) => {
      const own = [...labels!.of.keys()].filter((i) => labels!.of[i] === label);
      expect(own.length).toBeGreaterThan(3);
      const sums = [0, 0];
      for (const i of own) {
        for (let cell = 4 * 16; cell < 6 * 16; cell++) {
          const [r, g] = [0, 1].map((c) => pixels[(i * 256 + cell) * 3 + c]!);
          sums[0]! += (r! + g!) / own.length;
          sums[1]! += (r! - g!) / own.length;
        }
      }
      return sums as [number, number];
    });
    expect(black![0]).toBeLessThan(brown![0]);
    expect(brown![0]).toBeLessThan(blond![0]);
    expect(red![1]).toBeGreaterThan(Math.max(black![1], brown![1], blond![1]));
    expect([...labels!.of].filter((label) => label === 4).length).toBeGreaterThan(0);
  });

  it('are kept, and told apart by every option', async () => {
    const cacheDirectory = await mkdtemp(join(tmpdir(), 'began-faces-'));
    try {
      const first = await load({ cacheDirectory, count: 2 });
      expect(await load({ cacheDirectory, count: 2 })).toEqual(first);
      expect(await readdir(cacheDirectory)).toHaveLength(1);
      await load({ cacheDirectory, count: 3 });
      await load({ cacheDirectory, count: 2, seed: 2 });
      await load({ cacheDirectory, count: 2, background: 'pastel' });
      await load({ cacheDirectory, count: 2, channels: 1 });
      expect(await readdir(cacheDirectory)).toHaveLength(5);
    } finally {
      await rm(cacheDirectory, { recursive: true });
    }
  });
});
