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
import { changedLibrary, PLANTED } from '../library/changed-library.js';
import { FLOAT32 } from '../library/limits.js';
import { madeUpFeeds } from '../library/made-up-feeds.js';
import { SYSTEMS } from '../library/systems.js';
import { IN_PARTS } from '../library/written-systems.js';
import { judgeAgainst } from '../parity/judge.js';
import { doubleGradients } from '../parity/mutants.js';
import { recordRun, type RunRecord } from '../parity/run.js';
import type { FeedsOf } from '../parity/stepping.js';
import { wholeAndResumed } from '../parity/resumed.js';
import { nativeTensorflow } from './native-tensorflow.js';

/** As test/library has them; the heavy run takes all. */
const TAKEN = new Set([IN_PARTS.name, 'began k0: 0.3, rate: 1e-3', 'wgan_gp', 'acgan']);
const STEPS = 20;

const tensorflow = nativeTensorflow();

const textOf = (name: string): string => SYSTEMS.find((system) => system.name === name)!.text;

function programOf(text: string, library: LibrarySource = folderLibrary()): Program {
  return compile({ name: 'system.yaml', text }, library, { exposeGradients: true }).program!;
}

const run = (engine: Engine, program: Program, feeds: FeedsOf = madeUpFeeds(program)): Promise<RunRecord> =>
  recordRun(engine, program, { steps: STEPS, from: 30, feeds });

describe.runIf(tensorflow !== undefined)('training steps on the native TensorFlow', () => {
  const systems = [...SYSTEMS, IN_PARTS].filter(({ name }) => process.env['HEAVY'] || TAKEN.has(name));
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

  it.each(PLANTED)('%s is found in %s', async (_, name, entry, right, wrong) => {
    const mutant = programOf(textOf(name), changedLibrary(entry, right, wrong));
    const expected = await run(referenceEngine, programOf(textOf(name)));
    expect(judgeAgainst(await run(cuda(), mutant), expected, FLOAT32)).not.toEqual([]);
  });

  it('a resumed run is the run that never stopped, bit for bit', async () => {
    const { whole, resumed } = await wholeAndResumed(cuda(), programOf(textOf('wgan_gp')), 5);
    expect(resumed).toEqual(whole);
  });
});
