/** The outputs of whole systems as TensorFlow.js graph models: the numbers that the wasm backend gives. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { evaluateHost } from '../../compiler/host-expression.js';
import type { Program } from '../../compiler/program.js';
import { frozenModel } from '../../compiler/tensorflow/frozen-model.js';
import { GRAPH_MODEL_LOWERINGS } from '../../compiler/tensorflow/graph-model-lowerings.js';
import { encodeGraphModel, type WeightType } from '../../compiler/tensorflow/graph-model.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { createTfjsWasmEngine } from '../../runtimes/node/tfjs-wasm.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { madeUpFeeds } from '../library/made-up-feeds.js';
import { SYSTEMS } from '../library/systems.js';
import { Stepping } from '../parity/stepping.js';
import { LoadedModel } from './loaded-model.js';

beforeAll(async () => {
  await createTfjsWasmEngine();
});

/** The largest difference of each output from what the wasm backend gives, in parts of its largest number. */
async function differences(
  program: Program,
  steps: number,
  weights: WeightType = 'float32',
): Promise<Map<string, number>> {
  const feeds = madeUpFeeds(program);
  const stepping = await Stepping.start(new WasmEngine(), program);
  for (let step = 0; step < steps; step++) await stepping.step(step, feeds);

  const state = new Map<string, ArrayLike<number>>();
  for (const { name } of program.state) state.set(name, await stepping.state(name));
  const hyper = (name: string): number => program.hyper.get(name)!;
  const outputs = program.outputs.map((source) => ({
    source,
    scalars: new Map(
      source.scalars.map(({ name, value }) => [
        name,
        evaluateHost(value, { hyper, step: steps, steps: program.steps, execution: 0 }),
      ]),
    ),
  }));
  const frozen = frozenModel(outputs, program.state, state, GRAPH_MODEL_LOWERINGS);
  const loaded = await LoadedModel.load(encodeGraphModel(frozen, { generatedBy: 'test', weights }));

  const found = new Map<string, number>();
  for (const source of program.outputs) {
    const given = feeds(source, 0);
    const expected = await stepping.output(source.name, steps, given);
    const tensors = source.feeds.map(({ name, shape }) => [name, { shape, data: given.get(name)! }] as const);
    const actual = (await loaded.execute(new Map(tensors), [source.name])).get(source.name)!;
    expect(actual.length).toBe(expected.length);
    const largest = (values: ArrayLike<number>): number =>
      Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const difference = largest(actual.map((value, i) => value - expected[i]!)) / largest(expected);
    expect(new Set(expected).size, `numbers of ${source.name} that could differ`).toBeGreaterThan(1);
    found.set(source.name, difference);
  }
  loaded.dispose();
  stepping.dispose();
  return found;
}

const programOf = (text: string): Program => compile({ name: 'spec.yaml', text }, folderLibrary()).program!;

const above = (found: ReadonlyMap<string, number>, limit: number): [string, number][] =>
  [...found].filter(([, difference]) => !(difference <= limit));

describe('the outputs of the library', () => {
  test.each(SYSTEMS)('$name', async ({ text }) => {
    expect(above(await differences(programOf(text), 3), 1e-5)).toEqual([]);
  });

  test('weights in float16 are off by their rounding, and only they', async () => {
    const { text } = SYSTEMS.find(({ name }) => name === 'gan, the networks of DCGAN')!;
    const { generate } = Object.fromEntries(await differences(programOf(text), 3, 'float16'));
    expect(generate).toBeGreaterThan(1e-6);
    expect(generate).toBeLessThan(1e-2);
  });
});

describe('the outputs of examples', () => {
  test.each(['faces-32', 'digits-classifier', 'points-wgan-gp-acgan', 'text-wgan-gp'])('%s', async (name) => {
    const text = readFileSync(new URL(`../../examples/${name}.yaml`, import.meta.url), 'utf8');
    expect(above(await differences(programOf(text), 0), 1e-5)).toEqual([]);
  });
});
