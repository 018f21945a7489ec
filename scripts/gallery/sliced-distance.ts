/** How far two sets of as many points lie apart: the sliced Wasserstein-1 distance. */

/** Directions, evenly spread over half a turn: in the plane nothing needs to be drawn. */
const DIRECTIONS = 64;

/**
 * The mean over directions of W_1 between the two sets projected on it, which for sets of equal size is the mean distance of
 * their sorted projections. Throws RangeError where the sizes differ.
 */
export function slicedDistance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new RangeError(`${a.length / 2} points against ${b.length / 2}`);
  let sum = 0;
  for (let direction = 0; direction < DIRECTIONS; direction++) {
    const angle = (Math.PI * (direction + 0.5)) / DIRECTIONS;
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    const first = project(a, x, y);
    const second = project(b, x, y);
    sum += first.reduce((total, value, i) => total + Math.abs(value - second[i]!), 0) / first.length;
  }
  return sum / DIRECTIONS;
}

function project(points: Float32Array, x: number, y: number): Float64Array {
  return Float64Array.from(
    { length: points.length / 2 },
    (_, i) => points[2 * i]! * x + points[2 * i + 1]! * y,
  ).sort();
}
