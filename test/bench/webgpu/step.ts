/**
 * Training steps of BEGAN on a GPU, by what the GPU's own clock says of every dispatch: where the time of a step goes, and
 * what share of the multiply-adds that the device can do its contractions reach.
 *   npx rolldown test/bench/webgpu/step.ts --platform node --format esm --external webgpu --file test/bench/webgpu-step.tmp.mjs
 *   node test/bench/webgpu-step.tmp.mjs gpu 32x16x64x16 64x64x64x16 examples/faces-32.yaml
 * A setting is size x filters x embedding x batch, or a spec; the first word names profiles, joined by commas. Noise goes in
 * as data, so the numbers mean nothing; the time does.
 */
import { readFileSync } from 'node:fs';
import { create, globals } from 'webgpu';
import { compile } from '../../../compiler/compile.js';
import { optimize } from '../../../compiler/passes/optimize.js';
import { planProgram } from '../../../compiler/plan/plan.js';
import { PROFILES, type Profile } from '../../../compiler/webgpu/profile.js';
import { TABLE_ENTRIES } from '../../../compiler/webgpu/module.js';
import { emitProgram, type WebgpuProgram } from '../../../compiler/webgpu/program.js';
import { folderLibrary } from '../../../runtimes/node/library-source.js';
import { describeAdapter } from '../../../runtimes/webgpu/adapter.js';
import { WebgpuExecutable } from '../../../runtimes/webgpu/executable.js';
import { beganSpec } from '../models/began-spec.js';
import { alternate, median, noise, parameterCount, trainingStep } from '../rounds.js';

const [profileNames = 'gpu', ...given] = process.argv.slice(2);
const settings = given.length === 0 ? ['32x16x64x16'] : given;
const TOP = Number(process.env['TOP'] ?? 12);
const WARM_MS = Number(process.env['WARM_MS'] ?? 2500);
const ROUNDS = Number(process.env['ROUNDS'] ?? 60);
const STEPS = Number(process.env['STEPS'] ?? 30);

const profiles: Readonly<Record<string, Profile>> = {
  ...PROFILES,
  registers: { ...PROFILES.gpu, name: 'gpu without tiles', tiles: false },
  apart: { ...PROFILES.gpu, name: 'gpu, each launch by itself', joinsWaves: false },
};

Object.assign(globalThis, globals);
// Dawn ends with its entry point, so that it is held for as long as this runs.
const gpu = create([
  'disable-dawn-features=timestamp_quantization',
  ...(process.env['DAWN']?.split(' ') ?? []),
]);
process.on('exit', () => void gpu);
const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
if (adapter === null) throw new Error('no adapter');
const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
const device = await adapter.requestDevice({
  requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  requiredFeatures: adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
});
console.log(describeAdapter(adapter), {
  maxBufferSize,
  maxStorageBufferBindingSize,
  maxComputeWorkgroupStorageSize: adapter.limits.maxComputeWorkgroupStorageSize,
  maxComputeInvocationsPerWorkgroup: adapter.limits.maxComputeInvocationsPerWorkgroup,
});
console.log([...adapter.features].join(' '));
const peak = await multiplyAddRate();
console.log(`${(peak / 1e12).toFixed(1)} TFLOP/s of multiply-adds in registers`);
console.log(`${(await roundTrip()).toFixed(0)} us from an empty submission to its values on the host`);

for (const setting of settings) {
  for (const name of profileNames.split(',')) await measure(setting, profiles[name]!);
}
process.exit(0);

async function measure(setting: string, profile: Profile): Promise<void> {
  const text = setting.endsWith('.yaml') ? readFileSync(setting, 'utf8') : beganText(setting);
  const { program } = compile({ name: 'bench.yaml', text }, folderLibrary());
  if (program === undefined) throw new Error('the spec has errors');
  const plan = planProgram(program, optimize, { wide: true });
  const emitted = emitProgram(plan, profile);
  const begun = performance.now();
  const executable = await WebgpuExecutable.create(device, plan, emitted);
  const loaded = performance.now() - begun;
  const step = await trainingStep(program, executable);
  // A GPU that idles takes a while to reach its clock.
  for (const warm = performance.now(); performance.now() < warm + WARM_MS;) await step();
  const [times] = await alternate([{ name: setting, step }], { warmUp: 1, rounds: 9, steps: STEPS });

  // Every dispatch in a pass of its own, between two readings of the GPU's clock.
  const phases = new Set(program.phases.map((phase) => phase.name));
  const rows: { readonly ms: number; readonly text: string; readonly work: number; readonly kind: string }[] =
    [];
  const timed = await dispatchTimes(plan.memory.plannedBytes, emitted);
  let work = 0;
  for (const phase of phases) {
    const dispatches = emitted.graphs.get(phase)!;
    const launches = plan.graphs.find((graph) => graph.name === phase)!.plan.launches;
    const byName = new Map(launches.map((launch) => [launch.name, launch]));
    dispatches.forEach((dispatch, i) => {
      const own = dispatch.names.map((launch) => byName.get(launch)!);
      const flops = 2 * own.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
      work += flops;
      const heaviest = [...own].sort((a, b) => b.multiplyAdds - a.multiplyAdds)[0]!;
      rows.push({
        ms: timed.get(phase)?.[i] ?? 0,
        work: flops,
        kind: heaviest.kernel.kind,
        text: `${String(dispatch.groups[0] * dispatch.groups[1]).padStart(6)} groups ${String(own.length).padStart(3)} launches  ${heaviest.kernel.kind} [${heaviest.shape.join()}] ${heaviest.name}`,
      });
    });
  }
  const sum = rows.reduce((total, { ms }) => total + ms, 0);
  console.log(
    `\n${setting}, profile ${profile.name}: ${parameterCount(program).toLocaleString('en')} parameters, ` +
      `${(plan.memory.plannedBytes / 2 ** 20).toFixed(0)} MiB, loaded in ${loaded.toFixed(0)} ms\n` +
      `step ${median(times!.wall).toFixed(3)} ms (CPU ${median(times!.processor).toFixed(3)}), ${rows.length} dispatches, ` +
      `sum of their times ${sum.toFixed(3)} ms, ${(work / 1e9).toFixed(2)} GFLOP, ` +
      `${((100 * work) / (median(times!.wall) / 1e3) / peak).toFixed(1)} % of the peak in the step, ${((100 * work) / (sum / 1e3) / peak).toFixed(1)} % in dispatches`,
  );
  const kinds = new Map<string, { ms: number; work: number; count: number }>();
  for (const { ms, work: flops, kind } of rows) {
    const own = kinds.get(kind) ?? { ms: 0, work: 0, count: 0 };
    kinds.set(kind, { ms: own.ms + ms, work: own.work + flops, count: own.count + 1 });
  }
  for (const [kind, own] of kinds)
    console.log(
      `  ${kind.padEnd(18)} ${String(own.count).padStart(4)} dispatches ${own.ms.toFixed(3)} ms ${(own.work / own.ms / 1e9).toFixed(2)} TFLOP/s`,
    );
  for (const { ms, work: flops, text } of [...rows].sort((a, b) => b.ms - a.ms).slice(0, TOP))
    console.log(
      `  ${(ms * 1e3).toFixed(1).padStart(8)} us ${(flops / ms / 1e9).toFixed(2).padStart(6)} TFLOP/s ${text}`,
    );
  executable.dispose();
}

function beganText(setting: string): string {
  const [size, filters, embedding, batch] = setting.split('x').map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return beganSpec({ size, filters, embedding, batch });
}

/** Medians, in milliseconds, of the dispatches of every graph, over a memory of noise. */
async function dispatchTimes(
  bytes: number,
  { shaders, graphs }: WebgpuProgram,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, readonly number[]>();
  if (!device.features.has('timestamp-query')) return found;
  const layout = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'storage' } },
      { binding: 1, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'uniform' } },
    ],
  });
  const pipelines = await Promise.all(
    shaders.map((code) =>
      device.createComputePipelineAsync({
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
      }),
    ),
  );
  const memory = device.createBuffer({
    size: Math.ceil(bytes / 16) * 16,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
  });
  const random = noise(2 ** 20);
  for (let at = 0; at < bytes; at += random.byteLength)
    device.queue.writeBuffer(memory, at, random, 0, Math.min(random.length, Math.floor((bytes - at) / 4)));
  for (const [graph, dispatches] of graphs) {
    const count = dispatches.length;
    const tables = dispatches.map(({ table }) => {
      const uniform = device.createBuffer({
        size: 4 * TABLE_ENTRIES,
        usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      });
      device.queue.writeBuffer(uniform, 0, Uint32Array.from(table));
      return device.createBindGroup({
        layout,
        entries: [
          { binding: 0, resource: { buffer: memory } },
          { binding: 1, resource: { buffer: uniform } },
        ],
      });
    });
    const queries = device.createQuerySet({ type: 'timestamp', count: 2 * count });
    const resolved = device.createBuffer({
      size: 16 * count,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const read = device.createBuffer({
      size: 16 * count,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const all: number[][] = Array.from({ length: count }, () => []);
    for (let round = 0; round < ROUNDS; round++) {
      const encoder = device.createCommandEncoder();
      dispatches.forEach(({ shader, groups }, i) => {
        const pass = encoder.beginComputePass({
          timestampWrites: {
            querySet: queries,
            beginningOfPassWriteIndex: 2 * i,
            endOfPassWriteIndex: 2 * i + 1,
          },
        });
        pass.setPipeline(pipelines[shader]!);
        pass.setBindGroup(0, tables[i]);
        pass.dispatchWorkgroups(...groups);
        pass.end();
      });
      encoder.resolveQuerySet(queries, 0, 2 * count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, read, 0, 16 * count);
      device.queue.submit([encoder.finish()]);
      await read.mapAsync(GPUMapMode.READ);
      const ticks = new BigUint64Array(read.getMappedRange());
      for (let i = 0; i < count; i++) all[i]!.push(Number(ticks[2 * i + 1]! - ticks[2 * i]!) / 1e6);
      read.unmap();
    }
    for (const buffer of [resolved, read]) buffer.destroy();
    queries.destroy();
    found.set(graph, all.map(median));
  }
  memory.destroy();
  return found;
}

/** What the device does in registers: 16 chains of multiply-adds in each of many threads. */
async function multiplyAddRate(): Promise<number> {
  const [groups, turns, chains] = [16_384, 1024, 16];
  const names = Array.from({ length: chains }, (_, i) => `v${i}`);
  const code = `@group(0) @binding(0) var<storage, read_write> memory: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  let f = memory[0];
  ${names.map((name, i) => `var ${name} = f32(id.x + ${i}u);`).join(' ')}
  for (var i = 0u; i < ${turns}u; i++) { ${names.map((name) => `${name} = fma(${name}, f, f);`).join(' ')} }
  if (${names.join(' + ')} == 1.5f) { memory[1] = 1.0f; }
}`;
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  });
  const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  });
  const run = async (times: number): Promise<number> => {
    const begun = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(groups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - begun) / 1e3;
  };
  await run(1);
  const times = describeAdapter(adapter!).software ? 1 : 20;
  const seconds = Math.min(await run(times), await run(times));
  return (2 * groups * 64 * turns * chains * times) / seconds;
}

/** Median microseconds of a copy that is submitted and mapped. */
async function roundTrip(): Promise<number> {
  const from = device.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_SRC });
  const to = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const times: number[] = [];
  for (let i = 0; i < 201; i++) {
    const begun = performance.now();
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, 0, 16);
    device.queue.submit([encoder.finish()]);
    await to.mapAsync(GPUMapMode.READ);
    to.unmap();
    times.push((performance.now() - begun) * 1e3);
  }
  return median(times);
}
