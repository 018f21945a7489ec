/**
 * A program on the heap of tfjs-backend-wasm: compiled kernels between tf operations. Tensors go in and come out without
 * leaving the heap; nothing is turned into JavaScript numbers.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Shape } from '../../compiler/graph/graph.js';
import { elementCount } from '../../compiler/ops/shape-checks.js';
import { programGraphs, type Program, type ProgramGraph } from '../../compiler/program.js';
import { WasmEngine, type WasmExecutable } from '../wasm/engine.js';
import type { WasmMemory } from '../wasm/web-assembly.js';

export interface HostedInputs {
  /** By feed name, float32 and of the declared shape. */
  readonly feeds?: Readonly<Record<string, tf.Tensor>> | undefined;
  readonly scalars?: Readonly<Record<string, number>> | undefined;
}

export interface HostedRun {
  /**
   * Give values where the program left them instead of copies: for whoever is done with them before the graph runs again,
   * which writes over them. They are gone with the program. Not for filters of tf convolutions, which the backend packs once for
   * each tensor, whatever is written to it later.
   */
  readonly inPlace?: boolean | undefined;
}

/** What emscripten gives of the backend's module, beside the functions that tfjs declares. */
interface Heap {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  /** What the module exports; absent where its memory is shared. */
  readonly asm?: { readonly memory?: WasmMemory };
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** Bytes: vectors lie at multiples of 16, and cache lines are 64. */
const ALIGNMENT = 64;

export class HostedProgram {
  /** The program as other engines load it: for sessions, checkpoints and weights. */
  readonly executable: WasmExecutable;
  readonly #backend: BackendWasm;
  readonly #heap: Heap;
  readonly #graphs: ReadonlyMap<string, ProgramGraph>;
  readonly #block: number;
  readonly #base: number;
  /** Of values in place, by graph and value. */
  readonly #inPlace = new Map<string, tf.TensorInfo>();

  /**
   * Plans and compiles a program for the backend that tfjs uses now. Throws Error where that is not tfjs-backend-wasm on one
   * thread, or where its heap has no room: 4 GiB is the most that any has.
   */
  static async load(program: Program): Promise<HostedProgram> {
    await tf.ready();
    const backend = wasmBackend();
    const heap = heapOf(backend);
    const memory = memoryOf(heap);
    const engine = new WasmEngine();
    const plan = engine.plan(program);
    const bytes = plan.memory.plannedBytes + ALIGNMENT;
    const block = heap._malloc(bytes) >>> 0;
    if (block === 0) throw new Error(`the heap of tfjs-backend-wasm has no room for ${bytes} bytes`);
    const base = Math.ceil(block / ALIGNMENT) * ALIGNMENT;
    const executable = await engine.place(plan, { memory, base });
    return new HostedProgram(program, backend, executable, { block, base });
  }

  private constructor(
    program: Program,
    backend: BackendWasm,
    executable: WasmExecutable,
    { block, base }: { readonly block: number; readonly base: number },
  ) {
    this.executable = executable;
    this.#backend = backend;
    this.#heap = heapOf(backend);
    this.#graphs = new Map(programGraphs(program).map((graph) => [graph.name, graph]));
    this.#block = block;
    this.#base = base;
  }

  /**
   * Runs a phase or an output, and gives its values by name; they are the caller's to dispose of. Throws RangeError where a feed
   * has another shape or type than the program's.
   */
  run(
    name: string,
    { feeds = {}, scalars = {} }: HostedInputs = {},
    { inPlace = false }: HostedRun = {},
  ): Record<string, tf.Tensor> {
    const graph = this.#graphs.get(name);
    if (graph === undefined) throw new RangeError(`the program has no phase or output ${name}`);
    const given = graph.feeds.map((feed): [string, Float32Array] => {
      const tensor = feeds[feed.name];
      if (tensor === undefined)
        throw new RangeError(`${name} reads the feed ${feed.name}, which was not given`);
      if (tensor.dtype !== 'float32' || tensor.shape.join() !== feed.shape.join())
        throw new RangeError(
          `the feed ${feed.name} of ${name} is float32 of [${feed.shape.join(', ')}], and was given ${tensor.dtype} of [${tensor.shape.join(', ')}]`,
        );
      return [feed.name, this.#numbers(tensor)];
    });
    this.executable.runNow(name, { feeds: new Map(given), scalars: new Map(Object.entries(scalars)) });
    const { values } = this.executable.plan.graphs.find((own) => own.name === name)!;
    const results: Record<string, tf.Tensor> = {};
    for (const { kind, name: value, node } of graph.graph.outputs) {
      if (kind !== 'value') continue;
      const address = this.#base + values.get(value)!.offset;
      const { shape } = graph.graph.nodes[node]!;
      results[value] = inPlace
        ? this.#there(`${name} ${value}`, shape, address)
        : this.#copied(shape, address);
    }
    return results;
  }

  /** Gives the memory back. Values that were given in place must not be read any more. */
  dispose(): void {
    this.executable.dispose();
    this.#heap._free(this.#block);
  }

  /** A tensor's numbers as they lie on the heap; from elsewhere they are copied. */
  #numbers(tensor: tf.Tensor): Float32Array {
    if (!this.#backend.dataIdMap.has(tensor.dataId)) return tensor.dataSync<'float32'>();
    return new Float32Array(
      this.#heap.HEAPU8.buffer,
      this.#backend.getMemoryOffset(tensor.dataId),
      tensor.size,
    );
  }

  #copied(shape: Shape, address: number): tf.Tensor {
    const info = this.#backend.makeOutput([...shape], 'float32');
    const to = this.#backend.getMemoryOffset(info.dataId);
    this.#heap.HEAPU8.copyWithin(to, address, address + 4 * elementCount(shape));
    return tf.engine().makeTensorFromTensorInfo(info);
  }

  /** One more reference than there are tensors: what lies in the middle of a block is never freed by itself. */
  #there(key: string, shape: Shape, address: number): tf.Tensor {
    let info = this.#inPlace.get(key);
    if (info === undefined) {
      info = this.#backend.makeOutput([...shape], 'float32', address);
      this.#inPlace.set(key, info);
    }
    this.#backend.incRef(info.dataId);
    return tf.engine().makeTensorFromTensorInfo(info);
  }
}

function wasmBackend(): BackendWasm {
  if (tf.getBackend() !== 'wasm')
    throw new Error(`the program can live on the backend wasm only, and tfjs uses ${tf.getBackend()}`);
  return tf.backend() as BackendWasm;
}

/** tfjs gives its heap away under no name of its own. */
const heapOf = ({ wasm }: BackendWasm): Heap => wasm as unknown as Heap;

function memoryOf({ asm }: Heap): WasmMemory {
  if (asm?.memory !== undefined) return asm.memory;
  throw new Error(
    'the heap of tfjs-backend-wasm is shared between threads here; a program can live on that of one thread only',
  );
}
