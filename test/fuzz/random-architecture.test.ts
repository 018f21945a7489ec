/** Networks that nobody chose train without a number that is not finite, and on two engines alike. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/compile.js';
import type { Program } from '../../compiler/program.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import type { PackedImages } from '../../runtimes/training/example-source.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { madeUpFeeds } from '../library/made-up-feeds.js';
import { recordRun } from '../parity/run.js';
import { randomArchitecture, type RandomArchitecture } from './random-architecture.js';

const STEPS = 50;
const all = Array.from({ length: 20 }, (_, i) => randomArchitecture(i + 1));
/** Every fourth where time is short. */
const chosen = process.env['HEAVY'] === undefined ? all.filter((_, i) => i % 4 === 0) : all;

function programOf({ seed, text }: RandomArchitecture, exposeGradients = false): Program {
  const { program, diagnostics } = compile({ name: `random-${seed}.yaml`, text }, folderLibrary(), {
    exposeGradients,
  });
  expect(
    diagnostics.filter(({ severity }) => severity === 'error'),
    text,
  ).toEqual([]);
  return program!;
}

/** Pictures with bright and dark places, no two alike. */
function pictures([height, width, channels]: RandomArchitecture['picture'], count: number): PackedImages {
  const pixels = Uint8Array.from(
    { length: count * height * width * channels },
    (_, i) => (i * 97 + (i >> 4) * 31) % 256,
  );
  return { count, height, width, channels, pixels };
}

describe('random architectures', () => {
  it('are the same for the same seed, and all different', () => {
    expect(randomArchitecture(7)).toEqual(randomArchitecture(7));
    expect(new Set(all.map(({ text }) => text.slice(text.indexOf('networks')))).size).toBe(all.length);
  });

  it('all compile', () => {
    for (const architecture of all) programOf(architecture);
  });

  it.each(chosen)(
    `number $seed trains ${STEPS} steps of WGAN-GP without a non-finite value`,
    async (architecture) => {
      const program = programOf(architecture);
      const executable = await new WasmEngine().load(program);
      const examples = new Map([['x', pictures(architecture.picture, 32)]]);
      const session = await TrainingSession.create({ program, executable, examples });
      // A step refuses losses and gradients that are not finite.
      for (let step = 0; step < STEPS; step++) {
        const { metrics } = await session.step();
        expect([...metrics!.values()].every(Number.isFinite), architecture.text).toBe(true);
      }
      for (const { name } of program.state) {
        const values = await executable.readState(name);
        expect(values.every(Number.isFinite), name).toBe(true);
      }
      executable.dispose();
    },
  );

  it.each(chosen)('number $seed has the gradients of the reference on wasm', async (architecture) => {
    const program = programOf(architecture, true);
    const options = { steps: 1, feeds: madeUpFeeds(program) };
    const { gradients: expected } = await recordRun(referenceEngine, program, options);
    const { gradients: actual } = await recordRun(new WasmEngine(), program, options);
    const largest = Math.max(...[...expected[1].values()].flatMap((values) => [...values].map(Math.abs)));
    for (const [name, values] of expected[1]) {
      const error = Math.max(...[...values].map((value, i) => Math.abs(value - actual[1].get(name)![i]!)));
      expect(error / largest, `${name}\n${architecture.text}`).toBeLessThan(1e-4);
    }
  });
});
