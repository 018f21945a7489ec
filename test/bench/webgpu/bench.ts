/**
 * A BEGAN step on one WebGPU device, two ways in one run: generated WGSL, and the same model written by hand on the webgpu
 * backend of TensorFlow.js. Counts dispatches; on a driver for the CPU the processor's time is the steadier figure.
 *   npm install --prefix test/bench/webgpu && npm run bench:webgpu
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Tensorflow from '@tensorflow/tfjs-core';
import { compile } from '../../../compiler/compile.js';
import { optimize } from '../../../compiler/passes/optimize.js';
import { planProgram } from '../../../compiler/plan/plan.js';
import { PROFILES } from '../../../compiler/webgpu/profile.js';
import { emitProgram } from '../../../compiler/webgpu/program.js';
import { folderLibrary } from '../../../runtimes/node/library-source.js';
import { openWebgpu } from '../../../runtimes/node/webgpu-device.js';
import { WebgpuEngine } from '../../../runtimes/webgpu/engine.js';
import { beganByHand } from '../models/began-by-hand.js';
import { beganSpec } from '../models/began-spec.js';
import { alternate, median, noise, parameterCount, trainingStep, type Route, type Times } from '../rounds.js';

const SETTING = { size: 32, filters: 16, embedding: 64, batch: 8 };
const ROUNDS = 5;

const { device, ...options } = await openWebgpu({ allowCpu: true }, process.cwd());
const requirePeer = createRequire(join(process.cwd(), 'test', 'bench', 'webgpu', 'package.json'));
// TensorFlow.js looks for a navigator; its own device is ours.
if (!('navigator' in globalThis))
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: {}, userAgent: '' }, configurable: true });
const tf = requirePeer('@tensorflow/tfjs') as typeof Tensorflow;
const { WebGPUBackend } = requirePeer('@tensorflow/tfjs-backend-webgpu') as {
  WebGPUBackend: new (device: GPUDevice, info: GPUAdapterInfo) => Tensorflow.KernelBackend;
};
tf.removeBackend('webgpu');
tf.registerBackend('webgpu', () => new WebGPUBackend(device, device.adapterInfo));
await tf.setBackend('webgpu');

let dispatches = 0;
const passes = GPUComputePassEncoder.prototype;
for (const name of ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect'] as const) {
  const original = passes[name] as (...given: unknown[]) => undefined;
  Object.assign(passes, {
    [name](this: GPUComputePassEncoder, ...given: unknown[]) {
      dispatches++;
      return original.apply(this, given);
    },
  });
}

const { program } = compile({ name: 'bench.yaml', text: beganSpec(SETTING) }, folderLibrary());
if (program === undefined) throw new Error('the spec has errors');
const executable = await new WebgpuEngine(device, options).load(program);
const byHand = beganByHand(tf, SETTING);
const parameters = parameterCount(program);
if (byHand.parameters !== parameters)
  throw new Error(`not the same model: ${byHand.parameters} parameters by hand, ${parameters} compiled`);
const { size, batch, embedding } = SETTING;
const [x, z] = [noise(batch * size * size * 3), noise(batch * embedding)];

/** Dispatches of the last step. */
const dispatched = new Map<string, number>();
const counted = ({ name, step }: Route): Route => ({
  name,
  step: async () => {
    dispatches = 0;
    await step();
    dispatched.set(name, dispatches);
  },
});
const routes = [
  { name: 'compiled', step: await trainingStep(program, executable) },
  { name: 'tfjs-webgpu', step: async () => void (await byHand.step(x, z)) },
].map(counted);
const times = await alternate(routes, { warmUp: 2, rounds: ROUNDS, steps: 1 });
const [compiled, peer] = times as readonly [Times, Times];
const phases = program.phases.map(({ name }) => name);
const plan = planProgram(program, optimize, { wide: true });
const contractions = plan.graphs
  .filter(({ name }) => phases.includes(name))
  .flatMap(({ plan: { launches } }) => launches)
  .filter(({ multiplyAdds }) => multiplyAdds > 0).length;
const onGpu = emitProgram(plan, PROFILES.gpu).graphs;
const wanted = phases.reduce((sum, phase) => sum + onGpu.get(phase)!.length, 0);
console.log(
  `\n${size}x${size}, ${SETTING.filters} filters, batch ${batch}, ${parameters.toLocaleString('en')} parameters, ${options.adapter}`,
);
console.log('route          median ms    CPU ms   dispatches');
times.forEach(({ wall, processor }, i) => {
  const { name } = routes[i]!;
  console.log(
    `${name.padEnd(14)}${median(wall).toFixed(0).padStart(10)}${median(processor).toFixed(0).padStart(10)}${String(dispatched.get(name)).padStart(13)}`,
  );
});
const ratio = (of: (times: Times) => readonly number[]): string =>
  (median(of(peer)) / median(of(compiled))).toFixed(1);
console.log(
  `tfjs-webgpu of compiled: ${ratio(({ wall }) => wall)} time, ${ratio(({ processor }) => processor)} CPU; ` +
    `${contractions} contractions; as a GPU is given them, ${wanted} dispatches`,
);
process.exit(0);
