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
import { initialState } from '../../../compiler/random/initialise.js';
import type { GraphInputs } from '../../../runtimes/engine.js';
import { PROFILES } from '../../../compiler/webgpu/profile.js';
import { emitProgram } from '../../../compiler/webgpu/program.js';
import { folderLibrary } from '../../../runtimes/node/library-source.js';
import { openWebgpu } from '../../../runtimes/node/webgpu-device.js';
import { WebgpuEngine } from '../../../runtimes/webgpu/engine.js';
import { beganByHand } from '../models/began-by-hand.js';
import { beganSpec } from '../models/began-spec.js';

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

interface Route {
  readonly name: string;
  readonly step: () => Promise<void>;
  readonly milliseconds: number[];
  readonly processor: number[];
  dispatches: number;
}

const noise = (length: number): Float32Array => Float32Array.from({ length }, () => Math.random() * 2 - 1);
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const { program } = compile({ name: 'bench.yaml', text: beganSpec(SETTING) }, folderLibrary());
if (program === undefined) throw new Error('the spec has errors');
const executable = await new WebgpuEngine(device, options).load(program);
for (const state of program.state) await executable.writeState(state.name, initialState(state, 1));
const inputs = program.phases.map(({ name, feeds, scalars }): [string, GraphInputs] => [
  name,
  {
    feeds: new Map(feeds.map((feed) => [feed.name, noise(feed.shape.reduce((a, b) => a * b, 1))])),
    scalars: new Map(scalars.map((scalar) => [scalar.name, 1e-4])),
  },
]);
const byHand = beganByHand(tf, SETTING);
const parameters = program.state
  .filter(({ role }) => role === 'parameter')
  .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
if (byHand.parameters !== parameters)
  throw new Error(`not the same model: ${byHand.parameters} parameters by hand, ${parameters} compiled`);
const { size, batch, embedding } = SETTING;
const [x, z] = [noise(batch * size * size * 3), noise(batch * embedding)];

const routes: readonly [Route, Route] = [
  {
    name: 'compiled',
    milliseconds: [],
    processor: [],
    dispatches: 0,
    step: async () => {
      for (const [phase, given] of inputs) {
        await executable.run(phase, given);
        await executable.read(phase, 'finite');
      }
      for (const metric of program.metrics)
        await executable.read(program.phases.at(-1)!.name, `metric/${metric}`);
    },
  },
  {
    name: 'tfjs-webgpu',
    milliseconds: [],
    processor: [],
    dispatches: 0,
    step: async () => void (await byHand.step(x, z)),
  },
];
for (const { step } of routes) for (let i = 0; i < 2; i++) await step();
for (let round = 0; round < ROUNDS; round++) {
  for (const route of routes) {
    dispatches = 0;
    const [wall, used] = [performance.now(), process.cpuUsage()];
    await route.step();
    route.milliseconds.push(performance.now() - wall);
    const { user, system } = process.cpuUsage(used);
    route.processor.push((user + system) / 1000);
    route.dispatches = dispatches;
  }
}
const [compiled, peer] = routes;
const plan = planProgram(program, optimize, { waves: true });
const contractions = plan.graphs
  .filter(({ plan: { name } }) => inputs.some(([phase]) => phase === name))
  .flatMap(({ plan: { launches } }) => launches)
  .filter(({ multiplyAdds }) => multiplyAdds > 0).length;
const onGpu = emitProgram(plan, PROFILES.gpu).graphs;
const wanted = inputs.reduce((sum, [phase]) => sum + onGpu.get(phase)!.length, 0);
console.log(
  `\n${size}x${size}, ${SETTING.filters} filters, batch ${batch}, ${parameters.toLocaleString('en')} parameters, ${options.adapter}`,
);
console.log('route          median ms    CPU ms   dispatches');
for (const { name, milliseconds, processor, dispatches: count } of routes)
  console.log(
    `${name.padEnd(14)}${median(milliseconds).toFixed(0).padStart(10)}${median(processor).toFixed(0).padStart(10)}${String(count).padStart(13)}`,
  );
const ratio = (of: (route: Route) => number): string => (of(peer) / of(compiled)).toFixed(1);
console.log(
  `tfjs-webgpu of compiled: ${ratio((r) => median(r.milliseconds))} time, ${ratio((r) => median(r.processor))} CPU; ` +
    `${contractions} contractions; as a GPU is given them, ${wanted} dispatches`,
);
process.exit(0);
