/**
 * Arjovsky, Chintala, Bottou 2017, Example 1: the lines {0} x [0, 1] and {theta} x [0, 1]. Their Wasserstein distance is
 * |theta|; their Jensen-Shannon divergence is log 2 wherever theta is not 0, and says nothing of how far away they are.
 */
import { describe, expect, test } from 'vitest';
import type { Program } from '../../compiler/program.js';
import { drawKey, fillUniform } from '../../compiler/random/stream.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import type { FeedsOf } from '../parity/stepping.js';
import { feedsOf, programOf, stage, start } from './stage.js';

const BATCH = 64;
const STEPS = 150;

/** Data are (0, t) with t of U[0, 1]. */
function onTheLine(program: Program): FeedsOf {
  const drawn = feedsOf(program, {});
  return (graph, execution) => {
    const feeds = new Map(drawn(graph, execution));
    if (feeds.has('x')) {
      const t = new Float32Array(BATCH);
      fillUniform(t, drawKey(1, 'line', execution), 0, 1);
      feeds.set(
        'x',
        Float32Array.from({ length: 2 * BATCH }, (_, i) => (i % 2 === 0 ? 0 : t[i >> 1]!)),
      );
    }
    return feeds;
  };
}

/** The mean of a metric over the last 50 steps, G being held at z -> (theta, z) throughout. */
async function estimate(use: string, D: string, metric: string, theta: number): Promise<number> {
  const z = '{ uniform: [0, 1], shape: [1] }';
  const program = programOf(stage({ use, D, z, batch: BATCH }));
  const stepping = await start(program, { engine: new WasmEngine() });
  const feeds = onTheLine(program);
  let sum = 0;
  for (let step = 0; step < STEPS; step++) {
    await stepping.write('G/dense1/weight', [0, 1]);
    await stepping.write('G/dense1/bias', [theta, 0]);
    // Behind the steps in which WGAN trains its critic 100 times.
    await stepping.step(30 + step, feeds);
    if (step >= STEPS - 50) sum += (await stepping.metric(metric)) / 50;
  }
  stepping.dispose();
  return sum;
}

const SMALL = '[{ dense: 16 }, leaky_relu, { dense: 16 }, leaky_relu, { dense: 1 }]';

describe('the distance of parallel lines', () => {
  test.each([0.5, -1, 2])('is |%d| to the critic of WGAN-GP', async (theta) => {
    const distance = await estimate('wgan_gp, with: { rate: 5e-3 }', SMALL, 'distance', theta);
    // The best slope s maximises s |theta| - 10 (s - 1)^2: it is 1 + |theta| / 20.
    const expected = Math.abs(theta) * (1 + Math.abs(theta) / 20);
    expect(Math.abs(distance / expected - 1)).toBeLessThan(0.05);
  });

  test.each([0.5, -1, 2])(
    'is |%d|, times c, to a linear critic of WGAN with weights within c',
    async (theta) => {
      const distance = await estimate(
        'wgan, with: { c: 0.3, rate: 5e-3 }',
        '[{ dense: 1 }]',
        'distance',
        theta,
      );
      // What the second weight says of t has mean 0 but for the batch.
      expect(Math.abs(distance / (0.3 * Math.abs(theta)) - 1)).toBeLessThan(0.05);
    },
  );

  test('is the same log 2 to a discriminator, near or far', async () => {
    const use = 'gan, with: { rate_D: 0.1 }';
    // L_D = 2 log 2 - 2 JS at the best D.
    const divergence = async (theta: number) =>
      Math.log(2) - (await estimate(use, '[{ dense: 8 }, tanh, { dense: 1 }]', 'L_D', theta)) / 2;
    for (const theta of [0.5, -1, 2]) {
      expect(Math.abs((await divergence(theta)) - Math.log(2)), `${theta}`).toBeLessThan(0.02);
    }
    expect(Math.abs(await divergence(0))).toBeLessThan(0.05);
  });
});
