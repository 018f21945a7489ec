/** Points in the plane as a picture: samples over data, and under both a field of values as colour. */
import type { Raster } from './area-resize.js';

/** A square part of the plane. */
export interface PlaneSquare {
  readonly centre: readonly [x: number, y: number];
  /** Half the side. */
  readonly reach: number;
}

/** Values at the centres of cells that fill the square, row by row from the top left (largest y first). */
export interface PlaneField {
  readonly columns: number;
  readonly values: Float32Array;
}

export interface PointsPictureOptions {
  readonly square: PlaneSquare;
  /** x and y of one point after another. Points outside the square are drawn at its edge. */
  readonly samples: Float32Array;
  readonly data?: Float32Array | undefined;
  readonly field?: PlaneField | undefined;
  /** Pixels; 384 where left out. */
  readonly side?: number | undefined;
}

type Colour = readonly [red: number, green: number, blue: number];

const DATA: Colour = [150, 150, 150];
const SAMPLES: Colour = [20, 90, 200];
const LOWEST: Colour = [255, 255, 255];
const HIGHEST: Colour = [252, 178, 106];
const DATA_RADIUS = 1.6;
const SAMPLE_RADIUS = 2;
/** Room around the points, as a share of their extent. */
const MARGIN = 0.2;

/** The square around all points, with a margin. Throws RangeError where there is no finite point. */
export function squareAround(points: Float32Array): PlaneSquare {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    const point = points.subarray(i, i + 2);
    if (!point.every(Number.isFinite)) continue;
    for (const axis of [0, 1]) {
      low[axis] = Math.min(low[axis]!, point[axis]!);
      high[axis] = Math.max(high[axis]!, point[axis]!);
    }
  }
  if (low[0] === Infinity) throw new RangeError('there is no finite point to draw');
  const middle = (axis: 0 | 1) => (low[axis]! + high[axis]!) / 2;
  const extent = Math.max(high[0]! - low[0]!, high[1]! - low[1]!);
  return { centre: [middle(0), middle(1)], reach: extent > 0 ? (extent / 2) * (1 + MARGIN) : 1 };
}

/** Where a field of `columns` x `columns` values is to be known: x and y of one cell after another. */
export function fieldPlaces({ centre, reach }: PlaneSquare, columns: number): Float32Array {
  const places = new Float32Array(2 * columns * columns);
  const offset = (cell: number) => (((cell + 0.5) / columns) * 2 - 1) * reach;
  for (let row = 0; row < columns; row++) {
    for (let column = 0; column < columns; column++) {
      const i = 2 * (row * columns + column);
      places[i] = centre[0] + offset(column);
      places[i + 1] = centre[1] - offset(row);
    }
  }
  return places;
}

/** Samples in blue over data in grey; the field from white (its lowest value) to orange. RGB. */
export function pointsPicture(options: PointsPictureOptions): Raster {
  const { square, samples, data, field, side = 384 } = options;
  const picture: Raster = {
    width: side,
    height: side,
    channels: 3,
    data: new Uint8Array(side * side * 3).fill(255),
  };
  if (field !== undefined) paintField(picture, field);
  if (data !== undefined) paintDots(picture, square, data, DATA, DATA_RADIUS);
  paintDots(picture, square, samples, SAMPLES, SAMPLE_RADIUS);
  return picture;
}

function paintField(picture: Raster, { columns, values }: PlaneField): void {
  const rows = values.length / columns;
  if (!Number.isInteger(rows) || rows < 1) {
    throw new RangeError(`${values.length} values are not rows of ${columns}`);
  }
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  for (let y = 0; y < picture.height; y++) {
    const row = Math.floor((y * rows) / picture.height);
    for (let x = 0; x < picture.width; x++) {
      const value = values[row * columns + Math.floor((x * columns) / picture.width)]!;
      // A field that is the same everywhere, and places without a finite value, stay white.
      const share = Number.isFinite(value) && high > low ? (value - low) / (high - low) : 0;
      for (let c = 0; c < 3; c++) {
        picture.data[(y * picture.width + x) * 3 + c] = Math.round(
          LOWEST[c]! + share * (HIGHEST[c]! - LOWEST[c]!),
        );
      }
    }
  }
}

/** Discs with soft edges; points that are not finite are left out. */
function paintDots(
  { width, height, data }: Raster,
  { centre, reach }: PlaneSquare,
  points: Float32Array,
  colour: Colour,
  radius: number,
): void {
  const place = (offset: number, length: number) =>
    Math.min(length, Math.max(0, ((offset / reach + 1) / 2) * length));
  for (let i = 0; i < points.length; i += 2) {
    const left = place(points[i]! - centre[0], width);
    const top = place(centre[1] - points[i + 1]!, height);
    if (Number.isNaN(left) || Number.isNaN(top)) continue;
    const first = (middle: number) => Math.max(0, Math.floor(middle - radius - 1));
    for (let y = first(top); y < Math.min(height, top + radius + 1); y++) {
      for (let x = first(left); x < Math.min(width, left + radius + 1); x++) {
        const distance = Math.hypot(x + 0.5 - left, y + 0.5 - top);
        const cover = Math.min(1, Math.max(0, radius + 0.5 - distance));
        for (let c = 0; c < 3; c++) {
          const pixel = (y * width + x) * 3 + c;
          data[pixel] = Math.round(data[pixel]! + cover * (colour[c]! - data[pixel]!));
        }
      }
    }
  }
}
