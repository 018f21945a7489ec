/**
 * TensorFlow for Python as an engine: programs go to it as SavedModels, numbers as safetensors files. Tests that need it
 * are skipped, with a line that says so, where the interpreter `BEGAN_COMPILE_TENSORFLOW_PYTHON` (or `python3`) has no
 * TensorFlow.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { hasModule, PythonProcess } from '../python/python-process.js';

const PYTHON = process.env['BEGAN_COMPILE_TENSORFLOW_PYTHON'] ?? 'python3';

/** Whether the interpreter finds TensorFlow; says on stderr where it does not. */
export function hasTensorflow(): boolean {
  if (hasModule(PYTHON, 'tensorflow')) return true;
  process.stderr.write(
    `SKIPPED: ${PYTHON} has no TensorFlow, so nothing is checked against it. \`pip install tensorflow-cpu\`, ` +
      'or name an interpreter that has it: BEGAN_COMPILE_TENSORFLOW_PYTHON=PATH\n',
  );
  return false;
}

export class PythonTensorflow implements Engine {
  readonly name = 'tensorflow';
  readonly #process: PythonProcess;
  #models = 0;

  constructor(environment: Readonly<Record<string, string>> = {}) {
    const driver = fileURLToPath(new URL('driver.py', import.meta.url));
    this.#process = new PythonProcess('TensorFlow', [PYTHON, driver], {
      CUDA_VISIBLE_DEVICES: '',
      TF_CPP_MIN_LOG_LEVEL: '2',
      ...environment,
    });
  }

  async load(program: Program): Promise<PythonExecutable> {
    const folder = this.write(trainingModel(program));
    await this.#process.ask({ load: folder });
    return new PythonExecutable(
      program,
      async (inputs) => {
        const joined = new Map(
          [...inputs].flatMap(([signature, tensors]) =>
            [...tensors].map(([name, tensor]) => [`${signature}\0${name}`, tensor] as const),
          ),
        );
        const outputs = await this.#process.exchange({ run: [...inputs.keys()], of: folder }, joined);
        const bySignature = new Map(
          [...inputs.keys()].map((signature) => [signature, new Map<string, TensorValue>()]),
        );
        for (const [key, tensor] of outputs) {
          const [signature, name] = key.split('\0') as [string, string];
          bySignature.get(signature)!.set(name, tensor);
        }
        return bySignature;
      },
      () => void this.#process.ask({ close: folder }),
    );
  }

  /** Writes a model's folder and gives its path. */
  write(model: SavedModel): string {
    const folder = join(this.#process.folder, `model-${this.#models++}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(model));
    return folder;
  }

  /** A signature of a model folder as users call it: `tf.saved_model.load(folder).signatures[name](...)`. */
  async call(folder: string, signature: string, inputs: TensorValues): Promise<TensorValues> {
    return await this.#process.exchange({ call: signature, of: folder }, inputs);
  }

  dispose(): void {
    this.#process.dispose();
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
