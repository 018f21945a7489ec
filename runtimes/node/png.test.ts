import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { bytesOfValues, encodePng, imageGrid } from './png.js';

const decoded = (file: Uint8Array) => {
  const { width, height, data } = PNG.sync.read(Buffer.from(file));
  return { width, height, rgb: [...data].filter((_, i) => i % 4 !== 3) };
};

describe('a PNG', () => {
  it('of RGB is read back byte for byte', () => {
    const data = Uint8Array.from({ length: 3 * 2 * 3 }, (_, i) => i * 14);
    expect(decoded(encodePng({ width: 3, height: 2, channels: 3, data }))).toEqual({
      width: 3,
      height: 2,
      rgb: [...data],
    });
  });

  it('of grey is stored as grey and read back', () => {
    const file = encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(7, 200) });
    // The colour type stands in byte 25: 0 is grey.
    expect(file[25]).toBe(0);
    expect(decoded(file)).toEqual({ width: 2, height: 1, rgb: [7, 7, 7, 200, 200, 200] });
  });

  it('of RGBA is read back with its opacity', () => {
    const data = Uint8Array.of(10, 20, 30, 0, 40, 50, 60, 128);
    const file = encodePng({ width: 2, height: 1, channels: 4, data });
    expect(file[25]).toBe(6);
    expect([...PNG.sync.read(Buffer.from(file)).data]).toEqual([...data]);
  });

  it('is refused for other channels and for missing bytes', () => {
    expect(() => encodePng({ width: 1, height: 1, channels: 2, data: new Uint8Array(2) })).toThrow(
      new RangeError('a PNG has 1, 3 or 4 channels, not 2'),
    );
    expect(() => encodePng({ width: 1, height: 1, channels: 3, data: new Uint8Array(2) })).toThrow(
      new RangeError('2 bytes are not 1 x 1 x 3'),
    );
  });
});

describe('bytesOfValues', () => {
  it('maps the range to 0 .. 255, clips, and shows NaN as black', () => {
    const values = Float32Array.of(-1, 0, 1, -3, 3, NaN);
    expect([...bytesOfValues(values, [-1, 1])]).toEqual([0, 128, 255, 0, 255, 0]);
  });

  it('gives back the bytes that a data stream made values of', () => {
    const values = Float32Array.from({ length: 256 }, (_, byte) => -1 + (byte * 2) / 255);
    expect([...bytesOfValues(values, [-1, 1])]).toEqual(Array.from({ length: 256 }, (_, byte) => byte));
  });
});

describe('a grid', () => {
  it('lays pictures out row by row, with white gaps and white free places', () => {
    const grid = imageGrid({
      pixels: Uint8Array.of(1, 2, 3),
      height: 1,
      width: 1,
      channels: 1,
      columns: 2,
      gap: 1,
    });
    expect(grid).toEqual({
      width: 3,
      height: 3,
      channels: 1,
      data: Uint8Array.of(1, 255, 2, 255, 255, 255, 3, 255, 255),
    });
  });

  it('zooms by whole pixels and keeps colours apart', () => {
    const grid = imageGrid({
      pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
      height: 1,
      width: 2,
      channels: 3,
      columns: 1,
      zoom: 2,
    });
    const row = [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6];
    expect(grid).toEqual({ width: 4, height: 2, channels: 3, data: Uint8Array.from([...row, ...row]) });
  });

  it('refuses bytes that are not whole pictures', () => {
    const options = { pixels: new Uint8Array(5), height: 2, width: 2, channels: 1, columns: 1 };
    expect(() => imageGrid(options)).toThrow(new RangeError('5 bytes are not pictures of 2 x 2 x 1'));
  });
});
