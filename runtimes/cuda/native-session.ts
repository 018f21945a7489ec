/** A SavedModel in a session of the native addon. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeSavedModel,
  type SavedModel,
  type SignatureDef,
  type TensorInfo,
} from '../../compiler/tensorflow/protobuf.js';
import { SERVE } from '../../compiler/tensorflow/saved-model.js';
import type { NativeBinding } from './native-binding.js';
import type { ModelSession, TensorValues } from './saved-model-executable.js';

/** A signature with its tensors in one order, and their names as the addon takes them. */
interface Call {
  readonly inputs: readonly string[];
  readonly inputNames: string;
  readonly outputs: readonly string[];
  readonly outputNames: string;
}

export class NativeSession implements ModelSession {
  readonly #binding: NativeBinding;
  readonly #model: number;
  readonly #calls: ReadonlyMap<string, Call>;
  #closed = false;

  private constructor(binding: NativeBinding, model: number, calls: ReadonlyMap<string, Call>) {
    this.#binding = binding;
    this.#model = model;
    this.#calls = calls;
  }

  /** The addon loads models from folders only: the file lives until it has been read. */
  static async open(binding: NativeBinding, model: SavedModel): Promise<NativeSession> {
    const folder = await mkdtemp(join(tmpdir(), 'began-compile-graph-'));
    try {
      await writeFile(join(folder, 'saved_model.pb'), encodeSavedModel(model));
      const id = binding.loadSavedModel(folder, SERVE);
      const calls = [...model.signatures].map(([name, signature]) => [name, callOf(signature)] as const);
      return new NativeSession(binding, id, new Map(calls));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async run(signature: string, inputs: TensorValues): Promise<ReadonlyMap<string, Float32Array>> {
    return this.runNow(signature, inputs);
  }

  /** What `run` does, without a promise. */
  runNow(signature: string, inputs: TensorValues): ReadonlyMap<string, Float32Array> {
    const call = this.#calls.get(signature);
    if (call === undefined) throw new Error(`the model has no signature ${signature}`);
    const binding = this.#binding;
    const given: number[] = [];
    let taken: readonly { readonly id: number }[] = [];
    try {
      for (const name of call.inputs) {
        const value = inputs.get(name);
        if (value === undefined) throw new Error(`the signature ${signature} needs ${name}`);
        given.push(binding.createTensor(value.shape, binding.TF_FLOAT, value.data));
      }
      taken = binding.runSavedModel(this.#model, given, call.inputNames, call.outputNames);
      return new Map(
        taken.map(({ id }, i) => [call.outputs[i]!, binding.tensorDataSync(id) as Float32Array]),
      );
    } finally {
      for (const id of given) binding.deleteTensor(id);
      for (const { id } of taken) binding.deleteTensor(id);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#binding.deleteSavedModel(this.#model);
  }
}

function callOf({ inputs, outputs }: SignatureDef): Call {
  const given = [...inputs];
  const taken = [...outputs].filter((entry): entry is [string, TensorInfo] => 'tensor' in entry[1]);
  const joined = (tensors: readonly [string, TensorInfo][]): string =>
    tensors.map(([, { tensor }]) => tensor).join(',');
  return {
    inputs: given.map(([name]) => name),
    inputNames: joined(given),
    outputs: taken.map(([name]) => name),
    outputNames: joined(taken),
  };
}
