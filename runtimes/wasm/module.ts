/** A generated module, compiled and given its memory: what runs a program of which the layout is known. */
import type { GraphLayout, ProgramLayout, TensorPlace } from '../../compiler/plan/layout.js';
import type { Executable, GraphInputs } from '../engine.js';
import { requireFeed, requireScalar, requireStateSize } from '../required-inputs.js';
import { allocate, growTo, pagesFor } from './allocate.js';
import { webAssembly } from './web-assembly.js';
import type { WasmExports, WasmMemory } from './web-assembly.js';

export interface ModuleOptions {
  /** Memory to live in; grown where it is too small. Without it the engine makes its own. */
  readonly memory?: WasmMemory | undefined;
  /** The byte address in `memory` from which on the program may use it; a multiple of 64. */
  readonly base?: number | undefined;
}

/** Where a program lies. */
export interface Home {
  readonly memory: WasmMemory;
  readonly base: number;
}

/** A module that has its memory. */
export interface Instance extends Home {
  readonly module: object;
  readonly exports: WasmExports;
}

/** Makes a module ready to run. */
export async function loadModule(
  layout: ProgramLayout,
  bytes: Uint8Array,
  options: ModuleOptions = {},
): Promise<LoadedModule> {
  return new LoadedModule(layout, await instantiate(bytes, homeOf(layout, options)));
}

/** As much memory as a program plans, given or made. Throws DiagnosticError wasm/too-large. */
export function homeOf(layout: ProgramLayout, { memory: given, base = 0 }: ModuleOptions): Home {
  const pages = pagesFor(base + layout.memory.plannedBytes);
  const memory = given ?? allocate(pages);
  growTo(memory, pages);
  return { memory, base };
}

/** Compiles a module for a program that lies somewhere. */
export async function instantiate(bytes: Uint8Array, { memory, base }: Home): Promise<Instance> {
  const module = await webAssembly.compile(bytes);
  const { exports } = await webAssembly.instantiate(module, {
    host: { memory, base: new webAssembly.Global({ value: 'i32', mutable: false }, base) },
  });
  return { memory, base, module, exports };
}

type Launch = (scratch: number, tileBegin: number, tileEnd: number) => void;

export class LoadedModule implements Executable {
  readonly #layout: ProgramLayout;
  readonly #instance: Instance;
  readonly #graphs: ReadonlyMap<string, GraphLayout>;
  #view: Float32Array;
  #disposed = false;

  constructor(layout: ProgramLayout, instance: Instance) {
    this.#layout = layout;
    this.#instance = instance;
    const { memory, base } = instance;
    this.#graphs = new Map(layout.graphs.map((graph) => [graph.name, graph]));
    this.#view = new Float32Array(memory.buffer);
    // State is zero until written, and a memory given from outside may have been used.
    this.#floats().fill(0, base / 4, (base + layout.memory.stateBytes) / 4);
  }

  get memory(): { readonly plannedBytes: number } {
    return this.#layout.memory;
  }

  async run(name: string, inputs: GraphInputs): Promise<void> {
    this.runNow(name, inputs);
  }

  /** What `run` does, without a promise. */
  runNow(name: string, inputs: GraphInputs): void {
    this.writeInputs(name, inputs);
    (this.graphCall(name) as () => void)();
  }

  /** What `run` does first: for profiles. */
  writeInputs(name: string, inputs: GraphInputs): void {
    const graph = this.#graph(name);
    const floats = this.#floats();
    for (const [feed, { offset, elements }] of graph.feeds) {
      floats.set(requireFeed(name, feed, elements, inputs), (this.#instance.base + offset) / 4);
    }
    for (const [scalar, { offset }] of graph.scalars) {
      floats[(this.#instance.base + offset) / 4] = requireScalar(name, scalar, inputs);
    }
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
    requireStateSize(name, elements, values);
    this.#floats().set(values, (this.#instance.base + offset) / 4);
  }

  /** Launch number `at` of a graph, which runs a range of its tiles: for profiles and tests. */
  protected launch(name: string, at: number, scratch: number): (tileBegin: number, tileEnd: number) => void {
    const launch = this.#instance.exports[`${this.#graph(name).name}#${at}`] as Launch;
    const place = this.#instance.base + scratch;
    return (tileBegin, tileEnd) => launch(place, tileBegin, tileEnd);
  }

  dispose(): void {
    this.#disposed = true;
    this.#view = new Float32Array(0);
  }

  /** What a graph's name is exported as: its call. */
  protected graphCall(name: string): unknown {
    return this.#instance.exports[name];
  }

  /** Throws where what lies in the memory means nothing any more. */
  protected requireWhole(): void {
    // One thread finishes what it begins.
  }

  #graph(name: string): GraphLayout {
    this.requireWhole();
    if (this.#disposed) throw new Error('the program was disposed of');
    const graph = this.#graphs.get(name);
    if (graph === undefined) throw new Error(`the program has no phase or output ${name}`);
    return graph;
  }

  #state(name: string): TensorPlace {
    this.requireWhole();
    if (this.#disposed) throw new Error('the program was disposed of');
    const place = this.#layout.state.get(name);
    if (place === undefined) throw new Error(`the program has no state ${name}`);
    return place;
  }

  /** The memory as floats; made anew after it has grown, which detaches the old buffer. */
  #floats(): Float32Array {
    if (this.#view.buffer !== this.#instance.memory.buffer)
      this.#view = new Float32Array(this.#instance.memory.buffer);
    return this.#view;
  }

  #copyOut({ offset, elements }: TensorPlace): Float32Array {
    const start = (this.#instance.base + offset) / 4;
    return this.#floats().slice(start, start + elements);
  }
}
