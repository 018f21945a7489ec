/** A program held by tfjs: its state and constants as tensors, its graphs walked node by node. */
import * as tf from '@tensorflow/tfjs-core';

import { programGraphs, type Program, type ProgramGraph } from '../../compiler/program.js';
import type { Executable, GraphInputs } from '../engine.js';
import { GraphWalk, type WalkObserver } from './graph-walk.js';

interface LoadedGraph {
  readonly source: ProgramGraph;
  readonly walk: GraphWalk;
  /** Values of the last run through the Float32Array interface. */
  values: ReadonlyMap<string, tf.Tensor>;
}

export class TfjsExecutable implements Executable {
  readonly #graphs = new Map<string, LoadedGraph>();
  readonly #state = new Map<string, tf.Tensor>();

  constructor(program: Program) {
    for (const declaration of program.state) {
      this.#state.set(declaration.name, tf.zeros([...declaration.shape]));
    }
    for (const source of programGraphs(program)) {
      this.#graphs.set(source.name, { source, walk: new GraphWalk(source.graph), values: new Map() });
    }
  }

  async run(name: string, inputs: GraphInputs, observer?: WalkObserver): Promise<void> {
    const graph = this.#graph(name);
    const feeds = new Map<string, tf.Tensor>();
    for (const { name: feed, shape } of graph.source.feeds) {
      const data = inputs.feeds.get(feed);
      if (data === undefined) throw new Error(`internal: "${name}" needs the feed "${feed}"`);
      feeds.set(feed, tf.tensor(data, [...shape], 'float32'));
    }
    try {
      const values = this.runTensors(name, feeds, inputs.scalars, observer);
      disposeAll(graph.values);
      graph.values = values;
    } finally {
      disposeAll(feeds);
    }
  }

  /**
   * Runs a phase or output on tensors: writes the state and returns the value outputs, which are the caller's to
   * dispose. `feeds` are float32 tensors of the declared shapes (batch first) and stay the caller's.
   */
  runTensors(
    name: string,
    feeds: ReadonlyMap<string, tf.Tensor>,
    scalars: ReadonlyMap<string, number>,
    observer?: WalkObserver,
  ): Map<string, tf.Tensor> {
    const { values, state } = this.#graph(name).walk.run({ feeds, scalars, state: this.#state }, observer);
    for (const [stateName, next] of state) {
      this.#state.get(stateName)?.dispose();
      this.#state.set(stateName, next);
    }
    return values;
  }

  async read(name: string, value: string): Promise<Float32Array> {
    const tensor = this.#graph(name).values.get(value);
    if (tensor === undefined) throw new Error(`internal: "${name}" has given no value "${value}"`);
    return await readFloats(tensor);
  }

  async readState(name: string): Promise<Float32Array> {
    return await readFloats(this.stateTensor(name));
  }

  async writeState(name: string, values: ArrayLike<number>): Promise<void> {
    const old = this.stateTensor(name);
    if (values.length !== old.size) {
      throw new Error(`internal: state "${name}" holds ${old.size} numbers, not ${values.length}`);
    }
    // A new tensor, never a write in place: the wasm backend packs convolution weights once per tensor.
    this.#state.set(name, tf.tensor(Float32Array.from(values), old.shape, 'float32'));
    old.dispose();
  }

  /** The tensor that holds a state now; the program's, replaced by the next run that writes it. */
  stateTensor(name: string): tf.Tensor {
    const tensor = this.#state.get(name);
    if (tensor === undefined) throw new Error(`internal: the program has no state "${name}"`);
    return tensor;
  }

  dispose(): void {
    for (const { walk, values } of this.#graphs.values()) {
      walk.dispose();
      disposeAll(values);
    }
    disposeAll(this.#state);
    this.#graphs.clear();
    this.#state.clear();
  }

  #graph(name: string): LoadedGraph {
    const graph = this.#graphs.get(name);
    if (graph === undefined) throw new Error(`internal: the program has no phase or output "${name}"`);
    return graph;
  }
}

function disposeAll(tensors: ReadonlyMap<string, tf.Tensor>): void {
  for (const tensor of tensors.values()) tensor.dispose();
}

async function readFloats(tensor: tf.Tensor): Promise<Float32Array> {
  return Float32Array.from(await tensor.data<'float32'>());
}
