/**
 * WGAN-GP, InfoGAN, SGAN and catGAN on every engine against the same in PyTorch (test/fixtures/gans), execution for
 * execution: second order through convolutions and norms, heads, running statistics, entropies of a batch.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../runtimes/engine.js';
import { createTfjsWasmEngine } from '../../runtimes/node/tfjs-wasm.js';
import { referenceEngine } from '../../runtimes/reference/engine.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { madeUpFeeds } from '../library/made-up-feeds.js';
import { compileSpec } from './began-spec.js';
import { readRecordedRun } from './fixture.js';
import { judge, type Limits } from './judge.js';
import { RECORDED_SYSTEMS, type RecordedSystem } from './recorded-systems.js';
import { recordRun, type RunRecord } from './run.js';

const EXACT: Limits = { trace: 1e-12, floor: 1e-12, first: 1e-14, last: 1e-14, change: 1e-14 };
const FLOAT32: Limits = { trace: 1e-5, floor: 1e-6, first: 1e-10, last: 1e-8, change: 1e-7 };

let engines: readonly Engine[];
beforeAll(async () => {
  engines = [new WasmEngine(), await createTfjsWasmEngine()];
});

function runOn(engine: Engine, text: string): Promise<RunRecord> {
  const program = compileSpec(text);
  return recordRun(engine, program, { steps: 20, feeds: madeUpFeeds(program, program.seed) });
}

describe.each(Object.keys(RECORDED_SYSTEMS) as RecordedSystem[])('%s', (name) => {
  const recorded = readRecordedRun(name);
  const text = RECORDED_SYSTEMS[name];

  it('is the same in PyTorch, in the reference and on every other engine, for 20 steps', async () => {
    expect(judge(await runOn(referenceEngine, text), recorded, EXACT)).toEqual([]);
    for (const engine of engines) {
      expect(judge(await runOn(engine, text), recorded, FLOAT32), engine.name).toEqual([]);
    }
  });

  it('was recorded where something is learned', () => {
    for (const [tensor, { norm }] of Object.entries(recorded.change)) {
      // What is added to every score drops out of their difference.
      if (name === 'wgan_gp' && tensor === 'D/dense1/bias') expect(norm).toBe(0);
      else expect(norm, tensor).toBeGreaterThan(1e-4);
    }
    for (const trace of Object.values(recorded.trace)) expect(trace).toHaveLength(recorded.steps);
  });
});

describe('a mistake is found', () => {
  it.each([
    ['wgan_gp', 'TensorFlow padding exchanged for that of PyTorch', 'stride: 2', 'stride: 2, padding: half'],
    ['wgan_gp', 'another slope of leaky_relu', 'leaky_relu: 0.2', 'leaky_relu: 0.3'],
    ['wgan_gp', 'four critic steps', 'rate: 1e-3', 'rate: 1e-3, critic_steps: 4'],
    ['infogan', 'running statistics that follow faster', '- batch_norm', '- batch_norm: 0.8'],
    ['infogan', 'another weight of the bound', 'weight: 0.7', 'weight: 0.8'],
    ['sgan', 'tanh for elu', 'elu, { branch', 'tanh, { branch'],
    ['sgan', 'labels that say nothing of "fake"', 'weight: 0.7', 'weight: 0.7, labelled: conditional'],
    ['catgan', 'elu for selu', 'selu', 'elu'],
  ] as const)('%s: %s', async (name, _, right, wrong) => {
    const text = RECORDED_SYSTEMS[name];
    expect(text).toContain(right);
    const run = await runOn(engines[0]!, text.replaceAll(right, wrong));
    expect(judge(run, readRecordedRun(name), FLOAT32)).not.toEqual([]);
  });
});
