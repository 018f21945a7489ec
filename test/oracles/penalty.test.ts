/** Slope penalties where the slope is known: a linear critic w.x has the slope |w| everywhere. */
import { describe, expect, test } from 'vitest';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import type { LibrarySource } from '../../spec/spec.js';
import { firstStep, stage } from './stage.js';

const LINEAR = '[{ dense: 1 }]';

describe('the penalty of WGAN-GP', () => {
  test.each([
    ['', [3, 4], 16],
    ['', [0.3, 0.4], 0.25],
    ['', [0.6, -0.8], 0],
    [', sides: one', [3, 4], 16],
    [', sides: one', [0.3, 0.4], 0],
    [', target: 5', [3, 4], 0],
  ])('of a linear critic%s with weights %j is %d, wherever it is looked at', async (options, w, expected) => {
    const text = stage({ use: `wgan_gp, with: { critic_steps: 1${options} }`, D: LINEAR, batch: 3 });
    for (const x of [
      [0, 0, 1, 1, -5, 2],
      [3, -3, 100, 0.5, 0, 0],
    ]) {
      const stepping = await firstStep(text, { state: { 'D/dense1/weight': w }, feeds: { x } });
      expect(await stepping.metric('penalty')).toBeCloseTo(expected, 5);
    }
  });

  test.each([
    ['flattened', '[flatten, { dense: 1 }]', 'D/dense1/weight'],
    ['a picture', '[{ conv: { filters: 1, kernel: 2, padding: none } }]', 'D/conv1/weight'],
  ])('runs over all numbers of a sample: %s', async (_, D, weight) => {
    const text = stage({
      use: 'wgan_gp, with: { critic_steps: 1 }',
      x: '{ facesjs: 16, size: 2, channels: 3 }',
      G: '[{ dense: 12 }, { reshape: [2, 2, 3] }]',
      D,
      batch: 3,
    });
    // 12 weights of 1/2: |w| = sqrt(3). A norm over channels would give sqrt(3) / 2 at each of four pixels.
    const stepping = await firstStep(text, { state: { [weight]: new Array<number>(12).fill(0.5) } });
    expect(await stepping.metric('penalty')).toBeCloseTo((Math.sqrt(3) - 1) ** 2, 6);
  });
});

describe('DRAGAN', () => {
  test('has the penalty (|w| - k)^2 on a linear discriminator', async () => {
    const text = stage({ use: 'dragan, with: { k: 2 }', D: LINEAR, batch: 3 });
    const stepping = await firstStep(text, { state: { 'D/dense1/weight': [3, 4] } });
    expect(await stepping.metric('penalty')).toBeCloseTo(9, 6);
  });

  test('perturbs by u strength std(x) v: u one number per sample, v one per number, both of U[0, 1]', async () => {
    // Metrics of the library's own `perturbed`.
    const library = folderLibrary();
    const measured: LibrarySource = {
      names: () => library.names(),
      read(name) {
        const file = library.read(name);
        if (name !== 'dragan' || file === undefined) return file;
        const lets = `
  shift: mean(perturbed - x)
  squares: mean(square(perturbed - x))
  pairs: mean(square(sum(perturbed - x, per=sample)))
updates:`;
        return {
          ...file,
          text: `${file.text.replace('\nupdates:', lets)}
  shift: discriminator.shift
  squares: discriminator.squares
  pairs: discriminator.pairs
`,
        };
      },
    };
    const count = 4000;
    const text = stage({ use: 'dragan, with: { strength: 0.7 }', D: LINEAR, batch: count });
    // Half of the numbers are -2 and half 4: the deviation is 3.
    const x = Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? -2 : 4));
    const stepping = await firstStep(text, { feeds: { x } }, measured);
    const scale = 0.7 * 3;
    const share = async (metric: string, power: number) => (await stepping.metric(metric)) / scale ** power;
    // E u = 1/2, E u^2 = 1/3; 4,000 draws of u are off by some 1%.
    expect(Math.abs((await share('shift', 1)) - 1 / 4)).toBeLessThan(0.01);
    expect(Math.abs((await share('squares', 2)) - 1 / 9)).toBeLessThan(0.006);
    // E (d1 + d2)^2 = 2/9 + 2 (1/3 (1/2)^2) = 7/18; with a u for every number it would be 25/72.
    expect(Math.abs((await share('pairs', 2)) - 7 / 18)).toBeLessThan(0.02);
  });
});
