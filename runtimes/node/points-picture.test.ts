import { describe, expect, it } from 'vitest';
import type { Raster } from './area-resize.js';
import { fieldPlaces, pointsPicture, squareAround } from './points-picture.js';

const square = { centre: [0, 0], reach: 1 } as const;
const colour = ({ width, data }: Raster, x: number, y: number) => {
  const start = 3 * (y * width + x);
  return [...data.subarray(start, start + 3)];
};
const SAMPLE = [20, 90, 200];
const DATA = [150, 150, 150];
const WHITE = [255, 255, 255];

describe('the square', () => {
  it('holds all points with a margin, and as much of both axes', () => {
    expect(squareAround(Float32Array.of(1, 10, 3, 10, NaN, 0, 2, Infinity))).toEqual({
      centre: [2, 10],
      reach: 1.2,
    });
  });

  it('is of some size around a single point, and refused without one', () => {
    expect(squareAround(Float32Array.of(5, 6))).toEqual({ centre: [5, 6], reach: 1 });
    expect(() => squareAround(Float32Array.of(NaN, NaN))).toThrow(
      new RangeError('there is no finite point to draw'),
    );
  });
});

describe('a picture of points', () => {
  it('has x to the right and y upwards, samples over data', () => {
    const picture = pointsPicture({
      square,
      samples: Float32Array.of(0.5, 0.5, -0.5, -0.5),
      data: Float32Array.of(0.5, -0.5, -0.5, -0.5),
      side: 100,
    });
    expect(colour(picture, 75, 25)).toEqual(SAMPLE);
    expect(colour(picture, 75, 75)).toEqual(DATA);
    expect(colour(picture, 25, 75)).toEqual(SAMPLE);
    expect(colour(picture, 25, 25)).toEqual(WHITE);
  });

  it('shows points that fell outside at its edge, and leaves out what is not a number', () => {
    const samples = Float32Array.of(90, 0, NaN, 0, 0, -Infinity);
    const picture = pointsPicture({ square, samples, side: 50 });
    expect(colour(picture, 49, 25)).toEqual(SAMPLE);
    expect(colour(picture, 25, 49)).toEqual(SAMPLE);
    expect(colour(picture, 25, 25)).toEqual(WHITE);
  });

  it('paints a field under the points, highest at the places where it is highest', () => {
    const places = fieldPlaces(square, 4);
    expect([...places.subarray(0, 4)]).toEqual([-0.75, 0.75, -0.25, 0.75]);
    expect([...places.subarray(30)]).toEqual([0.75, -0.75]);
    // x + y: highest at the top right.
    const values = Float32Array.from({ length: 16 }, (_, i) => places[2 * i]! + places[2 * i + 1]!);
    const picture = pointsPicture({
      square,
      samples: Float32Array.of(0, 0),
      field: { columns: 4, values },
      side: 40,
    });
    expect(colour(picture, 35, 5)).toEqual([252, 178, 106]);
    expect(colour(picture, 5, 35)).toEqual(WHITE);
    expect(colour(picture, 5, 5)).toEqual(colour(picture, 35, 35));
    expect(colour(picture, 20, 20)).toEqual(SAMPLE);
  });

  it('leaves a field white that is the same everywhere, and refuses one that is no grid', () => {
    const options = { square, samples: new Float32Array(0), side: 8 };
    const flat = pointsPicture({ ...options, field: { columns: 2, values: Float32Array.of(3, 3, 3, NaN) } });
    expect(new Set(flat.data)).toEqual(new Set([255]));
    expect(() => pointsPicture({ ...options, field: { columns: 2, values: new Float32Array(3) } })).toThrow(
      new RangeError('3 values are not rows of 2'),
    );
  });
});
