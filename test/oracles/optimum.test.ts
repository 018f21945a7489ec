/** The best discriminator between two distributions on three points, which a linear D with an offset can be. */
import { describe, expect, test } from 'vitest';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { feedsOf, programOf, SAMPLES_ARE_Z, stage, start } from './stage.js';

/** Each point as often as its probability says, in 8 samples. */
const POINTS = { e1: [1, 0], e2: [0, 1], o: [0, 0] } as const;
type Point = keyof typeof POINTS;
const batch = (...points: Point[]): number[] => points.flatMap((point) => [...POINTS[point]]);

const DATA = batch('e1', 'e1', 'e1', 'e1', 'e2', 'e2', 'o', 'o');
const SAMPLES = batch('e1', 'e2', 'e2', 'e2', 'e2', 'o', 'o', 'o');
const P_DATA = { e1: 4 / 8, e2: 2 / 8, o: 2 / 8 } as const;
const P_G = { e1: 1 / 8, e2: 4 / 8, o: 3 / 8 } as const;

/** The scores of the points after D alone has been trained with a rate that falls to 0. */
async function bestScores(use: string): Promise<Readonly<Record<Point, number>>> {
  const program = programOf(
    stage({ use, D: '[{ dense: 1 }]', batch: 8 }).replace(
      'networks:',
      'schedules:\n  falling: cosine(0.05, 0, steps=1000)\nnetworks:',
    ),
  );
  const given = { engine: new WasmEngine(), state: SAMPLES_ARE_Z, feeds: { x: DATA, z: SAMPLES } };
  const stepping = await start(program, given);
  const feeds = feedsOf(program, given);
  for (let step = 0; step < program.steps; step++) await stepping.step(step, feeds);
  const [w1, w2] = await stepping.state('D/dense1/weight');
  const [b] = await stepping.state('D/dense1/bias');
  return { e1: w1! + b!, e2: w2! + b!, o: b! };
}

describe('the optimum of D', () => {
  test.each([
    [0, 1, 1],
    [-1, 1, 0],
    [2, -3, 5],
  ])('in LSGAN with (a, b, c) = (%d, %d, %d) is (b p_data + a p_G) / (p_data + p_G)', async (a, b, c) => {
    const scores = await bestScores(
      `lsgan, with: { a: ${a}, b: ${b}, c: ${c}, rate_D: falling, rate_G: 0, beta2: 0.99 }`,
    );
    for (const point of ['e1', 'e2', 'o'] as const) {
      const expected = (b * P_DATA[point] + a * P_G[point]) / (P_DATA[point] + P_G[point]);
      expect(scores[point], point).toBeCloseTo(expected, 3);
    }
  });

  test('in GAN is p_data / (p_data + p_G), whose logit is log p_data / p_G', async () => {
    const scores = await bestScores('gan, with: { rate_D: falling, rate_G: 0, beta2: 0.99 }');
    for (const point of ['e1', 'e2', 'o'] as const) {
      expect(scores[point], point).toBeCloseTo(Math.log(P_DATA[point] / P_G[point]), 3);
    }
  });
});
