/**
 * Points in the plane, drawn from a seed. Point i depends on (set, seed, i) alone. With
 *
 *   u_i       element i of uniform(0, 1) under the key of (seed, 'points/SET/place', 0)
 *   n_i       elements 2i and 2i + 1 of normal(0, 1) under the key of (seed, 'points/SET/noise', 0), a pair
 *   c         the class of the point
 *
 *   gaussians_8     c = floor(8 u)   (2 (cos(c pi / 4), sin(c pi / 4)) + 0.02 n) / sqrt(2)
 *   gaussians_25    c = floor(25 u)  (2 (c mod 5 - 2, floor(c / 5) - 2) + 0.05 n) / (2 sqrt(2))
 *   ring            c = 0            (2 (cos(2 pi u), sin(2 pi u)) + 0.02 n) / sqrt(2)
 *   swiss_roll      c = 0            (t (cos t, sin t) + 0.25 n) / 7.5,  t = 1.5 pi (1 + 2 u)
 *   two_gaussians   c = floor(2 u)   (2 c - 1, 0) + 0.25 n
 *   circles         c = floor(2 u)   ((2 - c) (cos(2 pi v), sin(2 pi v)) + 0.05 n) / sqrt(2),  v = 2 u - c
 *
 * in float64, rounded to float32 at the end. The eight, the 25 and the roll are the toy sets of Gulrajani et al.,
 * "Improved Training of Wasserstein GANs" (2017), with their scales: a deviation of about 1 per axis, about 0.9 in the roll.
 */
import { drawKey, fillNormal, fillUniform } from '../../compiler/random/stream.js';
import { POINT_CLASSES } from '../../spec/data-classes.js';
import type { PointSet } from '../../spec/spec.js';
import type { ExampleSource, LoadedExamples, PackedVectors } from '../training/example-source.js';

export interface PointsOptions {
  readonly set: PointSet;
  readonly count: number;
  readonly seed: number;
}

type Pair = readonly [x: number, y: number];

interface PlacedPoint {
  readonly label: number;
  /** Without noise. */
  readonly centre: Pair;
}

interface SetRule {
  readonly place: (u: number) => PlacedPoint;
  /** Standard deviation of the noise, before scaling. */
  readonly noise: number;
  /** What everything is divided by. */
  readonly scale: number;
}

const onCircle = (radius: number, turn: number): Pair => {
  const angle = 2 * Math.PI * turn;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
};
const classOf = (u: number, set: PointSet) => Math.floor(u * POINT_CLASSES[set]);

const RULES: Readonly<Record<PointSet, SetRule>> = {
  gaussians_8: {
    place(u) {
      const label = classOf(u, 'gaussians_8');
      return { label, centre: onCircle(2, label / 8) };
    },
    noise: 0.02,
    scale: Math.SQRT2,
  },
  gaussians_25: {
    place(u) {
      const label = classOf(u, 'gaussians_25');
      return { label, centre: [2 * ((label % 5) - 2), 2 * (Math.floor(label / 5) - 2)] };
    },
    noise: 0.05,
    scale: 2 * Math.SQRT2,
  },
  ring: { place: (u) => ({ label: 0, centre: onCircle(2, u) }), noise: 0.02, scale: Math.SQRT2 },
  swiss_roll: {
    place(u) {
      const t = 1.5 * Math.PI * (1 + 2 * u);
      return { label: 0, centre: [t * Math.cos(t), t * Math.sin(t)] };
    },
    noise: 0.25,
    scale: 7.5,
  },
  two_gaussians: {
    place(u) {
      const label = classOf(u, 'two_gaussians');
      return { label, centre: [2 * label - 1, 0] };
    },
    noise: 0.25,
    scale: 1,
  },
  circles: {
    place(u) {
      const label = classOf(u, 'circles');
      return { label, centre: onCircle(2 - label, 2 * u - label) };
    },
    noise: 0.05,
    scale: Math.SQRT2,
  },
};

export class PointsSource implements ExampleSource<PackedVectors> {
  readonly #options: PointsOptions;

  constructor(options: PointsOptions) {
    this.#options = options;
  }

  load(): Promise<LoadedExamples<PackedVectors>> {
    return Promise.resolve({ examples: drawPoints(this.#options), diagnostics: [] });
  }
}

/** `count` x 2. */
export function drawPoints({ set, count, seed }: PointsOptions): PackedVectors {
  const { place, noise, scale } = RULES[set];
  const places = new Float32Array(count);
  fillUniform(places, drawKey(seed, `points/${set}/place`, 0), 0, 1);
  const normals = new Float32Array(2 * count);
  fillNormal(normals, drawKey(seed, `points/${set}/noise`, 0), 0, 1);
  const values = new Float32Array(2 * count);
  const of = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const { label, centre } = place(places[i]!);
    of[i] = label;
    values[2 * i] = (centre[0] + noise * normals[2 * i]!) / scale;
    values[2 * i + 1] = (centre[1] + noise * normals[2 * i + 1]!) / scale;
  }
  const classes = Array.from({ length: POINT_CLASSES[set] }, (_, label) => String(label));
  return { count, shape: [2], values, labels: { classes, of } };
}
