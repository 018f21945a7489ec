/** PyTorch in a process of its own, that takes steps when it is told to. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Timed } from '../rounds.js';

const SCRIPT = fileURLToPath(new URL('cpu/torch_peers.py', import.meta.url));

export interface TorchSystem {
  readonly objective: 'began' | 'wgan' | 'wgan_gp';
  readonly size: number;
  readonly filters: number;
  readonly embedding: number;
  readonly batch: number;
  readonly channels_last?: boolean;
  /** Of BEGAN. */
  readonly layout?: 'after' | 'inside';
  readonly skip?: boolean;
  readonly carry?: boolean;
  readonly shared?: boolean;
}

export class TorchPeer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #made = 0;

  constructor(threads: number) {
    this.#process = spawn(process.env['BENCH_PYTHON'] ?? 'python3', [SCRIPT], {
      env: { ...process.env, BENCH_THREADS: String(threads), OMP_NUM_THREADS: String(threads) },
    });
    this.#process.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async make(system: TorchSystem): Promise<TorchModel> {
    const name = `system ${(this.#made += 1)}`;
    const { parameters, torch } = (await this.#ask({ make: { name, ...system } })) as {
      parameters: number;
      torch: string;
    };
    return {
      parameters,
      version: torch,
      step: async (times) => (await this.#ask({ step: name, times })) as Timed,
      forward: async (times) => (await this.#ask({ forward: name, times })) as Timed,
    };
  }

  end(): void {
    this.#process.kill();
  }

  async #ask(order: object): Promise<unknown> {
    this.#process.stdin.write(`${JSON.stringify(order)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('PyTorch has ended');
    return JSON.parse(line.value) as unknown;
  }
}

export interface TorchModel {
  readonly parameters: number;
  readonly version: string;
  readonly step: (times: number) => Promise<Timed>;
  readonly forward: (times: number) => Promise<Timed>;
}
