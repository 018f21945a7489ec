/**
 * Whole training steps on the native TensorFlow: traces, every gradient and what every tensor has changed by, against
 * the reference and against the same steps op by op; mistakes that the comparison has to find; resume, bit for bit.
 */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/compile.js';
import type { Program } from '../../compiler/program.js';
import { CudaEngine } from '../../runtimes/cuda/engine.js';
import type { Engine } from '../../runtimes/engine.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { createTfjsTensorflowEngine } from '../../runtimes/node/tfjs-tensorflow.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import type { LibrarySource } from '../../spec/spec.js';
import { changedLibrary } from '../library/changed-library.js';
import { FLOAT32 } from '../library/limits.js';
import { madeUpFeeds } from '../library/made-up-feeds.js';
import { SYSTEMS } from '../library/systems.js';
import { judgeAgainst } from '../parity/judge.js';
import { doubleGradients } from '../parity/mutants.js';
import { recordRun, type RunRecord } from '../parity/run.js';
import { Stepping, type FeedsOf } from '../parity/stepping.js';
import { nativeTensorflow } from './native-tensorflow.js';

/** As test/library has them; the heavy run takes all. */
const TAKEN = new Set(['began k0: 0.3, rate: 1e-3', 'wgan_gp', 'acgan']);
const STEPS = 20;

const tensorflow = nativeTensorflow();

const textOf = (name: string): string => SYSTEMS.find((system) => system.name === name)!.text;

function programOf(text: string, library: LibrarySource = folderLibrary()): Program {
  return compile({ name: 'system.yaml', text }, library, { exposeGradients: true }).program!;
}

const run = (engine: Engine, program: Program, feeds: FeedsOf = madeUpFeeds(program)): Promise<RunRecord> =>
  recordRun(engine, program, { steps: STEPS, from: 30, feeds });

describe.runIf(tensorflow !== undefined)('training steps on the native TensorFlow', () => {
  const systems = SYSTEMS.filter(({ name }) => process.env['HEAVY'] || TAKEN.has(name));
  const cuda = () => new CudaEngine(tensorflow!.binding);

  it('takes systems that the library has', () => {
    expect(systems.length).toBeGreaterThanOrEqual(TAKEN.size);
  });

  it.each(systems)(
    `$name: ${STEPS} steps are those of the reference, as a graph and op by op`,
    async ({ text }) => {
      const program = programOf(text);
      const reference = await run(referenceEngine, program);
      const graph = await run(cuda(), program);
      expect(judgeAgainst(graph, reference, FLOAT32), 'graph against reference').toEqual([]);
      const eager = await run(createTfjsTensorflowEngine(tensorflow!.folder), program);
      expect(judgeAgainst(eager, reference, FLOAT32), 'op by op against reference').toEqual([]);
      expect(judgeAgainst(graph, eager, FLOAT32), 'graph against op by op').toEqual([]);
    },
  );

  it.each(systems)('$name: gradients twice as large are found', async ({ text }) => {
    const program = programOf(text);
    const found = judgeAgainst(
      await run(cuda(), doubleGradients(program)),
      await run(referenceEngine, program),
      FLOAT32,
    );
    expect(found.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^gradient at step 1 of /));
  });

  it.each([
    ['k of the other sign', 'began k0: 0.3, rate: 1e-3', 'began', 'Lx - k * Lf', 'Lx + k * Lf'],
    ['a penalty that teaches nothing', 'wgan_gp', 'wgan_gp', 'square(excess)', 'stop(square(excess))'],
    ['samples with the classes of data', 'acgan', 'acgan', 'D(fake).class, c', 'D(fake).class, y'],
  ] as const)('%s is found in %s', async (_, name, entry, right, wrong) => {
    const mutant = programOf(textOf(name), changedLibrary(entry, right, wrong));
    const expected = await run(referenceEngine, programOf(textOf(name)));
    expect(judgeAgainst(await run(cuda(), mutant), expected, FLOAT32)).not.toEqual([]);
  });

  it('a resumed run is the run that never stopped, bit for bit', async () => {
    const program = programOf(textOf('wgan_gp'));
    const feeds = madeUpFeeds(program);
    const whole = await Stepping.start(cuda(), program);
    const names = program.state.map(({ name }) => name);
    const stateOf = async (stepping: Stepping) => {
      const state = new Map<string, readonly number[]>();
      for (const name of names) state.set(name, [...(await stepping.state(name))]);
      return state;
    };
    for (let step = 0; step < 5; step++) await whole.step(step, feeds);
    const half = await stateOf(whole);
    for (let step = 5; step < 10; step++) await whole.step(step, feeds);
    const resumed = await Stepping.start(cuda(), program);
    // Whatever is not written is wrong in here.
    for (let step = 0; step < 5; step++)
      await resumed.step(step, (graph, execution) => feeds(graph, execution + 1000));
    for (const [name, values] of half) await resumed.write(name, values);
    for (let step = 5; step < 10; step++) await resumed.step(step, feeds);
    expect(await stateOf(resumed)).toEqual(await stateOf(whole));
    whole.dispose();
    resumed.dispose();
  });
});
