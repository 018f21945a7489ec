import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { add, dot, input, mean, mul } from '../../compiler/graph/construct.js';
import type { Program } from '../../compiler/program.js';
import type { GraphInputs } from '../engine.js';
import { WasmEngine } from './engine.js';
import { measurePeak } from './measure-peak.js';

/** One phase: w' = w + x x, and the mean of x w. */
function program(): Program {
  const b = new GraphBuilder();
  const x = input(b, 'feed', 'x', [48, 48]);
  const w = input(b, 'state', 'w', [48, 48]);
  const graph = b.build('update', [
    { kind: 'value', name: 'mean', node: mean(b, dot(b, x, w)) },
    { kind: 'state', name: 'w', node: add(b, w, mul(b, x, x)) },
  ]);
  const source = { kind: 'data', stream: 'x' } as const;
  return {
    phases: [
      {
        name: 'update',
        graph,
        feeds: [{ name: 'x', shape: [48, 48], source }],
        scalars: [],
        repeat: { kind: 'number', value: 1 },
        batch: 48,
      },
    ],
    outputs: [],
    state: [{ name: 'w', shape: [48, 48], role: 'parameter', init: { kind: 'constant', value: 0 } }],
    streams: new Map(),
    metrics: [],
    hyper: new Map(),
    batch: 48,
    steps: 1,
    seed: 0,
  };
}

const inputs: GraphInputs = {
  feeds: new Map([['x', Float32Array.from({ length: 48 * 48 }, (_, i) => Math.sin(i))]]),
  scalars: new Map(),
};
const now = (): number => performance.now();

describe('launches one by one', () => {
  it('leave the state and the values that a run leaves, bit for bit', async () => {
    const { executable: whole } = await new WasmEngine().loadProfiled(program(), now);
    const { executable, timer } = await new WasmEngine().loadProfiled(program(), now);
    for (let run = 0; run < 3; run++) {
      await whole.run('update', inputs);
      await timer.run('update', inputs);
    }
    expect(await executable.readState('w')).toEqual(await whole.readState('w'));
    expect(await executable.read('update', 'mean')).toEqual(await whole.read('update', 'mean'));
  });

  it('are timed by the clock, each from its call to its return', async () => {
    let ticks = 0;
    const { timer } = await new WasmEngine().loadProfiled(program(), () => ticks++);
    const spans = await timer.run('update', inputs);
    // One reading at the beginning, two for each launch.
    expect(spans).toEqual(timer.pieces('update').map((_, i) => ({ start: 1 + 2 * i, duration: 1 })));
  });

  it('have the cost of the whole', async () => {
    const { timer } = await new WasmEngine().loadProfiled(program(), now);
    const multiplyAdds = timer.pieces('update').reduce((sum, { cost }) => sum + cost.multiplyAdds, 0);
    expect(multiplyAdds).toBe(48 ** 3);
  });
});

it('a peak is a rate that a processor can have', async () => {
  const { flops, method } = await measurePeak(now);
  expect(method).toMatch(/^One thread in WebAssembly, /);
  expect(flops).toBeGreaterThan(1e8);
  // 16 lanes, two of them at a time, multiplied and added, 6 GHz.
  expect(flops).toBeLessThan(16 * 2 * 2 * 6e9);
});
