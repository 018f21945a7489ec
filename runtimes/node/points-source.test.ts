import { describe, expect, it } from 'vitest';
import { POINT_CLASSES } from '../../spec/data-classes.js';
import type { PointSet } from '../../spec/spec.js';
import { drawPoints, PointsSource } from './points-source.js';

const SETS = Object.keys(POINT_CLASSES) as readonly PointSet[];
const COUNT = 6000;

function points(set: PointSet, count = COUNT, seed = 1) {
  const { values, labels } = drawPoints({ set, count, seed });
  return Array.from({ length: count }, (_, i) => ({
    x: values[2 * i]!,
    y: values[2 * i + 1]!,
    label: labels!.of[i]!,
  }));
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: readonly number[], middle = mean(values)) =>
  Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));

describe.each(SETS)('%s', (set) => {
  it('is the same for the same seed, whatever the count, and another for another seed', () => {
    const long = drawPoints({ set, count: 50, seed: 3 });
    const short = drawPoints({ set, count: 20, seed: 3 });
    expect(short.values).toEqual(long.values.subarray(0, 40));
    expect(short.labels!.of).toEqual(long.labels!.of.subarray(0, 20));
    expect(drawPoints({ set, count: 50, seed: 4 }).values).not.toEqual(long.values);
  });

  it('has each of its classes equally often', () => {
    const { labels } = drawPoints({ set, count: COUNT, seed: 1 });
    const classes = POINT_CLASSES[set];
    expect(labels!.classes).toEqual(Array.from({ length: classes }, (_, label) => String(label)));
    const expected = COUNT / classes;
    for (let label = 0; label < classes; label++) {
      const count = labels!.of.filter((of) => of === label).length;
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });
});

describe('modes', () => {
  it.each([
    [
      'gaussians_8',
      0.02 / Math.SQRT2,
      (k: number) => [Math.SQRT2 * Math.cos((k * Math.PI) / 4), Math.SQRT2 * Math.sin((k * Math.PI) / 4)],
    ],
    [
      'gaussians_25',
      0.05 / (2 * Math.SQRT2),
      (k: number) => [((k % 5) - 2) / Math.SQRT2, (Math.floor(k / 5) - 2) / Math.SQRT2],
    ],
    ['two_gaussians', 0.25, (k: number) => [k === 0 ? -1 : 1, 0]],
  ] as const)('of %s lie where their class says, with a deviation of %d', (set, spread, centre) => {
    const all = points(set);
    const offsets = all.flatMap(({ x, y, label }) => {
      const [cx, cy] = centre(label) as [number, number];
      return [x - cx, y - cy];
    });
    expect(Math.abs(mean(offsets))).toBeLessThan(0.05 * spread);
    expect(deviation(offsets, 0) / spread).toBeCloseTo(1, 1);
    expect(Math.max(...offsets.map(Math.abs))).toBeLessThan(5 * spread);
  });

  it('of eight and of 25 have a deviation of about 1 per axis', () => {
    for (const set of ['gaussians_8', 'gaussians_25'] as const) {
      expect(deviation(points(set).map(({ x }) => x))).toBeCloseTo(1, 1);
      expect(deviation(points(set).map(({ y }) => y))).toBeCloseTo(1, 1);
    }
  });
});

describe('curves', () => {
  it('the ring has radius sqrt 2 and points in every direction', () => {
    const all = points('ring');
    const radii = all.map(({ x, y }) => Math.hypot(x, y));
    expect(mean(radii)).toBeCloseTo(Math.SQRT2, 2);
    expect(deviation(radii)).toBeCloseTo(0.02 / Math.SQRT2, 3);
    const eighths = [0, 0, 0, 0, 0, 0, 0, 0];
    for (const { x, y } of all)
      eighths[Math.min(7, Math.floor(((Math.atan2(y, x) + Math.PI) / (2 * Math.PI)) * 8))]!++;
    for (const count of eighths) expect(Math.abs(count - COUNT / 8)).toBeLessThan(140);
  });

  it('the outer circle is class 0, the inner one class 1, each whole', () => {
    const all = points('circles');
    for (const [label, radius] of [
      [0, Math.SQRT2],
      [1, Math.SQRT1_2],
    ] as const) {
      const own = all.filter((point) => point.label === label);
      expect(mean(own.map(({ x, y }) => Math.hypot(x, y)))).toBeCloseTo(radius, 2);
      expect(Math.abs(mean(own.map(({ x }) => x)))).toBeLessThan(0.08);
      expect(Math.abs(mean(own.map(({ y }) => y)))).toBeLessThan(0.08);
    }
  });

  it('the roll turns once, its radius growing from 1.5 pi to 4.5 pi', () => {
    for (const { x, y } of points('swiss_roll', 2000)) {
      const radius = 7.5 * Math.hypot(x, y);
      // The arm at this radius: the angle is the radius itself, up to the noise.
      const angle = Math.atan2(y, x);
      const turns = Math.round((radius - angle) / (2 * Math.PI));
      expect(Math.abs(radius - angle - 2 * Math.PI * turns)).toBeLessThan(1.4);
      expect(radius).toBeGreaterThan(1.5 * Math.PI - 1.2);
      expect(radius).toBeLessThan(4.5 * Math.PI + 1.2);
    }
  });
});

it('keeps its points from version to version', () => {
  const { values } = drawPoints({ set: 'gaussians_8', count: 2, seed: 1 });
  expect([...values]).toMatchInlineSnapshot(`
    [
      -0.017389465123414993,
      -1.4314581155776978,
      1.0074049234390259,
      0.9993083477020264,
    ]
  `);
});

it('is a source like any other', async () => {
  const { examples, diagnostics } = await new PointsSource({ set: 'ring', count: 7, seed: 1 }).load();
  expect(examples).toMatchObject({ count: 7, shape: [2] });
  expect(examples.values).toHaveLength(14);
  expect(diagnostics).toEqual([]);
});
