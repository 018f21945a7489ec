/** Small pictures of the plane: samples over data, over a field in bands, so that its level sets are seen. */
import type { Raster } from '../../runtimes/node/area-resize.js';
import { fieldPlaces, pointsPicture } from '../../runtimes/node/points-picture.js';
import type { PointSet } from '../../spec/spec.js';
import { heldOut } from './toy-sets.js';
import { valuesAt, type ToyRun } from './toy-run.js';

const SIDE = 176;
const COLUMNS = 88;
const BANDS = 10;
const DATA_DOTS = 500;
const SAMPLE_DOTS = 800;

export interface PlanePictureOptions {
  readonly run: ToyRun;
  readonly set: PointSet;
  /** An output that gives points; none are drawn where left out. */
  readonly samples?: string | undefined;
  /** An output that gives a number for every point. */
  readonly field?: string | undefined;
}

export async function planePicture({ run, set, samples, field }: PlanePictureOptions): Promise<Raster> {
  const { points, square } = heldOut(set);
  const drawn =
    samples === undefined ? undefined : await run.session.generate(samples, { count: SAMPLE_DOTS, seed: 1 });
  const values = field === undefined ? undefined : await valuesAt(run, field, fieldPlaces(square, COLUMNS));
  return pointsPicture({
    square,
    data: points.subarray(0, 2 * DATA_DOTS),
    samples: drawn?.values ?? new Float32Array(0),
    field: values && { columns: COLUMNS, values: inBands(values) },
    side: SIDE,
  });
}

/** Every value as the number of its band between the least and the largest; not finite where it was not. */
export function inBands(values: Float32Array): Float32Array {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((least, value) => Math.min(least, value), Infinity);
  const high = finite.reduce((largest, value) => Math.max(largest, value), -Infinity);
  const range = high > low ? high - low : 1;
  return values.map((value) =>
    Number.isFinite(value) ? Math.min(BANDS - 1, Math.floor((BANDS * (value - low)) / range)) : NaN,
  );
}
