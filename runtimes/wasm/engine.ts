/**
 * The wasm engine: a program becomes one module over one memory, made once; a run writes the inputs, makes one call
 * and leaves the values where they can be read. Nothing is allocated per step but what `read` gives away.
 */
import type { Graph } from '../../compiler/graph/graph.js';
import { optimize } from '../../compiler/passes/optimize.js';
import { planProgram } from '../../compiler/plan/plan.js';
import type { PlacedGraph, ProgramPlan } from '../../compiler/plan/plan.js';
import type { Program } from '../../compiler/program.js';
import { emitProgram, PAGE_BYTES } from '../../compiler/wasm/module.js';
import type { Engine, Executable, GraphInputs } from '../engine.js';
import { webAssembly } from './web-assembly.js';
import type { WasmExports, WasmMemory } from './web-assembly.js';

export interface WasmEngineOptions {
  /** Memory to live in; grown where it is too small. Without it the engine makes its own. */
  readonly memory?: WasmMemory | undefined;
  /** The byte address in `memory` from which on the program may use it; a multiple of 64. */
  readonly base?: number | undefined;
  /** What is done to each graph before it is planned; the passes, unless a test wants the graph as it is. */
  readonly optimise?: ((graph: Graph) => Graph) | undefined;
}

export class WasmEngine implements Engine {
  readonly name = 'wasm';
  readonly #options: WasmEngineOptions;

  constructor(options: WasmEngineOptions = {}) {
    this.#options = options;
  }

  async load(program: Program): Promise<WasmExecutable> {
    return loadPlan(
      planProgram(program, this.#options.optimise ?? ((graph) => optimize(graph))),
      this.#options,
    );
  }
}

/** Makes a plan ready to run. */
export async function loadPlan(
  plan: ProgramPlan,
  options: Pick<WasmEngineOptions, 'memory' | 'base'> = {},
): Promise<WasmExecutable> {
  const base = options.base ?? 0;
  const pages = Math.ceil((base + plan.memory.plannedBytes) / PAGE_BYTES);
  const memory = options.memory ?? new webAssembly.Memory({ initial: pages });
  const present = memory.buffer.byteLength / PAGE_BYTES;
  if (present < pages) memory.grow(pages - present);
  const { bytes, kernels, launches } = emitProgram(plan);
  const module = await webAssembly.compile(bytes);
  const instance = await webAssembly.instantiate(module, {
    host: { memory, base: new webAssembly.Global({ value: 'i32', mutable: false }, base) },
  });
  return new WasmExecutable(plan, memory, base, instance.exports, { bytes: bytes.length, kernels, launches });
}

export interface ModuleSummary {
  readonly bytes: number;
  /** Functions after equal kernels were shared. */
  readonly kernels: number;
  readonly launches: number;
}

export class WasmExecutable implements Executable {
  readonly plan: ProgramPlan;
  readonly module: ModuleSummary;
  readonly #memory: WasmMemory;
  readonly #base: number;
  readonly #exports: WasmExports;
  readonly #graphs: ReadonlyMap<string, PlacedGraph>;
  #view: Float32Array;
  #disposed = false;

  constructor(
    plan: ProgramPlan,
    memory: WasmMemory,
    base: number,
    exports: WasmExports,
    module: ModuleSummary,
  ) {
    this.plan = plan;
    this.module = module;
    this.#memory = memory;
    this.#base = base;
    this.#exports = exports;
    this.#graphs = new Map(plan.graphs.map((graph) => [graph.plan.name, graph]));
    this.#view = new Float32Array(memory.buffer);
    // State is zero until written, and a memory given from outside may have been used.
    this.#floats().fill(0, base / 4, (base + plan.memory.stateBytes) / 4);
  }

  get memory(): { readonly plannedBytes: number } {
    return this.plan.memory;
  }

  async run(name: string, inputs: GraphInputs): Promise<void> {
    this.runNow(name, inputs);
  }

  /** What `run` does, without a promise. */
  runNow(name: string, inputs: GraphInputs): void {
    const graph = this.#graph(name);
    const floats = this.#floats();
    for (const [feed, { offset, elements }] of graph.feeds) {
      const values = inputs.feeds.get(feed);
      if (values === undefined) throw new Error(`${name} needs the feed ${feed}`);
      if (values.length !== elements)
        throw new RangeError(`the feed ${feed} of ${name} has ${elements} elements, not ${values.length}`);
      floats.set(values, (this.#base + offset) / 4);
    }
    for (const [scalar, { offset }] of graph.scalars) {
      const value = inputs.scalars.get(scalar);
      if (value === undefined) throw new Error(`${name} needs the scalar ${scalar}`);
      floats[(this.#base + offset) / 4] = value;
    }
    (this.#exports[name] as () => void)();
  }

  async read(name: string, value: string): Promise<Float32Array> {
    const place = this.#graph(name).values.get(value);
    if (place === undefined) throw new Error(`${name} has no value ${value}`);
    return this.#copyOut(place);
  }

  async readState(name: string): Promise<Float32Array> {
    return this.#copyOut(this.#state(name));
  }

  async writeState(name: string, values: ArrayLike<number>): Promise<void> {
    const { offset, elements } = this.#state(name);
    if (values.length !== elements)
      throw new RangeError(`the state ${name} has ${elements} elements, not ${values.length}`);
    this.#floats().set(values, (this.#base + offset) / 4);
  }

  /** Runs tiles of launch number `at` of a graph alone (all of them when left out): for profiles and tests. */
  runLaunch(name: string, at: number, tileBegin = 0, tileEnd?: number): void {
    const { tiles } = this.#graph(name).plan.launches[at]!.kernel;
    const launch = this.#exports[`${name}#${at}`] as (scratch: number, begin: number, end: number) => void;
    launch(this.#base + this.plan.scratchOffset, tileBegin, tileEnd ?? tiles);
  }

  dispose(): void {
    this.#disposed = true;
    this.#view = new Float32Array(0);
  }

  #graph(name: string): PlacedGraph {
    if (this.#disposed) throw new Error('the program was disposed of');
    const graph = this.#graphs.get(name);
    if (graph === undefined) throw new Error(`the program has no phase or output ${name}`);
    return graph;
  }

  #state(name: string): { readonly offset: number; readonly elements: number } {
    if (this.#disposed) throw new Error('the program was disposed of');
    const place = this.plan.state.get(name);
    if (place === undefined) throw new Error(`the program has no state ${name}`);
    return place;
  }

  /** The memory as floats; made anew after it has grown, which detaches the old buffer. */
  #floats(): Float32Array {
    if (this.#view.buffer !== this.#memory.buffer) this.#view = new Float32Array(this.#memory.buffer);
    return this.#view;
  }

  #copyOut({ offset, elements }: { readonly offset: number; readonly elements: number }): Float32Array {
    const start = (this.#base + offset) / 4;
    return this.#floats().slice(start, start + elements);
  }
}
