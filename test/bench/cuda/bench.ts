/**
 * A BEGAN step on one TensorFlow library, three ways in one run: each phase a graph (`--backend cuda`), the same program
 * op by op (`--engine tfjs`), and the same model written by hand with `tf.variableGrads` and `tf.train.adam`. Rounds of
 * the three alternate; what counts are the ratios of medians. Needs `began-compile setup cuda`.
 *   npm run bench:cuda
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Tensorflow from '@tensorflow/tfjs-core';
import { compile } from '../../../compiler/compile.js';
import type { Program } from '../../../compiler/program.js';
import { initialState } from '../../../compiler/random/initialise.js';
import { CudaEngine } from '../../../runtimes/cuda/engine.js';
import { openCuda } from '../../../runtimes/cuda/open-cuda.js';
import type { Engine, GraphInputs } from '../../../runtimes/engine.js';
import { folderLibrary } from '../../../runtimes/node/library-source.js';
import { createTfjsTensorflowEngine } from '../../../runtimes/node/tfjs-tensorflow.js';
import { beganSpec } from '../models/began-spec.js';
import { beganByHand, type BeganShape } from '../models/began-by-hand.js';

interface Setting extends BeganShape {
  readonly name: string;
  readonly rounds: number;
  /** Steps of a round. */
  readonly steps: number;
}

const SETTINGS: readonly Setting[] = [
  {
    name: 'full size: 32x32, 32 filters, batch 16',
    size: 32,
    filters: 32,
    embedding: 64,
    batch: 16,
    rounds: 15,
    steps: 1,
  },
  {
    name: 'dispatch-bound: 16x16, 2 filters, batch 1',
    size: 16,
    filters: 2,
    embedding: 8,
    batch: 1,
    rounds: 15,
    steps: 10,
  },
];

interface Route {
  readonly name: string;
  readonly step: () => void | Promise<void>;
  readonly milliseconds: number[];
  readonly processor: number[];
}

const tensorflow = openCuda({ allowCpu: true }, process.cwd());
const eager = createTfjsTensorflowEngine(tensorflow.folder);
const tf = createRequire(import.meta.url)(join(tensorflow.folder, 'dist', 'index.js')) as typeof Tensorflow;
await tf.setBackend('tensorflow');

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const noise = (length: number): Float32Array => Float32Array.from({ length }, () => Math.random() * 2 - 1);

async function compiled(name: string, engine: Engine, program: Program): Promise<Route> {
  const executable = await engine.load(program);
  for (const state of program.state) await executable.writeState(state.name, initialState(state, 1));
  const inputs = program.phases.map(({ name: phase, feeds, scalars }): [string, GraphInputs] => [
    phase,
    {
      feeds: new Map(feeds.map(({ name: feed, shape }) => [feed, noise(shape.reduce((a, b) => a * b, 1))])),
      scalars: new Map(scalars.map((scalar) => [scalar.name, 1e-4])),
    },
  ]);
  const controller = program.phases.at(-1)!.name;
  return {
    name,
    milliseconds: [],
    processor: [],
    step: async () => {
      for (const [phase, given] of inputs) {
        await executable.run(phase, given);
        await executable.read(phase, 'finite');
      }
      for (const metric of program.metrics) await executable.read(controller, `metric/${metric}`);
    },
  };
}

for (const setting of SETTINGS) {
  const source = { name: 'bench.yaml', text: beganSpec(setting) };
  const { program, diagnostics } = compile(source, folderLibrary());
  if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const parameters = program.state
    .filter(({ role }) => role === 'parameter')
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const byHand = beganByHand(tf, setting);
  if (byHand.parameters !== parameters)
    throw new Error(`not the same model: ${byHand.parameters} parameters by hand, ${parameters} compiled`);
  const { size, batch, embedding } = setting;
  const [x, z] = [noise(batch * size * size * 3), noise(batch * embedding)];
  const routes: readonly Route[] = [
    await compiled('graph', new CudaEngine(tensorflow.binding), program),
    await compiled('op by op', eager, program),
    {
      name: 'tf.variableGrads',
      milliseconds: [],
      processor: [],
      step: async () => void (await byHand.step(x, z)),
    },
  ];
  for (const { step } of routes) for (let i = 0; i < 5; i++) await step();
  for (let round = 0; round < setting.rounds; round++) {
    for (const route of routes) {
      const [wall, used] = [performance.now(), process.cpuUsage()];
      for (let i = 0; i < setting.steps; i++) await route.step();
      route.milliseconds.push((performance.now() - wall) / setting.steps);
      const { user, system } = process.cpuUsage(used);
      route.processor.push((user + system) / 1000 / setting.steps);
    }
  }
  byHand.dispose();
  const [graph] = routes as [Route];
  console.log(
    `\n${setting.name}, ${parameters.toLocaleString('en')} parameters, TensorFlow ${tensorflow.binding.TF_Version} on the ${tensorflow.kind === 'cuda' ? 'GPU' : 'CPU'}`,
  );
  console.log('route               median ms    min ms    CPU ms   of graph: median    CPU');
  for (const { name, milliseconds, processor } of routes) {
    const figures = [median(milliseconds), Math.min(...milliseconds), median(processor)];
    const ratio = (a: readonly number[], b: readonly number[]): string =>
      (median(a) / median(b)).toFixed(2).padStart(7);
    console.log(
      `${name.padEnd(18)}${figures.map((figure) => figure.toFixed(1).padStart(10)).join('')}          ${ratio(milliseconds, graph.milliseconds)}${ratio(processor, graph.processor)}`,
    );
  }
}
process.exit(0);
