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
import type { Shape } from '../../compiler/graph/graph.js';
import type { Program, StateDeclaration } from '../../compiler/program.js';
import { encodeSavedModel, type SavedModel } from '../../compiler/tensorflow/protobuf.js';
import { READ_STATE, trainingModel, WRITE_STATE } from '../../compiler/tensorflow/saved-model.js';
import type { Engine, Executable, GraphInputs } from '../../runtimes/engine.js';
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

export interface NamedTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}
export type NamedTensors = ReadonlyMap<string, NamedTensor>;

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
    return new PythonExecutable(program, {
      run: async (inputs) => {
        const joined = new Map(
          [...inputs].flatMap(([signature, tensors]) =>
            [...tensors].map(([name, tensor]) => [`${signature}\0${name}`, tensor] as const),
          ),
        );
        const outputs = await this.#exchange({ run: [...inputs.keys()], of: folder }, joined);
        const bySignature = new Map(
          [...inputs.keys()].map((signature) => [signature, new Map<string, NamedTensor>()]),
        );
        for (const [key, tensor] of outputs) {
          const [signature, name] = key.split('\0') as [string, string];
          bySignature.get(signature)!.set(name, tensor);
        }
        return bySignature;
      },
      close: () => void this.#ask({ close: folder }),
    });
  }

  /** Writes a model's folder and gives its path. */
  write(model: SavedModel): string {
    const folder = join(this.folder, `model-${this.#models++}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(model));
    return folder;
  }

  /** A signature of a model folder as users call it: `tf.saved_model.load(folder).signatures[name](...)`. */
  async call(folder: string, signature: string, inputs: NamedTensors): Promise<NamedTensors> {
    return await this.#exchange({ call: signature, of: folder }, inputs);
  }

  dispose(): void {
    this.#process.stdin.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #exchange(command: Command, inputs: NamedTensors): Promise<NamedTensors> {
    const [from, to] = [join(this.folder, 'inputs.safetensors'), join(this.folder, 'outputs.safetensors')];
    const tensors = new Map(
      [...inputs].map(([name, { shape, data }]): [string, Tensor] => [name, { dtype: 'F32', shape, data }]),
    );
    writeFileSync(from, encodeSafetensors({ metadata: new Map(), tensors }));
    await this.#ask({ ...command, inputs: from, outputs: to });
    const outputs = new Map<string, NamedTensor>();
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
interface Model {
  readonly run: (inputs: ReadonlyMap<string, NamedTensors>) => Promise<ReadonlyMap<string, NamedTensors>>;
  readonly close: () => void;
}

export class PythonExecutable implements Executable {
  readonly #program: Program;
  readonly #model: Model;
  readonly #values = new Map<string, NamedTensors>();
  /** State that was written and not yet sent. */
  readonly #pending = new Map<string, Float32Array>();
  readonly #declarations: ReadonlyMap<string, StateDeclaration>;

  constructor(program: Program, model: Model) {
    this.#program = program;
    this.#model = model;
    this.#declarations = new Map(program.state.map((declaration) => [declaration.name, declaration]));
  }

  async run(name: string, inputs: GraphInputs): Promise<void> {
    await this.runTogether(new Map([[name, inputs]]));
  }

  /** Several graphs in one call of the session. */
  async runTogether(graphs: ReadonlyMap<string, GraphInputs>): Promise<void> {
    await this.#flush();
    const inputs = new Map([...graphs].map(([name, given]) => [name, this.#named(name, given)] as const));
    for (const [name, values] of await this.#model.run(inputs)) this.#values.set(name, values);
  }

  read(name: string, value: string): Promise<Float32Array> {
    return Promise.resolve(found(this.#values.get(name), value));
  }

  async readState(name: string): Promise<Float32Array> {
    await this.#flush();
    return found(await this.#call(READ_STATE, new Map()), name);
  }

  writeState(name: string, values: ArrayLike<number>): Promise<void> {
    this.#pending.set(name, Float32Array.from(values));
    return Promise.resolve();
  }

  dispose(): void {
    this.#model.close();
  }

  async #call(signature: string, inputs: NamedTensors): Promise<NamedTensors | undefined> {
    return (await this.#model.run(new Map([[signature, inputs]]))).get(signature);
  }

  #named(graph: string, { feeds, scalars }: GraphInputs): NamedTensors {
    const source = [...this.#program.phases, ...this.#program.outputs].find(({ name }) => name === graph);
    if (source === undefined) throw new Error(`no phase or output ${graph}`);
    const inputs = new Map<string, NamedTensor>();
    for (const { name, shape } of source.feeds) inputs.set(name, { shape, data: feeds.get(name)! });
    for (const { name } of source.scalars) {
      inputs.set(`scalar/${name}`, { shape: [], data: Float32Array.of(scalars.get(name)!) });
    }
    return inputs;
  }

  /** All state is written at once; what was not asked for stays as it is. */
  async #flush(): Promise<void> {
    if (this.#pending.size === 0) return;
    const all = new Map<string, NamedTensor>();
    const held =
      this.#pending.size < this.#declarations.size ? await this.#call(READ_STATE, new Map()) : undefined;
    for (const { name, shape } of this.#declarations.values()) {
      all.set(name, { shape, data: this.#pending.get(name) ?? found(held, name) });
    }
    this.#pending.clear();
    await this.#call(WRITE_STATE, all);
  }
}

function found(tensors: NamedTensors | undefined, name: string): Float32Array {
  const tensor = tensors?.get(name);
  if (tensor === undefined) throw new Error(`TensorFlow gave no ${name}`);
  return tensor.data;
}
