/** The sets of points of the gallery: what samples are held against, and the part of the plane that pictures show. */
import { squareAround } from '../../runtimes/node/points-picture.js';
import type { PlaneSquare } from '../../runtimes/node/points-picture.js';
import { drawPoints } from '../../runtimes/node/points-source.js';
import type { PointSet } from '../../spec/spec.js';
import { slicedDistance } from './sliced-distance.js';

/** Samples that are measured, and points that they are held against. */
export const POINTS = 2500;
/** Training draws its points from seed 0. */
const HELD_OUT_SEED = 1001;
const FLOOR_SEEDS = [1002, 1003, 1004, 1005, 1006];

export interface HeldOut {
  readonly points: Float32Array;
  readonly classes: Uint32Array;
  readonly square: PlaneSquare;
}

const held = new Map<PointSet, HeldOut>();

/** Points that no run was trained on. */
export function heldOut(set: PointSet): HeldOut {
  const known = held.get(set);
  if (known !== undefined) return known;
  const { values: points, labels } = drawPoints({ set, count: POINTS, seed: HELD_OUT_SEED });
  if (labels === undefined) throw new RangeError(`'${set}' has no classes`);
  const drawn = { points, classes: labels.of, square: squareAround(points) };
  held.set(set, drawn);
  return drawn;
}

/** The mean sliced distance between the held-out points and as many others of the same set: what a perfect G would get. */
export function noiseFloor(set: PointSet): number {
  const { points } = heldOut(set);
  const distances = FLOOR_SEEDS.map((seed) =>
    slicedDistance(points, drawPoints({ set, count: POINTS, seed }).values),
  );
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}
