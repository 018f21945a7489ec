/**
 * PyTorch in a process of its own, which trains exported programs. Tests that need it are skipped, with a line that says so,
 * where the interpreter `BEGAN_COMPILE_PYTORCH_PYTHON` (or `python3`) lacks what such a program imports.
 */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { decodeSafetensors } from '../../runtimes/training/safetensors.js';
import type { RunRecord } from '../parity/run.js';
import { writeExport, type ExportedSpec } from './exported.js';

export const PYTHON = process.env['BEGAN_COMPILE_PYTORCH_PYTHON'] ?? 'python3';

/** One thread each: the machine has other work. */
export const ENVIRONMENT = { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };

/** Whether the interpreter has what programs import; says on stderr where it has not. */
export function hasTorch(): boolean {
  const found = spawnSync(PYTHON, ['-c', 'import torch, numpy, safetensors, PIL'], { encoding: 'utf8' });
  if (found.status === 0) return true;
  process.stderr.write(
    `SKIPPED: ${PYTHON} cannot import torch, numpy, safetensors and PIL, so exported PyTorch programs are not run. ` +
      '`pip install torch numpy safetensors pillow`, or name an interpreter that has them: BEGAN_COMPILE_PYTORCH_PYTHON=PATH\n',
  );
  return false;
}

export interface TrainOptions {
  readonly steps: number;
  /** Steps that count as finished before the first. */
  readonly from: number;
  readonly float64?: boolean;
  /** Turns a file of the program into a wrong one. */
  readonly change?: (name: string, content: string) => string;
}

interface Answer {
  readonly error?: string;
  readonly trace: Readonly<Record<string, readonly (number | null)[]>>;
}

/** How long processes may take to import PyTorch where others compute, in milliseconds. */
export const START = 300_000;

/** Takes one command at a time: callers wait for an answer before they ask again. */
export class PythonTorch {
  readonly folder = mkdtempSync(join(tmpdir(), 'began-compile-pytorch-'));
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #ended: Promise<void>;
  #said = '';
  #programs = 0;

  /** @param processes that share the batches, joined by torchrun where there is more than one */
  static async start(processes = 1): Promise<PythonTorch> {
    const torch = new PythonTorch(processes);
    await torch.#answer();
    return torch;
  }

  private constructor(processes: number) {
    const driver = fileURLToPath(new URL('driver.py', import.meta.url));
    const launch =
      processes === 1
        ? [driver]
        : ['-m', 'torch.distributed.run', '--standalone', `--nproc-per-node=${processes}`, driver];
    this.#process = spawn('nice', ['-n', '10', PYTHON, ...launch], { env: ENVIRONMENT });
    this.#process.stderr.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    this.#ended = new Promise((resolve) => this.#process.once('close', () => resolve()));
    // What could not be written because the process has ended is told by the answer that does not come.
    this.#process.stdin.on('error', () => undefined);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Trains an exported spec from its initial state. Throws what Python says where it cannot. */
  async train(
    spec: ExportedSpec,
    { steps, from, float64 = false, change }: TrainOptions,
  ): Promise<RunRecord> {
    const train = join(this.folder, `program-${this.#programs++}`);
    const record = join(this.folder, 'record.safetensors');
    writeExport(spec, train, change);
    this.#process.stdin.write(`${JSON.stringify({ train, steps, from, float64, record })}\n`);
    const answer = await this.#answer();
    if (answer.error !== undefined) throw new Error(answer.error);
    const { tensors } = decodeSafetensors(readFileSync(record));
    rmSync(train, { recursive: true });
    const below = (prefix: string): ReadonlyMap<string, Float32Array> =>
      new Map(
        [...tensors].flatMap(([name, { data }]) =>
          name.startsWith(prefix) ? [[name.slice(prefix.length), data as Float32Array] as const] : [],
        ),
      );
    return {
      trace: new Map(
        Object.entries(answer.trace).map(([name, values]) => [name, values.map((value) => value ?? NaN)]),
      ),
      gradients: { '1': below('gradient/1/'), '20': below('gradient/20/') },
      change: below('change/'),
    };
  }

  async #answer(): Promise<Answer> {
    const next = await this.#answers.next();
    if (next.done !== true) return JSON.parse(next.value) as Answer;
    await this.#ended;
    throw new Error(`Python ended: ${this.#said}`);
  }

  dispose(): void {
    this.#process.stdin.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
