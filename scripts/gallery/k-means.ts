/** Lloyd's algorithm for points in the plane, the best of several seeded starts; and accuracy of clusters against classes. */
import { drawKey, fillUniform } from '../../compiler/random/stream.js';

export interface KMeansOptions {
  readonly points: Float32Array;
  readonly clusters: number;
  readonly restarts: number;
  readonly seed: number;
}

/** x and y of every centre of the start that ends with the least sum of squared distances. */
export function kMeans({ points, clusters, restarts, seed }: KMeansOptions): Float32Array {
  let best = { centres: new Float32Array(2 * clusters), cost: Infinity };
  for (let restart = 0; restart < restarts; restart++) {
    const draws = new Float32Array(clusters);
    fillUniform(draws, drawKey(seed, 'k-means', restart), 0, points.length / 2);
    let centres = Float32Array.from({ length: 2 * clusters }, (_, i) => {
      return points[2 * Math.floor(draws[i >> 1]!) + (i & 1)]!;
    });
    for (let cost = Infinity; ;) {
      const moved = lloydStep(points, centres);
      if (!(moved.cost < cost)) break;
      ({ centres, cost } = moved);
      if (cost < best.cost) best = { centres, cost };
    }
  }
  return best.centres;
}

/** The number of the nearest centre of every point. */
export function nearestCentres(points: Float32Array, centres: Float32Array): Float32Array {
  return Float32Array.from({ length: points.length / 2 }, (_, i) => {
    const distances = Array.from({ length: centres.length / 2 }, (_unused, k) =>
      squaredDistance(points, i, centres, k),
    );
    return distances.indexOf(Math.min(...distances));
  });
}

/** `cost` is that of the centres that were given; a centre without points stays. */
function lloydStep(points: Float32Array, centres: Float32Array) {
  const of = nearestCentres(points, centres);
  const sums = new Float64Array(centres.length);
  const counts = new Float64Array(centres.length / 2);
  let cost = 0;
  of.forEach((k, i) => {
    cost += squaredDistance(points, i, centres, k);
    counts[k]!++;
    sums[2 * k]! += points[2 * i]!;
    sums[2 * k + 1]! += points[2 * i + 1]!;
  });
  const moved = centres.map((value, i) => (counts[i >> 1] === 0 ? value : sums[i]! / counts[i >> 1]!));
  return { centres: moved, cost };
}

const squaredDistance = (a: Float32Array, i: number, b: Float32Array, k: number): number =>
  (a[2 * i]! - b[2 * k]!) ** 2 + (a[2 * i + 1]! - b[2 * k + 1]!) ** 2;

/**
 * Share of points whose cluster is their class, where every cluster is named after the class that most of its points have.
 * With as many balanced clusters as classes this is the accuracy of the best matching.
 */
export function clusterAccuracy(clusters: ArrayLike<number>, classes: ArrayLike<number>): number {
  const table = new Map<number, Map<number, number>>();
  for (let i = 0; i < classes.length; i++) {
    const row = table.get(clusters[i]!) ?? new Map<number, number>();
    row.set(classes[i]!, (row.get(classes[i]!) ?? 0) + 1);
    table.set(clusters[i]!, row);
  }
  let right = 0;
  for (const row of table.values()) right += Math.max(...row.values());
  return right / classes.length;
}
