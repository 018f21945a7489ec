/** Everything the command takes from its surroundings, so that tests can give something else. */
import type { Terminal } from './terminal.js';

export interface CommandContext {
  readonly terminal: Terminal;
  /** How the user can call us again, in commands we print: `npx began-compile`. */
  readonly invocation: string;
  /** Paths of the command line are relative to it. */
  readonly workingFolder: string;
  /** What is piped into the command. Opened by the call, which takes a while and has to be wanted. */
  readonly input: () => AsyncIterable<Uint8Array>;
  /** Seconds since any fixed moment, for rates. */
  readonly clock: () => number;
  /** The date, for the record of a run. */
  readonly now: () => Date;
  /** From this call on, Ctrl-C and SIGTERM abort the signal instead of ending the process: finish the step, save, stop. */
  readonly interruption: () => AbortSignal;
}
