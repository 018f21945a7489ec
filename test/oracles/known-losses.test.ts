/** Losses where the discriminator says nothing, or all: on paper they are logarithms of small numbers. */
import { describe, expect, test } from 'vitest';
import { gradientOutputs, type Stepping } from '../parity/stepping.js';
import { firstStep, lossOf, SAMPLES_ARE_Z, stage } from './stage.js';

const ln = Math.log;
const zero = (units: number): string => `[{ dense: { units: ${units}, init: zeros() } }]`;
/** D stands still, so that G meets the D that is given. */
const still = (more = ''): string => `with: { rate_D: 0${more} }`;

describe('GAN at D = 1/2', () => {
  test.each([
    ['non_saturating', ln(2)],
    ['saturating', -ln(2)],
  ])('L_D is 2 log 2, and L_G of the %s form %d', async (form, expected) => {
    const stepping = await firstStep(
      stage({ use: `gan, ${still(`, form: ${form}`)}`, D: zero(1), batch: 3 }),
      {},
    );
    expect(await stepping.metric('L_D')).toBeCloseTo(2 * ln(2), 12);
    expect(await stepping.metric('L_G')).toBeCloseTo(expected, 12);
  });
});

describe('catGAN', () => {
  test.each([2, 3, 10])('with a uniform softmax over %d classes has all entropies at log K', async (K) => {
    const stepping = await firstStep(stage({ use: 'catgan, with: { rate: 0 }', D: zero(K), batch: 4 }), {});
    expect(await stepping.metric('real_sure')).toBeCloseTo(ln(K), 12);
    expect(await stepping.metric('real_balanced')).toBeCloseTo(ln(K), 12);
    // log K - log K - log K and log K - log K
    expect(await stepping.metric('L_D')).toBeCloseTo(-ln(K), 12);
    expect(await stepping.metric('L_G')).toBeCloseTo(0, 12);
  });

  test('that is sure of two halves of the data has 0 for each and log 2 for the batch; samples of one class 0', async () => {
    const text = stage({ use: 'catgan, with: { rate: 0 }', D: '[{ dense: 2 }]', batch: 4 });
    const stepping = await firstStep(text, {
      state: { ...SAMPLES_ARE_Z, 'D/dense1/weight': [100, 0, 0, 100] },
      feeds: { x: [1, 0, 0, 1, 1, 0, 0, 1], z: [1, 0, 1, 0, 1, 0, 1, 0] },
    });
    expect(await stepping.metric('real_sure')).toBeCloseTo(0, 12);
    expect(await stepping.metric('real_balanced')).toBeCloseTo(ln(2), 12);
    expect(await stepping.metric('L_D')).toBeCloseTo(-ln(2), 12);
    expect(await stepping.metric('L_G')).toBeCloseTo(0, 12);
  });
});

describe('heads that say nothing', () => {
  test('ACGAN: 2 log 2 for the source, log K for classes of data and of samples', async () => {
    const text = stage({
      use: 'acgan, with: { weight: 3 }',
      data: '\n  y: { labels: x }',
      noise: '\n  c: { categorical: 2 }',
      G: '{ inputs: [z, c], layers: [{ concat: one_hot(c) }, { dense: 2 }] }',
      D: '[{ branch: class, layers: [{ dense: { units: 2, init: zeros() } }] }, { dense: { units: 1, init: zeros() } }]',
      generate: 'G(z, c)',
      batch: 3,
    });
    const stepping = await firstStep(text, {});
    expect(await stepping.metric('L_S')).toBeCloseTo(2 * ln(2), 12);
    expect(await stepping.metric('class_real')).toBeCloseTo(ln(2), 12);
    expect(await stepping.metric('class_fake')).toBeCloseTo(ln(2), 12);
    expect(await lossOf(stepping, 'discriminator')).toBeCloseTo((2 + 3 * 2) * ln(2), 12);
  });

  test('InfoGAN: a bound of -log K, and the density of a normal at distance s', async () => {
    const text = stage({
      use: 'infogan, with: { weight: 1 }',
      noise: '\n  c: { categorical: 3 }\n  s: { uniform: [-1, 1], shape: [2] }',
      G: '{ inputs: [z, c, s], layers: [{ concat: one_hot(c) }, { concat: s }, { dense: 2 }] }',
      D: `
    - { branch: q_class, layers: [{ dense: { units: 3, init: zeros() } }] }
    - { branch: q_style, layers: [{ dense: { units: 2, init: zeros() } }] }
    - dense: { units: 1, init: zeros() }`,
      generate: 'G(z, c, s)',
      batch: 2,
    });
    const stepping = await firstStep(text, { feeds: { s: [1, -1, 0, 2] } });
    const style = -0.5 * ln(2 * Math.PI) - (1 + 1 + 0 + 4) / 8;
    expect(await stepping.metric('class_bound')).toBeCloseTo(-ln(3), 12);
    expect(await stepping.metric('style_bound')).toBeCloseTo(style, 12);
    expect(await lossOf(stepping, 'discriminator')).toBeCloseTo(2 * ln(2) + ln(3) - style, 12);
  });
});

describe('SGAN', () => {
  const LABELLED = '\n  y: { labels: x }\n  u: { points: two_gaussians, count: 64, seed: 5 }';
  const D = (fake: string): string => `[{ dense: 6 }, tanh,${fake} { dense: 2 }]`;
  const BRANCH = ' { branch: fake, layers: [{ dense: { units: 1, init: zeros() } }] },';

  test('with uniform logits gives log 3 to a class, 2/3 to "real" and 1/3 to "fake"', async () => {
    const text = stage({
      use: `sgan, ${still()}`,
      data: LABELLED,
      D: `[{ branch: fake, layers: ${zero(1)} }, { dense: { units: 2, init: zeros() } }]`,
      batch: 3,
    });
    const stepping = await firstStep(text, {});
    expect(await stepping.metric('supervised')).toBeCloseTo(ln(3), 12);
    expect(await stepping.metric('unsupervised')).toBeCloseTo((ln(3 / 2) + ln(3)) / 2, 12);
    expect(await stepping.metric('L_G')).toBeCloseTo(ln(3 / 2), 12);
  });

  test.each(['joint', 'conditional'])(
    'of K logits is the (K+1)-softmax whose fake logit is 0, labelled: %s, in losses and gradients',
    async (labelled) => {
      const given = { state: { 'G/dense1/bias': [0.3, -0.2] } };
      const options = { data: LABELLED, batch: 5 };
      const softmax = await firstStep(
        stage({ ...options, use: `sgan, ${still(`, labelled: ${labelled}`)}`, D: D(BRANCH) }),
        given,
      );
      const logits = await firstStep(
        stage({ ...options, use: `sgan, ${still(`, form: logits, labelled: ${labelled}`)}`, D: D('') }),
        given,
      );
      for (const update of ['discriminator', 'generator']) {
        expect(await lossOf(logits, update)).toBeCloseTo(await lossOf(softmax, update), 12);
      }
      const [expected, actual] = [await gradientsOf(softmax), await gradientsOf(logits)];
      expect(actual.size).toBe(6);
      for (const [name, gradient] of actual) {
        expect(
          gradient.some((value) => Math.abs(value) > 1e-3),
          name,
        ).toBe(true);
        gradient.forEach((value, i) => expect(value, name).toBeCloseTo(expected.get(name)![i]!, 12));
      }
    },
  );

  async function gradientsOf(stepping: Stepping) {
    const gradients = new Map<string, readonly number[]>();
    for (const phase of stepping.program.phases) {
      for (const [output, parameter] of gradientOutputs(phase)) {
        gradients.set(parameter, [...(await stepping.value(phase.name, output))]);
      }
    }
    return gradients;
  }
});
