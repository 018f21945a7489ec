/**
 * A Python program that tests talk to: one JSON command per line in, one JSON answer per line out, tensors as safetensors files.
 * `serve.py` and `tensors.py`, beside this file, can be imported by it.
 */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../../runtimes/training/safetensors.js';

export interface TensorValue {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Command = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Whether an interpreter finds a module. */
export function hasModule(python: string, name: string): boolean {
  const found = spawnSync(python, ['-c', `import importlib.util as u; assert u.find_spec("${name}")`]);
  return found.status === 0;
}

/** Takes one command at a time: callers wait for an answer before they ask again. */
export class PythonProcess {
  readonly folder: string;
  readonly #name: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #ended: Promise<void>;
  #said = '';

  /** `name` is told where it ends before its time; `command` is the interpreter and what it is given. */
  constructor(
    name: string,
    command: readonly [string, ...string[]],
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.#name = name;
    this.folder = mkdtempSync(join(tmpdir(), `began-compile-${name.toLowerCase().replaceAll(' ', '-')}-`));
    const beside = fileURLToPath(new URL('.', import.meta.url));
    const [program, ...given] = command;
    this.#process = spawn(program, given, {
      env: { ...process.env, PYTHONPATH: beside, PYTHONDONTWRITEBYTECODE: '1', ...environment },
    });
    this.#process.stderr.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    this.#ended = new Promise((resolve) => this.#process.once('close', () => resolve()));
    // What could not be written because the process has ended is told by the answer that does not come.
    this.#process.stdin.on('error', () => undefined);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** A command with tensors, which is answered with tensors. */
  async exchange(
    command: Command,
    inputs: ReadonlyMap<string, TensorValue>,
  ): Promise<Map<string, TensorValue>> {
    const [from, to] = [join(this.folder, 'inputs.safetensors'), join(this.folder, 'outputs.safetensors')];
    const tensors = new Map(
      [...inputs].map(([name, { shape, data }]): [string, Tensor] => [name, { dtype: 'F32', shape, data }]),
    );
    writeFileSync(from, encodeSafetensors({ metadata: new Map(), tensors }));
    await this.ask({ ...command, inputs: from, outputs: to });
    const outputs = new Map<string, TensorValue>();
    for (const [name, tensor] of decodeSafetensors(readFileSync(to)).tensors) {
      if (tensor.dtype !== 'F32') throw new Error(`${name} is ${tensor.dtype}`);
      outputs.set(name, tensor);
    }
    return outputs;
  }

  /** Commands are answered in their order. Throws what Python says where it cannot. */
  async ask(command: Command): Promise<unknown> {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    const answer = (await this.answer()) as { readonly error?: string };
    if (answer.error !== undefined) throw new Error(`${JSON.stringify(command)}: ${answer.error}`);
    return answer;
  }

  /** The next line that Python says, without being asked. */
  async answer(): Promise<unknown> {
    const next = await this.#answers.next();
    if (next.done !== true) return JSON.parse(next.value) as unknown;
    await this.#ended;
    throw new Error(`${this.#name} ended: ${this.#said}`);
  }

  dispose(): void {
    this.#process.stdin.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
