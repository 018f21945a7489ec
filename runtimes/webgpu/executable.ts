/** A loaded program on a device: its memory, its pipelines, and the dispatches of each graph. */
import type { GraphLayout, ProgramLayout, TensorPlace } from '../../compiler/plan/layout.js';
import { TABLE_ENTRIES } from '../../compiler/webgpu/module.js';
import type { Dispatch, WebgpuProgram } from '../../compiler/webgpu/program.js';
import type { Executable, GraphInputs, RunQueue } from '../engine.js';
import { requireFeed, requireScalar, requireStateSize } from '../required-inputs.js';
import { checked, requireLimits, requirePresent } from './failures.js';
import { Readback } from './readback.js';

/** Alignment of dynamic uniform offsets that every device allows. */
const SLOT_BYTES = 256;
/** Of a table, as shaders declare it. */
const TABLE_BYTES = 4 * TABLE_ENTRIES;
/** Values up to this many elements come back with every run; larger ones when they are read. */
const SMALL_VALUE = 256;
/** Steps on their way to the device. Two keep it busy while numbers travel; more let a host be late now and then. */
const QUEUED_STEPS = 4;

interface LoadedGraph {
  readonly placed: GraphLayout;
  readonly dispatches: readonly LoadedDispatch[];
  /** The small values, together. */
  readonly small: Readback;
}

interface LoadedDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly groups: Dispatch['groups'];
  /** Of its table in the uniform buffer, in bytes. */
  readonly slot: number;
}

export class WebgpuExecutable implements Executable {
  readonly plan: ProgramLayout;
  /** Dispatches of each graph. */
  readonly dispatches: ReadonlyMap<string, number>;
  readonly #device: GPUDevice;
  readonly #memory: GPUBuffer;
  readonly #uniforms: GPUBuffer;
  readonly #bindings: GPUBindGroup;
  readonly #graphs: ReadonlyMap<string, LoadedGraph>;
  /** Of large values and of state, by where they lie. */
  readonly #staging = new Map<string, Readback>();

  private constructor(
    device: GPUDevice,
    plan: ProgramLayout,
    buffers: { readonly memory: GPUBuffer; readonly uniforms: GPUBuffer; readonly bindings: GPUBindGroup },
    graphs: ReadonlyMap<string, LoadedGraph>,
  ) {
    this.plan = plan;
    this.#device = device;
    this.#memory = buffers.memory;
    this.#uniforms = buffers.uniforms;
    this.#bindings = buffers.bindings;
    this.#graphs = graphs;
    this.dispatches = new Map([...graphs].map(([name, { dispatches }]) => [name, dispatches.length]));
  }

  static async create(
    device: GPUDevice,
    plan: ProgramLayout,
    { shaders, graphs }: WebgpuProgram,
  ): Promise<WebgpuExecutable> {
    const { plannedBytes } = plan.memory;
    requireLimits(device, plannedBytes);
    // Tables lie as close as offsets may; what is bound reaches beyond a short one.
    const slots = new Map<Dispatch, number>();
    let tableBytes = 0;
    for (const dispatch of [...graphs.values()].flat()) {
      slots.set(dispatch, tableBytes);
      tableBytes += Math.ceil((4 * dispatch.table.length) / SLOT_BYTES) * SLOT_BYTES;
    }

    const { memory, uniforms, bindings, layout } = await checked(device, 'its memory', () => {
      const memory = device.createBuffer({
        size: Math.ceil(plannedBytes / 16) * 16,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
      });
      const uniforms = device.createBuffer({
        size: tableBytes + TABLE_BYTES,
        usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      });
      const group = device.createBindGroupLayout({
        entries: [
          { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'storage' } },
          {
            binding: 1,
            visibility: GPUShaderStage.COMPUTE,
            buffer: { type: 'uniform', hasDynamicOffset: true },
          },
        ],
      });
      const bindings = device.createBindGroup({
        layout: group,
        entries: [
          { binding: 0, resource: { buffer: memory } },
          { binding: 1, resource: { buffer: uniforms, size: TABLE_BYTES } },
        ],
      });
      const layout = device.createPipelineLayout({ bindGroupLayouts: [group] });
      return { memory, uniforms, bindings, layout };
    });
    const pipelines = await checked(device, 'its shaders', () =>
      Promise.all(
        shaders.map((code) =>
          device.createComputePipelineAsync({
            layout,
            compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
          }),
        ),
      ),
    );

    const tables = new Uint32Array(tableBytes / 4);
    for (const [{ table }, slot] of slots) tables.set(table, slot / 4);
    device.queue.writeBuffer(uniforms, 0, tables);
    const loaded = new Map<string, LoadedGraph>();
    for (const placed of plan.graphs) {
      const { name } = placed;
      const dispatches = graphs.get(name)!.map((dispatch): LoadedDispatch => ({
        pipeline: pipelines[dispatch.shader]!,
        groups: dispatch.groups,
        slot: slots.get(dispatch)!,
      }));
      const small = [...placed.values].filter(([, { elements }]) => elements <= SMALL_VALUE);
      loaded.set(name, { placed, dispatches, small: new Readback(device, memory, new Map(small)) });
    }
    return new WebgpuExecutable(device, plan, { memory, uniforms, bindings }, loaded);
  }

  get memory(): { readonly plannedBytes: number } {
    return this.plan.memory;
  }

  async run(name: string, inputs: GraphInputs): Promise<void> {
    this.writeInputs(name, inputs);
    const { dispatches, small } = this.#graph(name);
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    let last: GPUComputePipeline | undefined;
    for (const dispatch of dispatches) {
      this.#record(pass, dispatch, last);
      last = dispatch.pipeline;
    }
    pass.end();
    small.copy(encoder);
    this.#device.queue.submit([encoder.finish()]);
  }

  /** What `run` does first: for profiles. */
  writeInputs(name: string, inputs: GraphInputs): void {
    requirePresent(this.#device);
    const { placed } = this.#graph(name);
    const { queue } = this.#device;
    for (const [feed, { offset, elements }] of placed.feeds) {
      queue.writeBuffer(this.#memory, offset, requireFeed(name, feed, elements, inputs));
    }
    for (const [scalar, { offset }] of placed.scalars) {
      queue.writeBuffer(this.#memory, offset, Float32Array.of(requireScalar(name, scalar, inputs)));
    }
  }

  /** What puts each dispatch of a graph into a pass, in order, and what has to follow the last one: for profiles. */
  parts(name: string): {
    readonly dispatches: readonly ((pass: GPUComputePassEncoder) => void)[];
    readonly collect: (encoder: GPUCommandEncoder) => void;
  } {
    const { dispatches, small } = this.#graph(name);
    return {
      dispatches: dispatches.map((dispatch) => (pass) => this.#record(pass, dispatch, undefined)),
      collect: (encoder) => small.copy(encoder),
    };
  }

  async read(name: string, value: string): Promise<Float32Array> {
    const { placed, small } = this.#graph(name);
    if (small.holds(value)) return await this.#arrived(small.take().read(value));
    const place = placed.values.get(value);
    if (place === undefined) throw new Error(`${name} has no value ${value}`);
    return await this.#fetch(place);
  }

  readonly queue: RunQueue = {
    depth: QUEUED_STEPS,
    lastRun: (name) => {
      const copy = this.#graph(name).small.take();
      return { read: (value) => this.#arrived(copy.read(value)) };
    },
  };

  /** Buffers that the small values of a graph have come back through: as many as were on their way at once. */
  readbackBuffers(name: string): number {
    return this.#graph(name).small.buffers;
  }

  async readState(name: string): Promise<Float32Array> {
    return await this.#fetch(this.#state(name));
  }

  async writeState(name: string, values: ArrayLike<number>): Promise<void> {
    requirePresent(this.#device);
    const { offset, elements } = this.#state(name);
    requireStateSize(name, elements, values);
    this.#device.queue.writeBuffer(this.#memory, offset, Float32Array.from(values));
  }

  dispose(): void {
    this.#memory.destroy();
    this.#uniforms.destroy();
    for (const { small } of this.#graphs.values()) small.dispose();
    for (const staging of this.#staging.values()) staging.dispose();
  }

  /** Throws DiagnosticError webgpu/device-lost where what was on its way was lost with the device. */
  async #arrived<T>(values: Promise<T>): Promise<T> {
    try {
      return await values;
    } catch (error) {
      // A map is refused before the device says that it is lost.
      await Promise.allSettled([this.#device.queue.onSubmittedWorkDone()]);
      requirePresent(this.#device);
      throw error;
    }
  }

  async #fetch(place: TensorPlace): Promise<Float32Array> {
    requirePresent(this.#device);
    const key = `${place.offset} ${place.elements}`;
    let staging = this.#staging.get(key);
    if (staging === undefined) {
      staging = new Readback(this.#device, this.#memory, new Map([['', place]]));
      this.#staging.set(key, staging);
    }
    const encoder = this.#device.createCommandEncoder();
    staging.copy(encoder);
    this.#device.queue.submit([encoder.finish()]);
    return await this.#arrived(staging.take().read(''));
  }

  /** `last` is the pipeline that the pass has. */
  #record(
    pass: GPUComputePassEncoder,
    { pipeline, groups, slot }: LoadedDispatch,
    last: GPUComputePipeline | undefined,
  ): void {
    if (pipeline !== last) pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.#bindings, [slot]);
    pass.dispatchWorkgroups(...groups);
  }

  #graph(name: string): LoadedGraph {
    const graph = this.#graphs.get(name);
    if (graph === undefined) throw new Error(`no phase or output ${name}`);
    return graph;
  }

  #state(name: string): TensorPlace {
    const place = this.plan.state.get(name);
    if (place === undefined) throw new Error(`no state ${name}`);
    return place;
  }
}
