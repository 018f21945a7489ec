/** The terms of EBGAN in numbers: cosines of known codes, energies on both sides of the margin. */
import { describe, expect, test } from 'vitest';
import { firstStep, lossOf, SAMPLES_ARE_Z, stage } from './stage.js';

describe('the pulling-away term', () => {
  // The code of a sample is the sample.
  const D = '[{ dense: 2 }, { tap: code }, { dense: 2 }]';
  const state = { ...SAMPLES_ARE_Z, 'D/dense1/weight': [1, 0, 0, 1] };

  test.each([
    ['of identical samples is 1', [1, 2, 1, 2, 1, 2], 1],
    ['does not depend on lengths and signs', [1, 2, 3, 6, -2, -4], 1],
    ['of orthogonal samples is 0', [5, 0, 0, 0.1], 0],
    ['of (1, 0), (0, 1) and (1, 1) is 2 (0 + 1/2 + 1/2) / 6', [1, 0, 0, 1, 1, 1], 1 / 3],
  ])('%s', async (_, z, expected) => {
    // D stands still, so that G meets the codes that are given.
    const text = stage({ use: 'ebgan, with: { rate_D: 0 }', D, batch: z.length / 2 });
    const stepping = await firstStep(text, { state, feeds: { z } });
    expect(await stepping.metric('pulling_away')).toBeCloseTo(expected, 6);
    const energy = (await lossOf(stepping, 'generator')) - 0.1 * expected;
    const without = await firstStep(
      stage({ use: 'ebgan, with: { rate_D: 0, pull: 0 }', D, batch: z.length / 2 }),
      {
        state,
        feeds: { z },
      },
    );
    expect(await lossOf(without, 'generator')).toBeCloseTo(energy, 6);
  });
});

describe('the margin', () => {
  // D answers 0: the energy of v is the mean of its squares, 1 for x, 2 and 0.5 for the samples.
  const D = '[{ dense: 2 }, { tap: code }, { dense: { units: 2, init: zeros() } }]';
  const given = { state: SAMPLES_ARE_Z, feeds: { x: [1, 1, -1, 1], z: [2, 0, 0, 1] } };

  test.each([
    [0.25, 1],
    [1, 1 + (0 + 0.5) / 2],
    [3, 1 + (1 + 2.5) / 2],
  ])('%d counts only samples of less energy: L_D = %d', async (margin, expected) => {
    const stepping = await firstStep(
      stage({ use: `ebgan, with: { margin: ${margin} }`, D, batch: 2 }),
      given,
    );
    expect(await lossOf(stepping, 'discriminator')).toBeCloseTo(expected, 6);
    expect(await stepping.metric('real_energy')).toBeCloseTo(1, 6);
  });
});
