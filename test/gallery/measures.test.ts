import { expect, it } from 'vitest';
import { clusterAccuracy, kMeans, nearestCentres } from '../../scripts/gallery/k-means.js';
import { countModes, GAUSSIANS_25 } from '../../scripts/gallery/modes.js';
import { quadraticShare } from '../../scripts/gallery/polynomial-share.js';
import { slicedDistance } from '../../scripts/gallery/sliced-distance.js';
import { heldOut } from '../../scripts/gallery/toy-sets.js';
import { fieldPlaces } from '../../runtimes/node/points-picture.js';

it('counts the modes of the data themselves: all 25, and 1 - exp(-9/2) of the points within three deviations', () => {
  const { points, classes } = heldOut('gaussians_25');
  const counted = countModes(points, GAUSSIANS_25, 20);
  expect(counted.covered).toBe(25);
  expect(counted.highQuality).toBeCloseTo(1 - Math.exp(-4.5), 2);

  const ofThree = points.filter((_, i) => classes[i >> 1]! < 3);
  expect(countModes(ofThree, GAUSSIANS_25, 20).covered).toBe(3);
});

it('does not count a mode that fewer samples than enough reach', () => {
  const three = new Float32Array([0, 0, 0, 0, 0, 0]);
  expect(countModes(three, GAUSSIANS_25, 4)).toEqual({ covered: 0, highQuality: 1 });
  expect(countModes(three, GAUSSIANS_25, 3)).toEqual({ covered: 1, highQuality: 1 });
});

it('measures a shift by 1 as the mean of |cos|, whatever the order of the points', () => {
  const { points } = heldOut('circles');
  const shifted = points.map((value, i) => (i % 2 === 0 ? value + 1 : value));
  const rotated = new Float32Array([...shifted.subarray(100), ...shifted.subarray(0, 100)]);
  expect(slicedDistance(points, rotated)).toBeCloseTo(2 / Math.PI, 3);
  expect(slicedDistance(points, points)).toBe(0);
});

it('finds a polynomial of degree two whole, and little of a wave', () => {
  const places = fieldPlaces({ centre: [0.3, -0.2], reach: 2 }, 24);
  const field = (rule: (x: number, y: number) => number) =>
    Float32Array.from({ length: places.length / 2 }, (_, i) => rule(places[2 * i]!, places[2 * i + 1]!));
  expect(
    quadraticShare(
      places,
      field((x, y) => 2 - x + 3 * x * y - y * y),
    ),
  ).toBeCloseTo(1, 6);
  expect(
    quadraticShare(
      places,
      field((x) => Math.cos(12 * x)),
    ),
  ).toBeLessThan(0.05);
});

it('parts two heaps by k-means and cannot part two circles', () => {
  const right = (set: 'two_gaussians' | 'circles') => {
    const { points, classes } = heldOut(set);
    const centres = kMeans({ points, clusters: 2, restarts: 10, seed: 1 });
    return clusterAccuracy(nearestCentres(points, centres), classes);
  };
  expect(right('two_gaussians')).toBeGreaterThan(0.99);
  expect(right('circles')).toBeLessThan(0.6);
});
