/** How often a session trains the critic of WGAN: 100 times in steps 0 to 24 and in every 500th, else 5 times. */
import { expect, test } from 'vitest';
import { TrainingSession } from '../../runtimes/training/session.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { programOf, stage } from './stage.js';

test('the session follows the schedule of the critic', async () => {
  const program = programOf(stage({ use: 'wgan', D: '[{ dense: 1 }]', batch: 2 }));
  const session = await TrainingSession.create({
    program,
    executable: await new WasmEngine().load(program),
    examples: new Map([['x', { count: 4, shape: [2], values: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7) }]]),
    readEvery: 1000,
  });
  const critic: number[] = [];
  const generator: number[] = [];
  for (let step = 0; step < 502; step++) {
    const before = session.progress.executions;
    await session.step();
    const after = session.progress.executions;
    critic.push(after['critic']! - before['critic']!);
    generator.push(after['generator']! - before['generator']!);
  }
  expect(critic.slice(0, 25)).toEqual(new Array(25).fill(100));
  expect(critic.slice(25, 500)).toEqual(new Array(475).fill(5));
  expect(critic.slice(500)).toEqual([100, 5]);
  expect(generator).toEqual(new Array(502).fill(1));
});
