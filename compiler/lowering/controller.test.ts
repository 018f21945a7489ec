import { describe, expect, test } from 'vitest';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { compile } from '../compile.js';
import { initialState } from '../random/initialise.js';
import { CONTROLLER } from './controller.js';

/** A controller alone: the registers are written by hand, as if a phase had computed them. */
async function controller(state: string, train = '') {
  const text = `version: 1
data: { x: { points: ring, count: 64 } }
networks: { D: [{ dense: 1 }] }
objective:
  let:
    loss: mean(D(x))
    beyond(a, b): max(0, a - b) + loss / 100
  updates: [{ name: only, minimize: loss, train: D, optimizer: { sgd: { rate: 0.1 } } }]
  state: { ${state} }
  metrics: { loss: loss }
outputs: { score: D(x) }
train: { batch: 4, steps: 100${train} }
`;
  const { program, diagnostics } = compile({ name: 'controller.yaml', text }, folderLibrary());
  if (program === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const executable = await referenceEngine.load(program);
  for (const declaration of program.state) {
    await executable.writeState(declaration.name, initialState(declaration, 1));
  }
  return {
    executable,
    step: async (loss: number): Promise<void> => {
      await executable.writeState('value/only/loss', [loss]);
      await executable.run(CONTROLLER, { feeds: new Map(), scalars: new Map() });
    },
    read: async (name: string): Promise<number> => (await executable.readState(`state/${name}`))[0]!,
  };
}

test('state may call a function of `let` on numbers, which reads what the updates computed', async () => {
  const { step, read } = await controller('far: { init: 0, next: "far + beyond(loss, 3)" }');
  for (const loss of [2, 5, 4]) await step(loss);
  expect(await read('far')).toBeCloseTo(0.02 + 2.05 + 1.04, 5);
});

describe('plateau', () => {
  const RATE = 'rate: { plateau: { of: loss, start: 1, factor: 0.5, window: 2, floor: 0.2 } }';

  test('the rate is halved after each window whose mean is not below the best, down to the floor', async () => {
    const { step, read } = await controller(RATE);
    const rates: number[] = [];
    // Windows of two: means 4, 3, 3, 5, 1, 1.
    for (const loss of [5, 3, 3, 3, 2, 4, 5, 5, 1, 1, 1, 1]) {
      await step(loss);
      rates.push(await read('rate'));
    }
    expect(rates.map((rate) => Math.round(rate * 1e6) / 1e6)).toEqual([
      1, 1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2,
    ]);
  });

  test('a NaN moves nothing: neither the rate nor the running mean', async () => {
    const { executable, step, read } = await controller(RATE);
    await step(5);
    await step(NaN);
    expect(await read('rate/count')).toBe(1);
    expect(await read('rate/sum')).toBe(5);
    expect([...(await executable.read(CONTROLLER, 'finite'))]).toEqual([0]);
  });
});

test('stalled says stop at the end of the first window that is not better', async () => {
  const { executable, step } = await controller('', ', stop: "stalled(loss, window=2)"');
  const stops: number[] = [];
  for (const loss of [5, 3, 3, 3, 2, 4]) {
    await step(loss);
    stops.push((await executable.read(CONTROLLER, 'stop'))[0]!);
  }
  expect(stops).toEqual([0, 0, 0, 0, 0, 1]);
});
