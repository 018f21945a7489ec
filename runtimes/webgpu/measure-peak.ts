/** The rate of multiply-adds that a device reaches at most. */
import type { Clock, Peak } from '../profilable.js';
import { checked } from './failures.js';

const GROUP = 256;
const CHAINS = 8;
const ROUNDS = 512;
/** Of a group: every thread has its chains of four numbers. */
const FLOP = GROUP * CHAINS * 4 * 2 * ROUNDS;
/** Milliseconds that make submitting and waiting small beside the work. */
const LONG_ENOUGH = 30;
const MOST_GROUPS = 65_535;

const chains = (write: (chain: string) => string, joined: string): string =>
  Array.from({ length: CHAINS }, (_, i) => write(`x${i}`)).join(joined);

/** Which of them is fast is up to the driver. */
const WAYS: readonly ((x: string) => string)[] = [(x) => `fma(${x}, a, b)`, (x) => `${x} * a + b`];

/** Factors come from memory, where the compiler cannot see that numbers stay at 1. */
const shader = (
  next: (x: string) => string,
): string => `@group(0) @binding(0) var<storage, read_write> memory: array<vec4f>;
@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = memory[0];
  let b = memory[1];
  ${chains((x) => `var ${x} = vec4f(f32(id.x));`, '\n  ')}
  for (var i = 0; i < ${ROUNDS}; i++) {
    ${chains((x) => `${x} = ${next(x)};`, '\n    ')}
  }
  let sum = ${chains((x) => x, ' + ')};
  if (sum.x == -1.0) { memory[2] = sum; }
}
`;

/** The faster of two ways to write a multiply-add. Throws DiagnosticError webgpu/refused. */
export async function measurePeak(device: GPUDevice, clock: Clock): Promise<Peak> {
  let flops = 0;
  for (const way of WAYS) flops = Math.max(flops, await rateOf(device, shader(way), clock));
  return {
    flops,
    method: 'Multiply-adds of WGSL on registers, in as many threads as the device takes at once.',
  };
}

/** FLOP in a second: the best of three after as many groups as take some time. */
async function rateOf(device: GPUDevice, code: string, clock: Clock): Promise<number> {
  const { memory, pipeline, bindings } = await checked(device, 'the measurement of its peak', async () => {
    const memory = device.createBuffer({ size: 48, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
    const pipeline = await device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
    });
    const layout = pipeline.getBindGroupLayout(0);
    const entries = [{ binding: 0, resource: { buffer: memory } }];
    return { memory, pipeline, bindings: device.createBindGroup({ layout, entries }) };
  });
  device.queue.writeBuffer(memory, 0, new Float32Array(8).fill(0.5));
  const time = async (groups: number): Promise<number> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(groups);
    pass.end();
    const before = clock();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return clock() - before;
  };
  let groups = 16;
  while ((await time(groups)) < LONG_ENOUGH && groups < MOST_GROUPS)
    groups = Math.min(MOST_GROUPS, 2 * groups);
  let best = Infinity;
  for (let call = 0; call < 3; call++) best = Math.min(best, await time(groups));
  memory.destroy();
  return (FLOP * groups) / (best / 1000);
}
