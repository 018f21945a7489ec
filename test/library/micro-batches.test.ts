/**
 * `micro_batch`: the gradients of parts of a batch, summed, are those of the batch. Runs with and without differ in rounding
 * only, for every objective that is not refused; and what is refused would be wrong.
 */
import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { lowerModel } from '../../compiler/lowering/lower-model.js';
import type { Model } from '../../compiler/model/model.js';
import { optimize } from '../../compiler/passes/optimize.js';
import { planProgram } from '../../compiler/plan/plan.js';
import type { Program } from '../../compiler/program.js';
import type { Engine, Executable } from '../../runtimes/engine.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { createTfjsWasmEngine } from '../../runtimes/node/tfjs-wasm.js';
import { openData } from '../../runtimes/node/open-data.js';
import { referenceEngine, type ReferenceExecutable } from '../../runtimes/reference/engine.js';
import { readCheckpoint, restoreCheckpoint, saveCheckpoint } from '../../runtimes/training/checkpoint.js';
import type { PackedExamples } from '../../runtimes/training/example-source.js';
import { TrainingSession } from '../../runtimes/training/session.js';
import { WasmEngine } from '../../runtimes/wasm/engine.js';
import { SYSTEMS } from './systems.js';
import { IN_PARTS, WRITTEN_SYSTEMS } from './written-systems.js';

const BATCH = 6;
const MICRO = 2;
const withTrain = (text: string, train: string): string =>
  text.replace(/train: \{ batch: \d,( micro_batch: \d,)?/, `train: { batch: ${BATCH},${train}`);
const whole = (text: string): string => withTrain(text, '');
const inParts = (text: string): string => withTrain(text, ` micro_batch: ${MICRO},`);

const compiled = (text: string) => compile({ name: 'system.yaml', text }, folderLibrary());
const refusals = (text: string): readonly string[] =>
  compiled(text).diagnostics.flatMap(({ severity, message }) => (severity === 'error' ? [message] : []));

async function examplesOf({ streams }: Program): Promise<ReadonlyMap<string, PackedExamples>> {
  const examples = new Map<string, PackedExamples>();
  for (const [name, { data, shape }] of streams) {
    if (data.kind === 'labels') continue;
    examples.set(name, (await openData({ data, shape, baseDirectory: '.' }).load()).examples);
  }
  return examples;
}

interface Trained {
  readonly state: ReadonlyMap<string, ArrayLike<number>>;
  readonly metrics: readonly (readonly number[])[];
}

/** All that a run keeps after so many steps, and the metrics of every step. */
async function train(engine: Engine, program: Program, steps: number): Promise<Trained> {
  const executable = await engine.load(program);
  const session = await TrainingSession.create({
    program,
    executable,
    examples: await examplesOf(program),
  });
  const metrics: (readonly number[])[] = [];
  for (let i = 0; i < steps; i++) metrics.push([...(await session.step()).metrics!.values()]);
  const state = new Map<string, ArrayLike<number>>();
  for (const { name, role } of program.state) {
    if (role === 'sum') continue;
    state.set(
      name,
      engine === referenceEngine
        ? (executable as ReferenceExecutable).readState64(name)
        : await executable.readState(name),
    );
  }
  executable.dispose();
  return { state, metrics };
}

/** The largest difference of any number of the state or the metrics. */
function distance(one: Trained, other: Trained): number {
  expect([...one.state.keys()]).toEqual([...other.state.keys()]);
  const rows = [
    ...[...one.state].map(
      ([name, values]) => [Array.from(values), Array.from(other.state.get(name)!)] as const,
    ),
    ...one.metrics.map((row, i) => [row, other.metrics[i]!] as const),
  ];
  return Math.max(...rows.flatMap(([a, b]) => a.map((value, i) => Math.abs(value - b[i]!))));
}

const batchNorm = (path: string): string => `The batch norm \`${path}\``;

/** What cannot be computed in parts, with the first place in each loss and register that is to blame. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'lsgan, the networks of the authors at three depths': [
    batchNorm('D/batch_norm1'),
    batchNorm('G/batch_norm1'),
  ],
  'gan, the networks of DCGAN': [batchNorm('D/features/norm1/batch_norm1'), batchNorm('G/batch_norm1')],
  dragan: ['`std(x)`'],
  ebgan: ['`gram(unit)`'],
  catgan: ['`entropy(mean(q, per=batch))`'],
  'catgan semi_supervised: true, weight: 2': ['`entropy(mean(q, per=batch))`'],
  'sgan form: logits, generator: feature_matching, weight: 0.5': ['`abs(apart)`'],
  infogan: [batchNorm('G/batch_norm1')],
  'hinge with a lazy penalty, an average and running statistics': [batchNorm('G/batch_norm1')],
};

const ALL = [...SYSTEMS, ...WRITTEN_SYSTEMS];
const system = (name: string): string => ALL.find((one) => one.name === name)!.text;

test('which systems are refused, and for what', () => {
  const found = ALL.flatMap(({ name, text }) => {
    const messages = refusals(inParts(text));
    return messages.length === 0 ? [] : [[name, messages] as const];
  });
  const refusal = (what: string): string =>
    `${what} needs the whole batch at once, and \`micro_batch\` gives it in parts`;
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(Object.entries(REFUSED).map(([name, what]) => [name, what.map(refusal)])),
  );
});

test.each(ALL.filter(({ name }) => !(name in REFUSED)))(
  '$name: the same in parts, in float64',
  async ({ text }) => {
    const [one, other] = [compiled(whole(text)).program!, compiled(inParts(text)).program!];
    const steps = text.includes('use: wgan\n') ? 2 : 10;
    const difference = distance(
      await train(referenceEngine, one, steps),
      await train(referenceEngine, other, steps),
    );
    expect(difference).toBeLessThan(1e-9);
    // Sums of parts round differently: without that there were no parts.
    expect(difference).toBeGreaterThan(0);
  },
);

test.each(['dragan', 'ebgan', 'catgan', 'sgan form: logits, generator: feature_matching, weight: 0.5'])(
  '%s: what is refused would be another objective',
  async (name) => {
    const { model, program } = compiled(whole(system(name)));
    const { train: options } = model!.spec;
    const forced: Model = {
      ...model!,
      spec: { ...model!.spec, train: { ...options, microBatch: { ...options.batch, value: MICRO } } },
    };
    const parts = lowerModel(forced);
    expect(parts.phases[0]!.parts?.count).toBe(BATCH / MICRO);
    expect(
      distance(await train(referenceEngine, program!, 10), await train(referenceEngine, parts, 10)),
    ).toBeGreaterThan(1e-4);
  },
);

test.each(['began k0: 0.3, rate: 1e-3', 'wgan_gp', 'acgan', IN_PARTS.name])(
  '%s: the same in parts, in float32',
  async (name) => {
    const [one, other] = [compiled(whole(system(name))).program!, compiled(inParts(system(name))).program!];
    for (const engine of [new WasmEngine(), await createTfjsWasmEngine()]) {
      expect(
        distance(await train(engine, one, 10), await train(engine, other, 10)),
        engine.name,
      ).toBeLessThan(1e-4);
    }
  },
);

test('an execution stays one: draws, examples and counts are those of the whole batch', async () => {
  const text = system('wgan_gp target: 0.5, generator_batch: 2, critic_steps: 2');
  const progress = async (program: Program) => {
    const executable = await referenceEngine.load(program);
    const session = await TrainingSession.create({
      program,
      executable,
      examples: await examplesOf(program),
    });
    await session.step();
    return session.progress;
  };
  const { program } = compiled(inParts(text));
  expect(program!.phases.map(({ name, batch, parts }) => [name, batch, parts?.count])).toEqual([
    ['critic', BATCH, 3],
    ['generator', 2 * BATCH, 6],
    ['@controller', 1, undefined],
  ]);
  expect(await progress(program!)).toEqual(await progress(compiled(whole(text)).program!));
});

test('samples are those of a run without parts', async () => {
  const samples = async (text: string) => {
    const { program } = compiled(text);
    const executable = await new WasmEngine().load(program!);
    const session = await TrainingSession.create({
      program: program!,
      executable,
      examples: await examplesOf(program!),
    });
    return { values: (await session.generate('generate', { count: 7 })).values, batch: program!.outputBatch };
  };
  const [one, other] = [await samples(whole(system('gan'))), await samples(inParts(system('gan')))];
  expect([one.batch, other.batch]).toEqual([BATCH, MICRO]);
  one.values.forEach((value, i) => {
    expect(other.values[i]).toBeCloseTo(value, 5);
  });
});

test('outputs that need the whole batch get it', () => {
  const batchOf = (output: string): number =>
    compiled(inParts(system('gan')).replace('generate: G(z)', `generate: ${output}`)).program!.outputBatch!;
  expect(['G(z)', 'G(z) * size(z)', 'G(z) / samples(z)', 'G(z) - mean(z)'].map(batchOf)).toEqual([
    2, 2, 6, 6,
  ]);
});

/** Runs that give NaN in the place of an example in the run of that number. */
function spoilt(executable: Executable, graph: string, at: number): Executable {
  let runs = 0;
  return {
    run: async (name, inputs) => {
      const feeds = new Map(inputs.feeds);
      if (name === graph && runs++ === at)
        feeds.set(
          'x',
          inputs.feeds.get('x')!.map(() => NaN),
        );
      await executable.run(name, { ...inputs, feeds });
    },
    read: (name, value) => executable.read(name, value),
    readState: (name) => executable.readState(name),
    writeState: (name, values) => executable.writeState(name, values),
    dispose: () => {
      executable.dispose();
    },
  };
}

test('a NaN in one part freezes the step, and leaves nothing behind in the sums', async () => {
  const open = async (text: string, graph: string, at: number) => {
    const { program } = compiled(text);
    const executable = spoilt(await referenceEngine.load(program!), graph, at);
    return TrainingSession.create({ program: program!, executable, examples: await examplesOf(program!) });
  };
  const stateOf = async ({ executable, program }: TrainingSession) => {
    const state = new Map<string, readonly number[]>();
    for (const { name } of program.state) state.set(name, [...(await executable.readState(name))]);
    return state;
  };
  const text = system('began k0: 0.3, rate: 1e-3');
  const phase = 'discriminator+generator';
  const once = await open(whole(text), phase, 1);
  const session = await open(inParts(text), `${phase}/part`, BATCH / MICRO + 1);
  await once.step();
  await session.step();
  const before = await stateOf(session);
  const refused = `The loss of \`discriminator\` became NaN or infinite in phase \`${phase}\` at step 2`;
  await expect(once.step()).rejects.toThrow(refused);
  await expect(session.step()).rejects.toThrow(refused);
  expect(await stateOf(session)).toEqual(before);
  await once.step();
  await session.step();
  const after = await stateOf(session);
  for (const [name, values] of await stateOf(once)) {
    values.forEach((value, i) => {
      expect(after.get(name)![i], name).toBeCloseTo(value, 6);
    });
  }
});

test('a run in parts goes on bit for bit, from a checkpoint without the sums', async () => {
  const text = inParts(system('wgan_gp'));
  const { program } = compiled(text);
  const engine = new WasmEngine();
  const open = async (seed: number) =>
    TrainingSession.create({
      program: program!,
      executable: await engine.load(program!),
      examples: await examplesOf(program!),
      seed,
    });
  const save = async (session: TrainingSession) =>
    readCheckpoint(
      await saveCheckpoint(session, {
        spec: { name: 'system.yaml', text },
        engine: engine.name,
        versions: {},
      }),
      'checkpoint',
    );
  const run = async (session: TrainingSession) => {
    for (let i = 0; i < 3; i++) await session.step();
    return session;
  };
  const session = await run(await open(1));
  const half = await save(session);
  expect([...half.tensors.keys()]).toEqual(
    program!.state.flatMap(({ name, role }) => (role === 'sum' ? [] : [name])),
  );
  const resumed = await open(99);
  await restoreCheckpoint(resumed, half, engine.name);
  expect((await save(await run(resumed))).tensors).toEqual((await save(await run(session))).tensors);
});

test('the heap of a training step shrinks as the parts do', () => {
  const heap = (train: string): number => {
    const { program } = compiled(`version: 1
data:
  x: { facesjs: 64, size: 16 }
noise:
  z: { uniform: [-1, 1], shape: [8] }
networks:
  G: { use: began/decoder, with: { size: 16, filters: 8 } }
  D: { use: began/autoencoder, with: { size: 16, filters: 8, embedding: 8 } }
objective: { use: began }
outputs: { generate: G(z) }
train: { ${train}, steps: 10 }
`);
    return planProgram(program!, optimize).memory.heapBytes;
  };
  const all = heap('batch: 32');
  expect(heap('batch: 32, micro_batch: 32')).toBe(all);
  expect(heap('batch: 32, micro_batch: 8') / all).toBeLessThan(0.3);
  expect(heap('batch: 32, micro_batch: 4') / all).toBeLessThan(0.18);
});
