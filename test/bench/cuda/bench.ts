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
import { CudaEngine } from '../../../runtimes/cuda/engine.js';
import { openCuda } from '../../../runtimes/cuda/open-cuda.js';
import { folderLibrary } from '../../../runtimes/node/library-source.js';
import { createTfjsTensorflowEngine } from '../../../runtimes/node/tfjs-tensorflow.js';
import { beganSpec } from '../models/began-spec.js';
import { beganByHand, type BeganShape } from '../models/began-by-hand.js';
import { alternate, median, noise, parameterCount, trainingStep, type Route } from '../rounds.js';

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

const tensorflow = openCuda({ allowCpu: true }, process.cwd());
const eager = createTfjsTensorflowEngine(tensorflow.folder);
const tf = createRequire(import.meta.url)(join(tensorflow.folder, 'dist', 'index.js')) as typeof Tensorflow;
await tf.setBackend('tensorflow');

for (const setting of SETTINGS) {
  const source = { name: 'bench.yaml', text: beganSpec(setting) };
  const { program, diagnostics } = compile(source, folderLibrary());
  if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const parameters = parameterCount(program);
  const byHand = beganByHand(tf, setting);
  if (byHand.parameters !== parameters)
    throw new Error(`not the same model: ${byHand.parameters} parameters by hand, ${parameters} compiled`);
  const { size, batch, embedding } = setting;
  const [x, z] = [noise(batch * size * size * 3), noise(batch * embedding)];
  const routes: readonly Route[] = [
    {
      name: 'graph',
      step: await trainingStep(program, await new CudaEngine(tensorflow.binding).load(program)),
    },
    { name: 'op by op', step: await trainingStep(program, await eager.load(program)) },
    { name: 'tf.variableGrads', step: async () => void (await byHand.step(x, z)) },
  ];
  const times = await alternate(routes, { warmUp: 5, rounds: setting.rounds, steps: setting.steps });
  byHand.dispose();
  const graph = times[0]!;
  console.log(
    `\n${setting.name}, ${parameters.toLocaleString('en')} parameters, TensorFlow ${tensorflow.binding.TF_Version} on the ${tensorflow.kind === 'cuda' ? 'GPU' : 'CPU'}`,
  );
  console.log('route               median ms    min ms    CPU ms   of graph: median    CPU');
  times.forEach(({ wall, processor }, i) => {
    const figures = [median(wall), Math.min(...wall), median(processor)];
    const ratio = (own: readonly number[], of: readonly number[]): string =>
      (median(own) / median(of)).toFixed(2).padStart(7);
    console.log(
      `${routes[i]!.name.padEnd(18)}${figures.map((figure) => figure.toFixed(1).padStart(10)).join('')}          ${ratio(wall, graph.wall)}${ratio(processor, graph.processor)}`,
    );
  });
}
process.exit(0);
