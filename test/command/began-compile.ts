/** Runs the built `began-compile` as a user does: a process of its own, in a folder of its own. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const COMMAND = fileURLToPath(new URL('../../dist/runtimes/cli/main.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningCommand {
  readonly finished: Promise<Outcome>;
  /** Resolves when standard output holds `text`; rejects when the command ends without it. */
  printed(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** What is on standard output by now. */
  output(): string;
}

export class Workspace {
  private constructor(readonly folder: string) {}

  /** A temporary folder, removed after the test. */
  static async create(files: Readonly<Record<string, string>> = {}): Promise<Workspace> {
    const workspace = new Workspace(await mkdtemp(join(tmpdir(), 'began-compile-test-')));
    onTestFinished(() => rm(workspace.folder, { recursive: true, force: true }));
    for (const [path, text] of Object.entries(files)) await workspace.write(path, text);
    return workspace;
  }

  async write(path: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true });
    await writeFile(join(this.folder, path), content);
  }

  /** A file, or a folder with what is in it. */
  remove(path: string): Promise<void> {
    return rm(join(this.folder, path), { recursive: true });
  }

  read(path: string): Promise<Buffer> {
    return readFile(join(this.folder, path));
  }

  async text(path: string): Promise<string> {
    return (await this.read(path)).toString('utf8');
  }

  start(...argv: readonly string[]): RunningCommand {
    return this.#start(argv, '');
  }

  #start(argv: readonly string[], input: string): RunningCommand {
    const child = spawn(process.execPath, [COMMAND, ...argv], {
      cwd: this.folder,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    // A command that stops reading early breaks the pipe: what it says of that is what is tested.
    child.stdin.on('error', () => undefined).end(input);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const finished = new Promise<Outcome>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, err }));
    });
    return {
      finished,
      printed: (text) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (out.includes(text)) resolve();
          };
          child.stdout.on('data', look);
          child.on('close', () => reject(new Error(`ended without printing ${text}:\n${out}${err}`)));
          look();
        }),
      signal: (name) => void child.kill(name),
      output: () => out,
    };
  }

  run(...argv: readonly string[]): Promise<Outcome> {
    return this.start(...argv).finished;
  }

  /** With `text` on standard input. */
  pipe(text: string, ...argv: readonly string[]): Promise<Outcome> {
    return this.#start(argv, text).finished;
  }
}

/** A line of metrics.jsonl. */
export interface MetricsRow {
  readonly step: number;
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly means: Readonly<Record<string, number>>;
  readonly diversity?: number;
  readonly divergence?: Readonly<Record<string, readonly number[]>>;
}

export async function metricsRows(workspace: Workspace, folder: string): Promise<readonly MetricsRow[]> {
  const text = await workspace.text(`${folder}/metrics.jsonl`);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as MetricsRow);
}

/** One pixel. */
export const GREY_PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

/** The smallest spec that trains: 16 x 16 pictures, 4 filters, batch 4. */
export const TINY_SPEC = `version: 1
title: Tiny faces
hyper: { n: 4, h: 8, gamma: 0.7, lambda_k: 0.01 }
data:
  x: { facesjs: 40, size: 16, background: plain }
noise:
  z: { uniform: [-1, 1], shape: [h] }
networks:
  G: { use: began/decoder, with: { size: 16, filters: n, repeat: 2, skip: true } }
  D: { use: began/autoencoder, with: { size: 16, filters: n, embedding: h, repeat: 2, skip: true } }
objective:
  use: began
  with: { gamma: gamma, lambda_k: lambda_k, latents: shared, rate: 1e-3 }
outputs:
  generate: G(z)
  reconstruct: D(x)
train: { batch: 4, steps: 6, seed: 1, log: 1, samples: 3, checkpoint: 2 }
`;

/** What the tests train with. */
export const BACKEND = ['--backend', 'wasm'] as const;
