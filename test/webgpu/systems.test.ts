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
import { changedLibrary } from '../library/changed-library.js';
import { FLOAT32 } from '../library/limits.js';
import { madeUpFeeds } from '../library/made-up-feeds.js';
import { SYSTEMS } from '../library/systems.js';
import { judgeAgainst } from '../parity/judge.js';
import { doubleGradients } from '../parity/mutants.js';
import { recordRun, type RunRecord } from '../parity/run.js';
import { Stepping } from '../parity/stepping.js';
import { webgpuDevice } from './devices.js';

/** As test/library has them; the heavy run takes all, and more steps. */
const TAKEN = new Set([
  'began k0: 0.3, rate: 1e-3',
  'wgan_gp',
  'acgan',
  'gan, the networks of DCGAN',
  'infogan',
]);
const heavy = process.env['HEAVY'] !== undefined;
const STEPS = heavy ? 20 : 4;

const webgpu = await webgpuDevice();

const textOf = (name: string): string => SYSTEMS.find((system) => system.name === name)!.text;

function programOf(text: string, library: LibrarySource = folderLibrary()): Program {
  return compile({ name: 'system.yaml', text }, library, { exposeGradients: true }).program!;
}

const run = (engine: Engine, program: Program): Promise<RunRecord> =>
  recordRun(engine, program, { steps: STEPS, from: 30, feeds: madeUpFeeds(program) });

describe.runIf(webgpu !== undefined)('training steps on WebGPU', () => {
  const systems = SYSTEMS.filter(({ name }) => heavy || TAKEN.has(name));
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

  it.each(Object.values(PROFILES))('the profile $name gives the steps of the reference', async (profile) => {
    const program = programOf(textOf('began k0: 0.3, rate: 1e-3'));
    const found = judgeAgainst(
      await run(engine(profile), program),
      await run(referenceEngine, program),
      FLOAT32,
    );
    expect(found).toEqual([]);
  });

  it.each(['began k0: 0.3, rate: 1e-3', 'wgan_gp'])(
    '%s: gradients twice as large are found',
    async (name) => {
      const program = programOf(textOf(name));
      const mutant = await run(engine(), doubleGradients(program));
      const found = judgeAgainst(mutant, await run(referenceEngine, program), FLOAT32);
      expect(found.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^gradient at step 1 of /));
    },
  );

  it.each([
    ['k of the other sign', 'began k0: 0.3, rate: 1e-3', 'began', 'Lx - k * Lf', 'Lx + k * Lf'],
    ['a penalty that teaches nothing', 'wgan_gp', 'wgan_gp', 'square(excess)', 'stop(square(excess))'],
    ['samples with the classes of data', 'acgan', 'acgan', 'D(fake).class, c', 'D(fake).class, y'],
  ] as const)('%s is found in %s', async (_, name, entry, right, wrong) => {
    const mutant = programOf(textOf(name), changedLibrary(entry, right, wrong));
    const expected = await run(referenceEngine, programOf(textOf(name)));
    expect(judgeAgainst(await run(engine(), mutant), expected, FLOAT32)).not.toEqual([]);
  });

  it('a resumed run is the run that never stopped, bit for bit', async () => {
    const program = programOf(textOf('wgan_gp'));
    const feeds = madeUpFeeds(program);
    const stateOf = async (stepping: Stepping) => {
      const state = new Map<string, readonly number[]>();
      for (const { name } of program.state) state.set(name, [...(await stepping.state(name))]);
      return state;
    };
    const whole = await Stepping.start(engine(), program);
    for (let step = 0; step < 2; step++) await whole.step(step, feeds);
    const half = await stateOf(whole);
    for (let step = 2; step < 4; step++) await whole.step(step, feeds);
    const resumed = await Stepping.start(engine(), program);
    // Whatever is not written is wrong in here.
    for (let step = 0; step < 2; step++)
      await resumed.step(step, (graph, execution) => feeds(graph, execution + 1000));
    for (const [name, values] of half) await resumed.write(name, values);
    for (let step = 2; step < 4; step++) await resumed.step(step, feeds);
    expect(await stateOf(resumed)).toEqual(await stateOf(whole));
    whole.dispose();
    resumed.dispose();
  });
});
