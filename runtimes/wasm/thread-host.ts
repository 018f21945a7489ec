/** How an engine gets threads: they are given from outside, since Node and pages start them differently. */
import type { WasmMemory } from './web-assembly.js';

export interface ThreadHost {
  /** Threads that can compute at the same time on this machine, the calling one among them. */
  readonly cores: number;
  /** Whether the calling thread may sleep while it waits: the main thread of a page may not. */
  readonly maySleep: boolean;
  /**
   * Starts a thread whose life is one call (`serve`). It must not keep a process alive. Throws where no thread can be started.
   */
  start(given: ThreadStart, events: ThreadEvents): Thread;
}

export interface ThreadStart {
  /** A compiled module; may be posted. */
  readonly module: object;
  readonly memory: WasmMemory;
  readonly base: number;
  /** From 1 on: 0 is the calling one. */
  readonly thread: number;
}

export interface ThreadEvents {
  /** The module is there, and takes part in runs from now on. */
  ready(): void;
  /** It has ended, whatever the reason. May be told more than once. */
  ended(why: string): void;
}

export interface Thread {
  /** Ends it, also in the middle of a run or asleep. */
  end(): Promise<void>;
}

/**
 * What a thread does: JavaScript in which `start` is a ThreadStart and `ready` a function. As text, so that no bundler
 * and no folder has to know where a script lies.
 */
export const THREAD_SCRIPT = `
const host = { memory: start.memory, base: new WebAssembly.Global({ value: 'i32', mutable: false }, start.base) };
const { exports } = new WebAssembly.Instance(start.module, { host });
ready();
exports['#serve'](start.thread);
`;
