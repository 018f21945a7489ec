/** The folder a run leaves behind: which file lies where, and the rule that one run is never written over another. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { writeFileAtomically } from '../node/atomic-file.js';

/** Checkpoints that are kept; older ones are removed. */
const KEPT_CHECKPOINTS = 3;

/** `step-000100`: names sort as steps do, up to a million steps and, by `stepOfName`, beyond. */
export const stepName = (step: number): string => `step-${String(step).padStart(6, '0')}`;

export function stepOfName(name: string): number | undefined {
  const digits = /^step-(\d{6,})(\.|$)/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** `runs/faces-32` for `examples/faces-32.yaml`. */
export function defaultRunFolder(specPath: string): string {
  return join('runs', basename(specPath, extname(specPath)));
}

export class RunFolder {
  /** @param path as the user gave it; @param absolute where it is */
  constructor(
    readonly path: string,
    readonly absolute: string,
  ) {}

  readonly #at = (...parts: readonly string[]): string => join(this.absolute, ...parts);

  get specFile(): string {
    return this.#at('spec.yaml');
  }
  get recordFile(): string {
    return this.#at('run.json');
  }
  get metricsFile(): string {
    return this.#at('metrics.jsonl');
  }
  get reportFile(): string {
    return this.#at('report.html');
  }
  get checkpoints(): string {
    return this.#at('checkpoints');
  }
  get samples(): string {
    return this.#at('samples');
  }
  get reconstructions(): string {
    return this.#at('reconstructions');
  }

  /** Throws DiagnosticError run/folder-exists where the folder holds anything. */
  async refuseIfUsed(): Promise<void> {
    if ((await listing(this.absolute)).length > 0) {
      const other = `start in another folder, for example \`--out ${await this.#freeName()}\``;
      const resumable = (await listing(this.checkpoints)).includes('latest');
      throw new DiagnosticError({
        code: 'run/folder-exists',
        severity: 'error',
        message: `The folder \`${this.path}\` is not empty`,
        note: 'A run never writes over another.',
        help: resumable
          ? `Continue it with \`--resume ${this.path}\`, or ${other}.`
          : `It holds no checkpoint to continue from: remove it, or ${other}.`,
      });
    }
  }

  async #freeName(): Promise<string> {
    for (let number = 2; ; number++) {
      if ((await listing(`${this.absolute}-${number}`)).length === 0) return `${this.path}-${number}`;
    }
  }

  checkpointFile(step: number): string {
    return this.#at('checkpoints', `${stepName(step)}.safetensors`);
  }

  /**
   * The newest checkpoint, by the name in checkpoints/latest. Throws DiagnosticError run/nothing-to-resume.
   */
  async latestCheckpoint(): Promise<{ readonly file: string; readonly name: string }> {
    const pointer = join(this.checkpoints, 'latest');
    let name: string;
    try {
      name = (await readFile(pointer, 'utf8')).trim();
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new DiagnosticError({
        code: 'run/nothing-to-resume',
        severity: 'error',
        message: `The folder \`${this.path}\` holds no checkpoint`,
        note: `\`${join(this.path, 'checkpoints', 'latest')}\` is not there. A run writes its first checkpoint after \`train.checkpoint\` steps, at its end, or at Ctrl-C.`,
        help: 'Give the folder that a run with a checkpoint was written to.',
      });
    }
    return { file: join(this.checkpoints, name), name: join(this.path, 'checkpoints', name) };
  }

  /** Writes a checkpoint, points `latest` to it, and removes all but the newest ones. */
  async writeCheckpoint(step: number, bytes: Uint8Array): Promise<void> {
    const file = this.checkpointFile(step);
    await writeFileAtomically(file, bytes);
    await writeFileAtomically(join(this.checkpoints, 'latest'), `${basename(file)}\n`);
    const steps = (await listing(this.checkpoints))
      .filter((name) => name.endsWith('.safetensors'))
      .map((name) => stepOfName(name))
      .filter((known) => known !== undefined)
      .sort((a, b) => b - a);
    for (const old of steps.filter((known) => known <= step).slice(KEPT_CHECKPOINTS)) {
      await rm(this.checkpointFile(old), { force: true });
    }
  }

  /** What a data path of the spec is relative to, as seen from this folder: the folder may be moved with its project. */
  relativeTo(other: string): string {
    return relative(this.absolute, other) || '.';
  }
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Names in a folder; none where it does not exist. A file in its place counts as something. */
export async function listing(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR' && (await stat(folder)).isFile()) return ['.'];
    throw error;
  }
}
