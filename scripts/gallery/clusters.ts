/** Two circles told apart: k-means, catGAN without labels, and catGAN with a few, against D alone on the same few. */
import { clusterAccuracy, kMeans, nearestCentres } from './k-means.js';
import { inBands } from './plane-picture.js';
import { fieldPlaces, pointsPicture } from '../../runtimes/node/points-picture.js';
import type { Raster } from '../../runtimes/node/area-resize.js';
import { heldOut } from './toy-sets.js';
import { valuesAt, type ToyRun } from './toy-run.js';
import type { Trial } from './trial.js';

const SET = 'circles';
const SEEDS = [1, 2, 3];
const COLUMNS = 88;

export const clusterTrials: readonly Trial[] = [
  {
    id: 'clusters-catgan',
    spec: 'catgan',
    settings: { 'data.x.points': SET, 'hyper.k': '2', 'train.steps': '3000' },
    seeds: SEEDS,
    measure: measureAccuracy,
    draw: drawRegions,
  },
  {
    id: 'clusters-catgan-labels',
    spec: 'catgan_semi',
    settings: {},
    seeds: SEEDS,
    measure: measureAccuracy,
    draw: drawRegions,
  },
  {
    id: 'clusters-labels-alone',
    spec: 'labels_alone',
    settings: {},
    seeds: SEEDS,
    measure: measureAccuracy,
    draw: drawRegions,
  },
];

async function measureAccuracy(run: ToyRun) {
  const { points, classes } = heldOut(SET);
  return { accuracy: clusterAccuracy(await valuesAt(run, 'class', points), classes) };
}

async function drawRegions(run: ToyRun): Promise<Raster> {
  return regions(await valuesAt(run, 'class', fieldPlaces(heldOut(SET).square, COLUMNS)));
}

/** Classes of the places of the picture, one colour each. */
function regions(classes: Float32Array): Raster {
  const { points, square } = heldOut(SET);
  return pointsPicture({
    square,
    data: points.subarray(0, 1400),
    samples: new Float32Array(0),
    field: { columns: COLUMNS, values: inBands(classes) },
    side: 176,
  });
}

/** k-means needs no training run: ten starts on the held-out points themselves. */
export function kMeansOnCircles(): { readonly accuracy: number; readonly picture: Raster } {
  const { points, classes, square } = heldOut(SET);
  const centres = kMeans({ points, clusters: 2, restarts: 10, seed: 1 });
  return {
    accuracy: clusterAccuracy(nearestCentres(points, centres), classes),
    picture: regions(nearestCentres(fieldPlaces(square, COLUMNS), centres)),
  };
}
