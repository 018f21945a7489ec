/** A program that runs as the SavedModel `trainingModel` makes of it, in whatever session holds the model. */
import type { Shape } from '../../compiler/graph/graph.js';
import { elementCount } from '../../compiler/ops/shape-checks.js';
import {
  programGraphs,
  type Program,
  type ProgramGraph,
  type StateDeclaration,
} from '../../compiler/program.js';
import { READ_STATE, WRITE_STATE } from '../../compiler/tensorflow/saved-model.js';
import type { Executable, GraphInputs } from '../engine.js';
import { requireFeed, requireScalar, requireStateSize } from '../required-inputs.js';

export interface TensorValue {
  readonly shape: Shape;
  readonly data: Float32Array;
}

export type TensorValues = ReadonlyMap<string, TensorValue>;

/** A loaded model, which keeps the program's state. */
export interface ModelSession {
  /** Runs a signature with its inputs by name; gives all its outputs by name. */
  run(signature: string, inputs: TensorValues): Promise<ReadonlyMap<string, Float32Array>>;
  close(): void;
}

/**
 * State is read and written as a whole, since a session prepares itself anew for every other selection of tensors: what
 * is written is kept until the next run, what was read until state can have changed.
 */
export class SavedModelExecutable implements Executable {
  readonly #session: ModelSession;
  readonly #graphs: ReadonlyMap<string, ProgramGraph>;
  readonly #state: ReadonlyMap<string, StateDeclaration>;
  readonly #values = new Map<string, ReadonlyMap<string, Float32Array>>();
  readonly #unsent = new Map<string, Float32Array>();
  #held: ReadonlyMap<string, Float32Array> | undefined;

  constructor(program: Program, session: ModelSession) {
    this.#session = session;
    this.#graphs = new Map(programGraphs(program).map((graph) => [graph.name, graph]));
    this.#state = new Map(program.state.map((declaration) => [declaration.name, declaration]));
  }

  async run(name: string, inputs: GraphInputs): Promise<void> {
    await this.sendState();
    this.keep(name, await this.#session.run(name, this.inputsOf(name, inputs)));
  }

  async read(name: string, value: string): Promise<Float32Array> {
    const values = this.#values.get(name);
    if (values === undefined) throw new Error(`${name} has not run`);
    const found = values.get(value);
    if (found === undefined) throw new Error(`${name} has no value ${value}`);
    return found.slice();
  }

  async readState(name: string): Promise<Float32Array> {
    this.#declaration(name);
    const unsent = this.#unsent.get(name);
    if (unsent !== undefined) return unsent.slice();
    this.#held ??= await this.#session.run(READ_STATE, new Map());
    const values = this.#held.get(name);
    if (values === undefined) throw new Error(`internal: ${READ_STATE} does not give ${name}`);
    return values.slice();
  }

  async writeState(name: string, values: ArrayLike<number>): Promise<void> {
    requireStateSize(name, elementCount(this.#declaration(name).shape), values);
    this.#unsent.set(name, Float32Array.from(values));
  }

  dispose(): void {
    this.#session.close();
  }

  /** Brings what was written into the session; the rest of the state stays as it is. */
  protected async sendState(): Promise<void> {
    if (this.#unsent.size === 0) return;
    const all = new Map<string, TensorValue>();
    for (const { name, shape } of this.#state.values()) {
      all.set(name, { shape, data: await this.readState(name) });
    }
    await this.#session.run(WRITE_STATE, all);
    this.#unsent.clear();
    this.#held = undefined;
  }

  /** What a finished run gave. */
  protected keep(name: string, values: ReadonlyMap<string, Float32Array>): void {
    this.#values.set(name, values);
    this.#held = undefined;
  }

  /** Feeds and scalars by the names of the signature. */
  protected inputsOf(name: string, given: GraphInputs): TensorValues {
    const graph = this.#graphs.get(name);
    if (graph === undefined) throw new Error(`no phase or output ${name}`);
    const inputs = new Map<string, TensorValue>();
    for (const feed of graph.feeds) {
      const data = requireFeed(name, feed.name, elementCount(feed.shape), given);
      inputs.set(feed.name, { shape: feed.shape, data });
    }
    for (const scalar of graph.scalars) {
      const data = Float32Array.of(requireScalar(name, scalar.name, given));
      inputs.set(scalarInput(scalar.name), { shape: [], data });
    }
    return inputs;
  }

  #declaration(name: string): StateDeclaration {
    const found = this.#state.get(name);
    if (found === undefined) throw new Error(`no state ${name}`);
    return found;
  }
}

const scalarInput = (name: string): string => `scalar/${name}`;
