/**
 * TensorFlow for Python as an engine: programs go to it as SavedModels, numbers as safetensors files. Tests that need it
 * are skipped, with a line that says so, where the interpreter `BEGAN_COMPILE_TENSORFLOW_PYTHON` (or `python3`) has no
 * TensorFlow.
 */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Program } from '../../compiler/program.js';
import { encodeSavedModel, type SavedModel } from '../../compiler/tensorflow/protobuf.js';
import { trainingModel } from '../../compiler/tensorflow/saved-model.js';
import {
  SavedModelExecutable,
  type TensorValue,
  type TensorValues,
} from '../../runtimes/cuda/saved-model-executable.js';
import type { Engine, GraphInputs } from '../../runtimes/engine.js';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../../runtimes/training/safetensors.js';

const PYTHON = process.env['BEGAN_COMPILE_TENSORFLOW_PYTHON'] ?? 'python3';

/** Whether the interpreter finds TensorFlow; says on stderr where it does not. */
export function hasTensorflow(): boolean {
  const found = spawnSync(PYTHON, ['-c', 'import importlib.util as u; assert u.find_spec("tensorflow")']);
  if (found.status === 0) return true;
  process.stderr.write(
    `SKIPPED: ${PYTHON} has no TensorFlow, so nothing is checked against it. \`pip install tensorflow-cpu\`, ` +
      'or name an interpreter that has it: BEGAN_COMPILE_TENSORFLOW_PYTHON=PATH\n',
  );
  return false;
}

type Command = Readonly<Record<string, string | readonly string[]>>;

/** Takes one command at a time: callers wait for an answer before they ask again. */
export class PythonTensorflow implements Engine {
  readonly name = 'tensorflow';
  readonly folder = mkdtempSync(join(tmpdir(), 'began-compile-tensorflow-'));
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #ended: Promise<void>;
  #said = '';
  #models = 0;

  constructor(environment: Readonly<Record<string, string>> = {}) {
    const driver = fileURLToPath(new URL('driver.py', import.meta.url));
    this.#process = spawn(PYTHON, [driver], {
      env: { ...process.env, CUDA_VISIBLE_DEVICES: '', TF_CPP_MIN_LOG_LEVEL: '2', ...environment },
    });
    this.#process.stderr.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    this.#ended = new Promise((resolve) => this.#process.once('close', () => resolve()));
    // What could not be written because the process has ended is told by the answer that does not come.
    this.#process.stdin.on('error', () => undefined);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async load(program: Program): Promise<PythonExecutable> {
    const folder = this.write(trainingModel(program));
    await this.#ask({ load: folder });
    return new PythonExecutable(
      program,
      async (inputs) => {
        const joined = new Map(
          [...inputs].flatMap(([signature, tensors]) =>
            [...tensors].map(([name, tensor]) => [`${signature}\0${name}`, tensor] as const),
          ),
        );
        const outputs = await this.#exchange({ run: [...inputs.keys()], of: folder }, joined);
        const bySignature = new Map(
          [...inputs.keys()].map((signature) => [signature, new Map<string, TensorValue>()]),
        );
        for (const [key, tensor] of outputs) {
          const [signature, name] = key.split('\0') as [string, string];
          bySignature.get(signature)!.set(name, tensor);
        }
        return bySignature;
      },
      () => void this.#ask({ close: folder }),
    );
  }

  /** Writes a model's folder and gives its path. */
  write(model: SavedModel): string {
    const folder = join(this.folder, `model-${this.#models++}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(model));
    return folder;
  }

  /** A signature of a model folder as users call it: `tf.saved_model.load(folder).signatures[name](...)`. */
  async call(folder: string, signature: string, inputs: TensorValues): Promise<TensorValues> {
    return await this.#exchange({ call: signature, of: folder }, inputs);
  }

  dispose(): void {
    this.#process.stdin.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #exchange(command: Command, inputs: TensorValues): Promise<TensorValues> {
    const [from, to] = [join(this.folder, 'inputs.safetensors'), join(this.folder, 'outputs.safetensors')];
    const tensors = new Map(
      [...inputs].map(([name, { shape, data }]): [string, Tensor] => [name, { dtype: 'F32', shape, data }]),
    );
    writeFileSync(from, encodeSafetensors({ metadata: new Map(), tensors }));
    await this.#ask({ ...command, inputs: from, outputs: to });
    const outputs = new Map<string, TensorValue>();
    for (const [name, tensor] of decodeSafetensors(readFileSync(to)).tensors) {
      if (tensor.dtype !== 'F32') throw new Error(`${name} is ${tensor.dtype}`);
      outputs.set(name, tensor);
    }
    return outputs;
  }

  /** Commands are answered in their order. */
  async #ask(command: Command): Promise<void> {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    const next = await this.#answers.next();
    if (next.done === true) {
      await this.#ended;
      throw new Error(`TensorFlow ended: ${this.#said}`);
    }
    const { error } = JSON.parse(next.value) as { error?: string };
    if (error !== undefined) throw new Error(`${JSON.stringify(command)}: ${error}`);
  }
}

/** Runs signatures of one model at once, each with its inputs. */
type RunTogether = (inputs: ReadonlyMap<string, TensorValues>) => Promise<ReadonlyMap<string, TensorValues>>;

export class PythonExecutable extends SavedModelExecutable {
  readonly #runTogether: RunTogether;

  constructor(program: Program, runTogether: RunTogether, close: () => void) {
    super(program, {
      run: async (signature, inputs) =>
        dataOf((await runTogether(new Map([[signature, inputs]]))).get(signature) ?? new Map()),
      close,
    });
    this.#runTogether = runTogether;
  }

  /** Several graphs in one call of the session. */
  async runTogether(graphs: ReadonlyMap<string, GraphInputs>): Promise<void> {
    await this.sendState();
    const inputs = new Map([...graphs].map(([name, given]) => [name, this.inputsOf(name, given)] as const));
    for (const [name, values] of await this.#runTogether(inputs)) this.keep(name, dataOf(values));
  }
}

const dataOf = (tensors: TensorValues): ReadonlyMap<string, Float32Array> =>
  new Map([...tensors].map(([name, { data }]) => [name, data]));
