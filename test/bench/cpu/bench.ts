/**
 * `--backend wasm` against other ways to run the same networks on the same cores, in one run: ratios of medians of
 * alternating rounds.
 *   npm install --prefix test/bench/cpu && npm run bench
 *   npm run bench -- --only step,forward --rounds 9 --spec began-32
 * PyTorch takes part where `python3` (or BENCH_PYTHON) has it, TensorFlow where `setup cuda` brought it, onnxruntime where
 * the package beside this file is installed; a peer that is missing is named.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { compile } from '../../../compiler/compile.js';
import { optimize } from '../../../compiler/passes/optimize.js';
import { planProgram } from '../../../compiler/plan/plan.js';
import type { Program } from '../../../compiler/program.js';
import { CudaEngine } from '../../../runtimes/cuda/engine.js';
import { openCuda } from '../../../runtimes/cuda/open-cuda.js';
import type { Engine } from '../../../runtimes/engine.js';
import { folderLibrary } from '../../../runtimes/node/library-source.js';
import { enableRelaxedSimd } from '../../../runtimes/node/relaxed-simd.js';
import { createTfjsWasmEngine } from '../../../runtimes/node/tfjs-wasm.js';
import { nodeThreads } from '../../../runtimes/node/worker-threads.js';
import { measurePeak } from '../../../runtimes/wasm/measure-peak.js';
import { WasmEngine } from '../../../runtimes/wasm/engine.js';
import { overrideSpec, type Override } from '../../../spec/override.js';
import { beganByHand } from '../models/began-by-hand.js';
import { median, noise, parameterCount, trainingStep } from '../rounds.js';
import { onnxRunners } from './onnx-peers.js';
import { alternating, here, type Measured, type Runner } from './rounds.js';
import { TorchPeer, type TorchSystem } from './torch-peer.js';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'step,threads,forward,growth,compile' },
    spec: { type: 'string', default: 'began-32,began-32-skips,began-64,wgan-32,wgan-gp-32' },
    rounds: { type: 'string', default: '7' },
    slice: { type: 'string', default: '800' },
  },
});
const parts = new Set(options.only.split(','));
const pace = { rounds: Number(options.rounds), slice: Number(options.slice) };

enableRelaxedSimd();
const one = new WasmEngine();
const two = new WasmEngine({ threads: { host: nodeThreads, count: 2 } });

interface Setting {
  readonly name: string;
  readonly torch: Omit<TorchSystem, 'batch' | 'filters' | 'size' | 'embedding'>;
  readonly size: number;
  readonly filters: number;
}

const BEGAN = { objective: 'began', layout: 'after', skip: false, carry: false } as const;
const SETTINGS: readonly Setting[] = [
  { name: 'began-32', torch: BEGAN, size: 32, filters: 32 },
  {
    name: 'began-32-skips',
    torch: { objective: 'began', layout: 'inside', skip: true, carry: true },
    size: 32,
    filters: 32,
  },
  { name: 'began-64', torch: BEGAN, size: 64, filters: 64 },
  { name: 'wgan-32', torch: { objective: 'wgan' }, size: 32, filters: 32 },
  { name: 'wgan-gp-32', torch: { objective: 'wgan_gp' }, size: 32, filters: 32 },
];
const chosen = SETTINGS.filter(({ name }) => options.spec.split(',').includes(name));

function programOf(name: string, overrides: readonly Override[] = []): Program {
  const path = fileURLToPath(new URL(`specs/${name}.yaml`, import.meta.url));
  const source = overrideSpec({ name: path, text: readFileSync(path, 'utf8') }, overrides);
  const { program, diagnostics } = compile(source, folderLibrary());
  if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return program;
}

/** Of the contractions of a step done directly, in FLOP: what every route has to do, however it does it. */
function directFlop(program: Program): number {
  const plan = planProgram(program, optimize);
  const phases = new Set(program.phases.map(({ name }) => name));
  const launches = plan.graphs.filter(({ name }) => phases.has(name)).flatMap((graph) => graph.plan.launches);
  return 2 * launches.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
}

/** Runs in which the engine finds out whether threads pay: in half of them one thread computes. */
const TRIALS = 12;

async function stepOf(engine: Engine, program: Program): Promise<Runner['run']> {
  const step = await trainingStep(program, await engine.load(program));
  if (engine === two) for (let i = 0; i < TRIALS; i++) await step();
  return here(step);
}

const missing: string[] = [];

async function attempt<T>(what: string, make: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    missing.push(`${what}: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`);
    return undefined;
  }
}

const torch = await attempt('PyTorch', async () => {
  const peer = new TorchPeer(2);
  const { version } = await peer.make({ objective: 'wgan', size: 32, filters: 2, embedding: 2, batch: 1 });
  return { peer, version };
});
const cuda = await attempt('TensorFlow', () => openCuda({ allowCpu: true }, process.cwd()));
const tfjs = await attempt('TensorFlow.js', createTfjsWasmEngine);
const clock = () => performance.now();

/** The same model as a user of TensorFlow.js writes it, on tfjs-backend-wasm with the filter gradient that it lacks. */
function byHand(program: Program, { size, filters }: Pick<Setting, 'size' | 'filters'>): Runner {
  const { batch } = program;
  const model = beganByHand(tf, { size, filters, embedding: 64, batch }, 'ports');
  if (model.parameters !== parameterCount(program))
    throw new Error(`not the same model: ${model.parameters} and ${parameterCount(program)} parameters`);
  const [x, z] = [noise(batch * size * size * 3), noise(batch * 64)];
  return {
    name: 'by hand, TensorFlow.js wasm, tf.variableGrads',
    run: here(async () => void (await model.step(x, z))),
    rounds: 2,
  };
}

/** Of one thread, in FLOP a second: between measurements, since a machine's speed changes. */
const peaks: number[] = [];
const lookAtPeak = async (): Promise<void> => void peaks.push((await measurePeak(clock)).flops);
await lookAtPeak();

console.log(`${cpus()[0]!.model.trim()}, ${cpus().length} cores; Node ${process.version}, ${one.name}`);
if (torch !== undefined) console.log(`PyTorch ${torch.version}, 2 threads`);
if (cuda !== undefined) console.log(`TensorFlow ${cuda.binding.TF_Version}`);

function print(title: string, measured: readonly Measured[], flop?: number): void {
  const [ours] = measured;
  console.log(`\n${title}`);
  console.log(
    `${'  times ours'.padEnd(14)}${'CPU'.padStart(8)}${'ms'.padStart(11)}${'from'.padStart(10)}${'to'.padStart(10)}${flop === undefined ? '' : 'GFLOP/s'.padStart(10)}`,
  );
  for (const { name, wall, processor, spread } of measured) {
    const figures = [wall, ...spread].map((figure) => figure.toFixed(2).padStart(10)).join('');
    const rate = flop === undefined ? '' : (flop / wall / 1e6).toFixed(1).padStart(10);
    console.log(
      `${(wall / ours!.wall).toFixed(2).padStart(12)}  ${(processor / ours!.processor).toFixed(2).padStart(8)} ${figures}${rate}  ${name}`,
    );
  }
}

const torchRoute = (name: string, run: Runner['run']): Runner => ({ name: `PyTorch, ${name}`, run });

if (parts.has('step')) {
  for (const { name, torch: system, size, filters } of chosen) {
    const program = programOf(name);
    const runners: Runner[] = [
      { name: 'began-compile, wasm, 2 threads', run: await stepOf(two, program) },
      { name: 'began-compile, wasm, 1 thread', run: await stepOf(one, program) },
    ];
    if (torch !== undefined) {
      const shape = { ...system, size, filters, embedding: 64, batch: program.batch };
      const variants: readonly (readonly [string, Partial<TorchSystem>])[] = [
        ['eager', {}],
        ['channels last', { channels_last: true }],
        ...(system.objective === 'began'
          ? ([
              ['shared backward', { shared: true }],
              ['channels last, shared backward', { channels_last: true, shared: true }],
            ] as const)
          : []),
      ];
      for (const [variant, own] of variants) {
        const model = await torch.peer.make({ shared: false, ...shape, ...own });
        if (model.parameters !== parameterCount(program))
          throw new Error(
            `not the same model: ${model.parameters} and ${parameterCount(program)} parameters`,
          );
        runners.push(torchRoute(variant, model.step));
      }
    }
    if (cuda !== undefined) {
      runners.push({
        name: 'began-compile, TensorFlow graph on the CPU',
        run: await stepOf(new CudaEngine(cuda.binding), program),
      });
    }
    if (tfjs !== undefined && size === 32) {
      runners.push({
        name: 'the same graph, TensorFlow.js wasm op by op',
        run: await stepOf(tfjs, program),
        rounds: 2,
      });
      if (name === 'began-32') runners.push(byHand(program, { size, filters }));
    }
    const flop = directFlop(program);
    const measured = await alternating(runners, pace);
    await lookAtPeak();
    print(
      `One training step of ${name}, batch ${program.batch}, ${parameterCount(program).toLocaleString('en')} parameters`,
      measured,
      flop,
    );
    const peak = median(peaks);
    for (const [threads, { wall }] of [
      [2, measured[0]!],
      [1, measured[1]!],
    ] as const) {
      console.log(
        `  ${threads} thread${threads === 1 ? '' : 's'}: ${((flop / wall / 1e6 / (threads * peak)) * 1e11).toFixed(0)} % of ${threads} x ${(peak / 1e9).toFixed(1)} GFLOP/s, the machine's peak of multiply-adds, direct-equivalent`,
      );
    }
    const { memory } = one.plan(program);
    console.log(
      `  planned heap ${(memory.heapBytes / 2 ** 20).toFixed(1)} MiB of ${((memory.unfusedBytes - memory.stateBytes) / 2 ** 20).toFixed(1)} MiB unfused: ${((100 * memory.heapBytes) / (memory.unfusedBytes - memory.stateBytes)).toFixed(0)} %`,
    );
  }
}

if (parts.has('forward')) {
  for (const { name, torch: system, size, filters } of chosen.filter(({ size }) => size === 32)) {
    const program = programOf(name);
    const runners: Runner[] = [];
    for (const [label, engine] of [
      ['2 threads', two],
      ['1 thread', one],
    ] as const) {
      const executable = await engine.load(program);
      await trainingStep(program, executable);
      const { feeds } = program.outputs.find((output) => output.name === 'generate')!;
      const inputs = {
        feeds: new Map(feeds.map((feed) => [feed.name, noise(feed.shape.reduce((p, s) => p * s, 1))])),
        scalars: new Map(program.outputs[0]!.scalars.map((scalar) => [scalar.name, 0.5])),
      };
      runners.push({
        name: `began-compile, wasm, ${label}`,
        run: here(() => executable.run('generate', inputs)),
      });
    }
    if (torch !== undefined) {
      const shape = { ...system, shared: false, size, filters, embedding: 64, batch: program.batch };
      runners.push(torchRoute('eager', (await torch.peer.make(shape)).forward));
      runners.push(
        torchRoute('channels last', (await torch.peer.make({ ...shape, channels_last: true })).forward),
      );
    }
    runners.push(...((await attempt('onnxruntime', () => onnxRunners(name, program))) ?? []));
    print(`Generator of ${name}, ${program.batch} images`, await alternating(runners, pace));
  }
}

if (parts.has('threads')) {
  console.log('\nOne thread against two: training steps');
  for (const { name } of chosen) {
    const program = programOf(name);
    const [alone, together] = await alternating(
      [
        { name: '1', run: await stepOf(one, program) },
        { name: '2', run: await stepOf(two, program) },
      ],
      pace,
    );
    console.log(`  ${(alone!.wall / together!.wall).toFixed(2)}  ${name}`);
  }
}

if (parts.has('growth')) {
  console.log(
    '\nGrowth of began-32 on 2 threads: direct-equivalent rate of a training step, of twice the peak of multiply-adds, and ms',
  );
  const rows: Readonly<Record<string, readonly [readonly string[], values: readonly number[]]>> = {
    batch: [['train.batch'], [4, 8, 16, 32]],
    filters: [['hyper.n'], [8, 16, 32, 64]],
    size: [
      ['data.x.size', 'networks.G.with.size', 'networks.D.with.size'],
      [16, 32, 64],
    ],
  };
  for (const [what, [paths, values]] of Object.entries(rows)) {
    for (const value of values) {
      const program = programOf(
        'began-32',
        paths.map((path) => ({ path, value: String(value) })),
      );
      await lookAtPeak();
      const [measured] = await alternating([{ name: what, run: await stepOf(two, program) }], pace);
      await lookAtPeak();
      const rate = (directFlop(program) / measured!.wall) * 1000;
      const share = rate / (2 * median(peaks.slice(-2)));
      console.log(
        `  ${what.padEnd(8)} ${String(value).padStart(4)}  ${(100 * share).toFixed(0).padStart(5)} %  ${measured!.wall.toFixed(2).padStart(9)} ms`,
      );
    }
  }
}

if (parts.has('compile')) {
  console.log('\nFrom a spec to a program that is ready to run, once, in this process');
  for (const { name } of chosen) {
    const begun = performance.now();
    (await two.load(programOf(name))).dispose();
    console.log(`  ${((performance.now() - begun) / 1000).toFixed(2)} s  ${name}`);
  }
}

for (const line of missing) console.log(`\nNot measured - ${line}`);
torch?.peer.end();
process.exit(0);
