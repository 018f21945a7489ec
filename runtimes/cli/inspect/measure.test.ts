import { expect, test } from 'vitest';
import { compile } from '../../../compiler/compile.js';
import type { Engine } from '../../engine.js';
import { folderLibrary } from '../../node/library-source.js';
import { measure } from './measure.js';

const program = (criticSteps: string) =>
  compile(
    {
      name: 'test.yaml',
      text: `version: 1
data: { x: { points: ring, count: 100 } }
noise: { z: { normal: [0, 1], shape: [2] } }
networks: { G: [{ dense: 2 }], D: [{ dense: 1 }] }
objective: { use: wgan, with: { critic_steps: "${criticSteps}" } }
outputs: { generate: G(z) }
train: { batch: 4, steps: 10 }
`,
    },
    folderLibrary(),
  ).program!;

/** An engine whose critic takes a second and whose generator takes half of one. */
function slowEngine(): { readonly engine: Engine; readonly clock: () => number } {
  let now = 0;
  const seconds: Readonly<Record<string, number>> = { critic: 1, generator: 0.5 };
  const engine: Engine = {
    name: 'slow',
    load: () =>
      Promise.resolve({
        run: (name: string) => {
          now += seconds[name] ?? 0;
          return Promise.resolve();
        },
        read: (_phase: string, value: string) => Promise.resolve(Float32Array.of(value === 'finite' ? 1 : 0)),
        readState: () => Promise.resolve(new Float32Array()),
        writeState: () => Promise.resolve(),
        dispose: () => undefined,
      }),
  };
  return { engine, clock: () => now };
}

test.each([
  ['3', 10 * 3],
  // The steps that are timed are not like the others.
  ['where(step < 2, 20, 1)', 2 * 20 + 8],
])('with %s critic steps a step costs the mean of the run', async (criticSteps, critic) => {
  const { engine, clock } = slowEngine();
  const { step } = await measure(program(criticSteps), engine, clock);
  expect(step).toBeCloseTo((critic * 1 + 10 * 0.5) / 10, 10);
});
