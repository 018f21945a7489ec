import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaResize, centreBox } from './area-resize.js';
import type { PixelBox, Raster } from './area-resize.js';

const grey = (rows: readonly (readonly number[])[]): Raster => ({
  width: rows[0]!.length,
  height: rows.length,
  channels: 1,
  data: Uint8Array.from(rows.flat()),
});
const whole = ({ width, height }: Raster): PixelBox => ({ left: 0, top: 0, width, height });

describe('areaResize', () => {
  it('averages whole blocks', () => {
    const source = grey([
      [0, 100, 10, 30],
      [200, 100, 50, 70],
    ]);
    expect([...areaResize(source, whole(source), 2, 1).data]).toEqual([100, 40]);
  });

  it('counts a pixel on a seam by the part that lies on each side: 3 to 2', () => {
    const source = grey([[0, 90, 240]]);
    // (0 + 90 / 2) / 1.5 and (90 / 2 + 240) / 1.5
    expect([...areaResize(source, whole(source), 2, 1).data]).toEqual([30, 190]);
  });

  it('does so in both directions: 3 x 3 to 2 x 2', () => {
    const source = grey([
      [0, 0, 0],
      [0, 225, 0],
      [0, 0, 0],
    ]);
    // The middle pixel gives a quarter of itself to each of four areas of 2.25 pixels.
    expect([...areaResize(source, whole(source), 2, 2).data]).toEqual([25, 25, 25, 25]);
  });

  it('keeps a picture of the same size, and channels apart', () => {
    const source: Raster = { width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    expect(areaResize(source, whole(source), 2, 1)).toEqual(source);
    expect([...areaResize(source, whole(source), 1, 1).data]).toEqual([3, 4, 5]);
  });

  it('enlarges by repeating, with blended seams', () => {
    const source = grey([[0, 100]]);
    expect([...areaResize(source, whole(source), 4, 1).data]).toEqual([0, 0, 100, 100]);
    expect([...areaResize(source, whole(source), 3, 1).data]).toEqual([0, 50, 100]);
  });

  it('reads the box only', () => {
    const source = grey([
      [255, 255, 255, 255],
      [255, 10, 20, 255],
      [255, 30, 40, 255],
    ]);
    expect([...areaResize(source, { left: 1, top: 1, width: 2, height: 2 }, 1, 1).data]).toEqual([25]);
  });

  it('keeps a flat colour flat and the mean of any picture, at any ratio', () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(size, size, size, size, fc.infiniteStream(fc.nat(255)), (width, height, w, h, values) => {
        const flat = grey([[77]]);
        expect(areaResize(flat, whole(flat), w, h).data.every((value) => value === 77)).toBe(true);
        const source = { width, height, channels: 1, data: Uint8Array.from(values.take(width * height)) };
        const mean = (data: Uint8Array) => data.reduce((sum, value) => sum + value, 0) / data.length;
        expect(Math.abs(mean(areaResize(source, whole(source), w, h).data) - mean(source.data))).toBeLessThan(
          0.51,
        );
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('centreBox', () => {
  it.each([
    [
      { width: 178, height: 218 },
      { width: 64, height: 64 },
      { left: 0, top: 20, width: 178, height: 178 },
    ],
    [
      { width: 300, height: 100 },
      { width: 32, height: 32 },
      { left: 100, top: 0, width: 100, height: 100 },
    ],
    [
      { width: 300, height: 100 },
      { width: 32, height: 16 },
      { left: 50, top: 0, width: 200, height: 100 },
    ],
    [
      { width: 5, height: 1 },
      { width: 1, height: 64 },
      { left: 2, top: 0, width: 1, height: 1 },
    ],
  ])('of %j for %j', (source, target, box) => {
    expect(centreBox(source, target)).toEqual(box);
  });
});
