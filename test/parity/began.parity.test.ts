/**
 * BEGAN on every engine against the same BEGAN in PyTorch (test/fixtures/began), step for step. Weights start with
 * fan-in variance and k at .3: with weights of deviation .01 and k = 0 a flipped sign or a doubled gradient would
 * hardly show. The mutants below say what the comparison is able to see.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../../compiler/program.js';
import type { Engine } from '../../runtimes/engine.js';
import { createTfjsWasmEngine } from '../../runtimes/node/tfjs-wasm.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { beganSpec, compileSpec } from './began-spec.js';
import type { Finding } from './compare.js';
import { readFixture, stepFeeds, type BeganFixture, type FixtureName } from './fixture.js';
import { judge, judgeAgainst, type Limits } from './judge.js';
import * as mutants from './mutants.js';
import { recordRun, type RunRecord } from './run.js';

/** Both sides compute in float64; the recorded tensors are rounded to float32, an NMSE of 1e-15. */
const EXACT: Limits = { trace: 1e-12, floor: 0, first: 1e-14, last: 1e-14, change: 1e-14 };

/**
 * Float32: measured gradients differ by 2e-12 at the first step and by 1e-11 at the last; traces by 4e-7. The change of
 * a weight of size 1 that moved by 1e-4 is rounded to 1e-7 of the weight at every step, hence the wider limit of SGD
 * (measured 6e-7), which moves some tensors that little.
 */
const ADAM: Limits = { trace: 3e-6, floor: 1e-7, first: 1e-10, last: 1e-9, change: 1e-8 };
const SGD: Limits = { ...ADAM, change: 1e-5 };
const LIMITS: Readonly<Record<FixtureName, Limits>> = { adam: ADAM, sgd: SGD, skip: SGD };

const FIXTURES = Object.keys(LIMITS) as FixtureName[];
const programOf = (name: FixtureName): Program => compileSpec(beganSpec(readFixture(name)));

const runRecorded = (engine: Engine, program: Program, fixture: BeganFixture): Promise<RunRecord> =>
  recordRun(engine, program, {
    steps: fixture.steps,
    feeds: (_, execution) => new Map(Object.entries(stepFeeds(fixture, execution))),
  });

let engines: readonly Engine[];
beforeAll(async () => {
  engines = [new WasmEngine(), await createTfjsWasmEngine()];
});

describe.each(FIXTURES)('BEGAN, the recorded run "%s"', (name) => {
  const fixture = readFixture(name);

  it('draws its latents from the site that was recorded', () => {
    const feed = programOf(name).phases[0]!.feeds.find((declared) => declared.name === 'z');
    expect(feed?.source).toMatchObject({ kind: 'noise', site: fixture.sites.noise, distribution: 'uniform' });
  });

  it('is the same in PyTorch, in the reference and on every other engine, for 20 steps', async () => {
    const program = programOf(name);
    const reference = await runRecorded(referenceEngine, program, fixture);
    expect(judge(reference, fixture, EXACT)).toEqual([]);
    const runs = new Map<string, RunRecord>();
    for (const engine of engines) {
      const run = await runRecorded(engine, program, fixture);
      expect(judge(run, fixture, LIMITS[name]), `${engine.name} against PyTorch`).toEqual([]);
      expect(judgeAgainst(run, reference, LIMITS[name]), `${engine.name} against the reference`).toEqual([]);
      for (const [other, record] of runs) {
        expect(judgeAgainst(run, record, LIMITS[name]), `${engine.name} against ${other}`).toEqual([]);
      }
      runs.set(engine.name, run);
    }
  });
});

describe('a mutant is caught', () => {
  const places = (findings: readonly Finding[]): Set<string> =>
    new Set(findings.map(({ what }) => /^(change|gradient at step \d+|\w+)/.exec(what)![1]!));

  async function caught(name: FixtureName, mutate: (program: Program) => Program): Promise<Set<string>> {
    const fixture = readFixture(name);
    return places(
      judge(await runRecorded(engines[0]!, mutate(programOf(name)), fixture), fixture, LIMITS[name]),
    );
  }

  it.each([
    ['the sign of k', mutants.flipEquilibrium],
    ['k dropped', mutants.dropEquilibrium],
    ['all gradients doubled', mutants.doubleGradients],
    ['the gradient of a blended convolution zeroed', mutants.zeroBlendedLayer],
    ['the gradient of one bias zeroed', mutants.zeroOneBias],
  ] as const)('%s, with SGD and with Adam, in gradients and in changes', async (_, mutate) => {
    for (const name of ['sgd', 'adam'] as const) {
      const found = await caught(name, mutate);
      expect([...found], name).toEqual(expect.arrayContaining(['gradient at step 20', 'change']));
    }
  });

  it.each([
    ['epsilon inside the root of Adam', mutants.epsilonInsideRoot],
    ["Adam's bias correction left out", mutants.dropBiasCorrection],
  ] as const)('%s, in traces and changes', async (_, mutate) => {
    const found = await caught('adam', mutate);
    expect([...found]).toEqual(expect.arrayContaining(['Lx', 'Lg', 'change']));
    expect(found, 'the first gradient comes before the first step').not.toContain('gradient at step 1');
  });

  it.each([
    ["Adam's epsilon 1e-3", 'adam', 'epsilon: 1e-8', 'epsilon: 0.001'],
    ["Adam's betas exchanged for the usual ones", 'adam', 'beta1: 0.5', 'beta1: 0.9'],
    ["the controller's sign", 'sgd', 'clip(k + 0.01', 'clip(k - 0.01'],
    ['gamma on the wrong side', 'sgd', '(0.5 * Lx - Lg)', '(Lx - 0.5 * Lg)'],
    ['a generator that climbs its loss', 'sgd', 'minimize: Lg', 'minimize: -Lg'],
    ['a carry that starts one step late', 'sgd', 'steps=40', 'steps=41'],
    ['no skip connection', 'skip', 'skip: true', 'skip: false'],
  ] as const)('%s', async (_, name, right, wrong) => {
    const fixture = readFixture(name);
    const text = beganSpec(fixture);
    expect(text).toContain(right);
    const run = await runRecorded(engines[0]!, compileSpec(text.replaceAll(right, wrong)), fixture);
    expect(judge(run, fixture, LIMITS[name])).not.toEqual([]);
  });
});
