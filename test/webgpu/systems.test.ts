/**
 * Whole training steps on WebGPU: traces, every gradient and what every tensor has changed by, against the reference;
 * mistakes that the comparison has to find; a resumed run, bit for bit.
 */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/compile.js';
import type { Program } from '../../compiler/program.js';
import { PROFILES } from '../../compiler/webgpu/profile.js';
import type { Engine } from '../../runtimes/engine.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { WebgpuEngine } from '../../runtimes/webgpu/engine.js';
import type { LibrarySource } from '../../spec/spec.js';
import { changedLibrary, PLANTED } from '../library/changed-library.js';
import { FLOAT32 } from '../library/limits.js';
import { madeUpFeeds } from '../library/made-up-feeds.js';
import { SYSTEMS } from '../library/systems.js';
import { IN_PARTS } from '../library/written-systems.js';
import { judgeAgainst } from '../parity/judge.js';
import { doubleGradients } from '../parity/mutants.js';
import { recordRun, type RunRecord } from '../parity/run.js';
import { wholeAndResumed } from '../parity/resumed.js';
import { webgpuDevice } from './devices.js';

/** As test/library has them; the heavy run takes all, and more steps. */
const TAKEN = new Set([
  IN_PARTS.name,
  'began k0: 0.3, rate: 1e-3',
  'wgan_gp',
  'acgan',
  'gan, the networks of DCGAN',
  'infogan',
]);
const heavy = process.env['HEAVY'] !== undefined;
const STEPS = heavy ? 20 : 4;

/** Shaders of one profile take a driver that is not a GPU a minute and more, beside other tests. */
const SLOW = 300_000;

const webgpu = await webgpuDevice();

const textOf = (name: string): string => SYSTEMS.find((system) => system.name === name)!.text;

function programOf(text: string, library: LibrarySource = folderLibrary()): Program {
  return compile({ name: 'system.yaml', text }, library, { exposeGradients: true }).program!;
}

const run = (engine: Engine, program: Program): Promise<RunRecord> =>
  recordRun(engine, program, { steps: STEPS, from: 30, feeds: madeUpFeeds(program) });

describe.runIf(webgpu !== undefined)('training steps on WebGPU', () => {
  const systems = [...SYSTEMS, IN_PARTS].filter(({ name }) => heavy || TAKEN.has(name));
  const engine = (profile = webgpu!.profile) => new WebgpuEngine(webgpu!.device, { ...webgpu!, profile });

  it('takes systems that the library has', () => {
    expect(systems.length).toBeGreaterThanOrEqual(TAKEN.size);
  });

  it.each(systems)(`$name: ${STEPS} steps are those of the reference`, async ({ text }) => {
    const program = programOf(text);
    expect(judgeAgainst(await run(engine(), program), await run(referenceEngine, program), FLOAT32)).toEqual(
      [],
    );
  });

  it.each(Object.values(PROFILES))(
    'the profile $name gives the steps of the reference',
    async (profile) => {
      const program = programOf(textOf('began k0: 0.3, rate: 1e-3'));
      const found = judgeAgainst(
        await run(engine(profile), program),
        await run(referenceEngine, program),
        FLOAT32,
      );
      expect(found).toEqual([]);
    },
    SLOW,
  );

  it.each(['began k0: 0.3, rate: 1e-3', 'wgan_gp'])(
    '%s: gradients twice as large are found',
    async (name) => {
      const program = programOf(textOf(name));
      const mutant = await run(engine(), doubleGradients(program));
      const found = judgeAgainst(mutant, await run(referenceEngine, program), FLOAT32);
      expect(found.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^gradient at step 1 of /));
    },
  );

  it.each(PLANTED)('%s is found in %s', async (_, name, entry, right, wrong) => {
    const mutant = programOf(textOf(name), changedLibrary(entry, right, wrong));
    const expected = await run(referenceEngine, programOf(textOf(name)));
    expect(judgeAgainst(await run(engine(), mutant), expected, FLOAT32)).not.toEqual([]);
  });

  it('a resumed run is the run that never stopped, bit for bit', async () => {
    const { whole, resumed } = await wholeAndResumed(engine(), programOf(textOf('wgan_gp')), 2);
    expect(resumed).toEqual(whole);
  });
});
