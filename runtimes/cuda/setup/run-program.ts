/** Programs of others: npm, pip, the compiler and the package's own installer, with what they print and a way to end them. */
import { spawn } from 'node:child_process';
import type { SetupContext } from './setup-context.js';

export interface ProgramOptions {
  readonly folder?: string | undefined;
  readonly environment: SetupContext['environment'];
  readonly signal: AbortSignal;
  /** Told once a second: the newest line that was printed, and for how long the program has run. */
  readonly progress?: ((newest: string, seconds: number) => void) | undefined;
  readonly patience?: Patience | undefined;
}

/** How long a program may stand still. Installers download without a time limit of their own. */
export interface Patience {
  readonly seconds: number;
  /** Grows while it works; so does its output. */
  readonly done: () => number;
}

export interface ProgramOutcome {
  /** Undefined where a signal ended it. */
  readonly code: number | undefined;
  /** Standard output and error as they came. */
  readonly output: string;
  /** It was ended because it stood still. */
  readonly stalled: boolean;
}

/** Gives undefined where there is no such program. Throws the signal's reason when it is aborted. */
export async function runProgram(
  command: string,
  argv: readonly string[],
  { folder, environment, signal, progress, patience }: ProgramOptions,
): Promise<ProgramOutcome | undefined> {
  signal.throwIfAborted();
  // A group of its own, so that ending it ends what it has started too.
  const child = spawn(command, argv, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = (): void => {
    // A program that could not be started has no number, and group 0 would be ours.
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
    }
  };
  let output = '';
  let stalled = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }

  const startedAt = Date.now();
  let movedAt = startedAt;
  let before = 0;
  const watch = setInterval(() => {
    const now = Date.now();
    progress?.(
      output
        .trimEnd()
        .split(/[\r\n]/)
        .at(-1)!,
      (now - startedAt) / 1000,
    );
    if (patience === undefined) return;
    const done = output.length + patience.done();
    if (done !== before) [before, movedAt] = [done, now];
    else if (now - movedAt > patience.seconds * 1000) {
      stalled = true;
      end();
    }
  }, 1000);
  signal.addEventListener('abort', end);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    signal.throwIfAborted();
    return { code: code ?? undefined, output, stalled };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    clearInterval(watch);
    signal.removeEventListener('abort', end);
  }
}

/** What a program complains of, for a diagnostic: the lines that name an error, the last lines where none does. */
export function complaints(output: string): string {
  const lines = output
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const errors = lines.filter((line) => /\berror\b/i.test(line) && !line.startsWith('WARNING'));
  return errors.length === 0 ? lines.slice(-3).join('\n') : errors.slice(0, 3).join('\n');
}
