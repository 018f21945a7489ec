/** The threads of one loaded program, and its runs on all of them. */
import { RUN_OVER, WAITING } from '../../compiler/wasm/thread-control.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Thread, ThreadHost, ThreadStart } from './thread-host.js';

/** A graph that threads share: called by thread 0 until it is over. */
export type StagedRun = (from: number, waiting: number) => number;

/** Milliseconds without any progress after which a thread is taken for dead, where nobody tells that it has ended. */
const SILENCE = 120_000;
/** Of one look: a machine that slept in between was no silence. */
const MOST_PER_LOOK = 1000;

export class ThreadPool {
  readonly size: number;
  readonly #waiting: number;
  readonly #threads: Thread[] = [];
  #lost: { readonly why: string; readonly half: boolean } | undefined;
  #running = false;
  #onLoss: () => void = () => undefined;

  private constructor({ maySleep }: ThreadHost, size: number) {
    this.size = size;
    this.#waiting = maySleep ? WAITING.sleeping : WAITING.spinning;
  }

  /** Starts all threads but the calling one. Throws DiagnosticError wasm/thread-lost where one cannot be started. */
  static async start(
    host: ThreadHost,
    size: number,
    given: Omit<ThreadStart, 'thread'>,
  ): Promise<ThreadPool> {
    const pool = new ThreadPool(host, size);
    const loss = new Promise<void>((resolve) => (pool.#onLoss = resolve));
    const ready = Array.from({ length: size - 1 }, (_, i) =>
      pool.#startThread(host, { ...given, thread: i + 1 }),
    );
    await Promise.race([Promise.all(ready), loss]);
    if (pool.#lost !== undefined) {
      await pool.end();
      throw threadLost(pool.#lost.why);
    }
    return pool;
  }

  /** Resolves when it takes part. */
  #startThread(host: ThreadHost, given: ThreadStart): Promise<void> {
    return new Promise((resolve) => {
      try {
        this.#threads.push(host.start(given, { ready: resolve, ended: (why) => this.#lose(why) }));
      } catch (error) {
        this.#lose(messageOf(error));
      }
    });
  }

  /** Throws DiagnosticError wasm/thread-lost where a thread has died in the middle of a run: what is in the memory is half done. */
  requireWhole(): void {
    if (this.#lost?.half === true) throw threadLost(this.#lost.why);
  }

  /** Throws DiagnosticError wasm/thread-lost where a thread has died. */
  requireAll(): void {
    if (this.#lost !== undefined) throw threadLost(this.#lost.why);
  }

  /** Throws DiagnosticError wasm/thread-lost where a thread has died, before or while it takes part. */
  async run(graph: StagedRun): Promise<void> {
    this.requireAll();
    if (this.#running) throw new Error('a program runs one phase or output at a time');
    this.#running = true;
    try {
      await this.#walk(graph);
    } finally {
      this.#running = false;
    }
  }

  async #walk(graph: StagedRun): Promise<void> {
    let stage = 0;
    let silent = 0;
    for (;;) {
      const before = performance.now();
      const reached = this.#enter(graph, stage);
      if (reached === RUN_OVER) return;
      // The thread that waits gave up for a moment: only now can be heard what has become of the others.
      await new Promise((resolve) => setTimeout(resolve, 0));
      silent = reached === stage ? silent + Math.min(MOST_PER_LOOK, performance.now() - before) : 0;
      if (silent > SILENCE) this.#lose(`nothing was heard of it for ${SILENCE / 1000} seconds`);
      this.requireAll();
      stage = reached;
    }
  }

  #enter(graph: StagedRun, stage: number): number {
    try {
      return graph(stage, this.#waiting);
    } catch (error) {
      this.#lose(messageOf(error));
      throw threadLost(this.#lost!.why);
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.end()));
  }

  #lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = { why, half: this.#running };
    this.#onLoss();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const threadLost = (why: string): DiagnosticError =>
  new DiagnosticError({
    code: 'wasm/thread-lost',
    severity: 'error',
    message: `A thread of the program has ended: ${why}`,
    note: 'The others cannot go on without its share of the work.',
    help: 'Go on from the last checkpoint with `began-compile run --resume FOLDER`, with `--threads 1` if it happens again.',
  });
