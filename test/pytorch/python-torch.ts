/**
 * PyTorch in a process of its own, which trains exported programs. Tests that need it are skipped, with a line that says so,
 * where the interpreter `BEGAN_COMPILE_PYTORCH_PYTHON` (or `python3`) lacks what such a program imports.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeSafetensors } from '../../runtimes/training/safetensors.js';
import type { RunRecord } from '../parity/run.js';
import { PythonProcess } from '../python/python-process.js';
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
  readonly trace: Readonly<Record<string, readonly (number | null)[]>>;
}

/** How long processes may take to import PyTorch where others compute, in milliseconds. */
export const START = 300_000;

export class PythonTorch {
  readonly #process: PythonProcess;
  #programs = 0;

  /** @param processes that share the batches, joined by torchrun where there is more than one */
  static async start(processes = 1): Promise<PythonTorch> {
    const torch = new PythonTorch(processes);
    // Whoever writes has imported PyTorch.
    await torch.#process.answer();
    return torch;
  }

  private constructor(processes: number) {
    const driver = fileURLToPath(new URL('driver.py', import.meta.url));
    const launch =
      processes === 1
        ? [driver]
        : ['-m', 'torch.distributed.run', '--standalone', `--nproc-per-node=${processes}`, driver];
    this.#process = new PythonProcess('PyTorch', ['nice', '-n', '10', PYTHON, ...launch], ENVIRONMENT);
  }

  /** Trains an exported spec from its initial state. Throws what Python says where it cannot. */
  async train(
    spec: ExportedSpec,
    { steps, from, float64 = false, change }: TrainOptions,
  ): Promise<RunRecord> {
    const train = join(this.#process.folder, `program-${this.#programs++}`);
    const record = join(this.#process.folder, 'record.safetensors');
    writeExport(spec, train, change);
    const answer = (await this.#process.ask({ train, steps, from, float64, record })) as Answer;
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

  dispose(): void {
    this.#process.dispose();
  }
}
