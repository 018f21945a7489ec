/** Weights of a critic that are cut: after its step, as the paper writes, or before it, as the authors' code does. */
import { describe, expect, test } from 'vitest';
import type { Stepping } from '../parity/stepping.js';
import { feedsOf, lossOf, programOf, stage, start } from './stage.js';

const C = 0.05;
// The norm's scale of 1 is a weight of the critic like others.
const D = '[{ dense: 8 }, layer_norm, leaky_relu, { dense: 1 }]';

async function largest(stepping: Stepping): Promise<number> {
  let found = 0;
  for (const { name, role } of stepping.program.state) {
    if (role !== 'parameter' || !name.startsWith('D/')) continue;
    for (const value of await stepping.state(name)) found = Math.max(found, Math.abs(value));
  }
  return found;
}

describe('WGAN', () => {
  test('keeps every weight of the critic within c after every step, scales of norms too, and none of G', async () => {
    const program = programOf(
      stage({ use: `wgan, with: { c: ${C}, critic_steps: 2, rate: 0.01 }`, D, batch: 4 }),
    );
    const stepping = await start(program, {});
    const feeds = feedsOf(program, {});
    expect(await largest(stepping)).toBeGreaterThanOrEqual(1);
    for (let step = 0; step < 5; step++) {
      await stepping.step(step, feeds);
      expect(await largest(stepping)).toBe(C);
    }
    const ofG = await stepping.state('G/dense1/weight');
    expect(Math.max(...ofG.map(Math.abs))).toBeGreaterThan(C);
  });
});

describe('a cut before the step', () => {
  const before = stage({ use: `wgan, with: { c: ${C}, critic_steps: 1, rate: 0.01 }`, D, batch: 4 }).replace(
    /objective: .*/,
    `objective:
  let: { fake: D(G(z)) }
  updates:
    - name: critic
      minimize: mean(fake) - mean(D(x))
      train: D
      optimizer: { sgd: { rate: 0.5 } }
      project: { clip: [${-C}, ${C}], when: before }
    - name: generator
      minimize: -mean(fake)
      train: G
      optimizer: { sgd: { rate: 0 } }`,
  );

  test('moves from the bounds, and the next step sees weights within them', async () => {
    const program = programOf(before);
    const feeds = feedsOf(program, {});
    const names = program.state.flatMap(({ name, role }) =>
      role === 'parameter' && name.startsWith('D/') ? [name] : [],
    );
    const stepping = await start(program, {});
    await stepping.step(0, feeds);
    expect(await largest(stepping), 'the step leads out').toBeGreaterThan(C);
    expect(await largest(stepping), 'from within, not from a scale of 1').toBeLessThan(0.9);

    // The same, cut by hand.
    const cut = await start(program, {});
    await cut.step(0, feeds);
    for (const name of names) {
      const values = await cut.state(name);
      await cut.write(
        name,
        values.map((value) => Math.max(-C, Math.min(C, value))),
      );
    }
    // The second execution of both.
    for (const one of [stepping, cut]) await one.step(1, feeds);
    expect(await lossOf(cut, 'critic')).toBe(await lossOf(stepping, 'critic'));
    for (const name of names) expect(await cut.state(name), name).toEqual(await stepping.state(name));
  });
});
