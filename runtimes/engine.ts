/** What every runtime offers: a program made ready to run. */
import type { Program } from '../compiler/program.js';

export interface GraphInputs {
  /** By feed name; row-major, of the declared shape. */
  readonly feeds: ReadonlyMap<string, Float32Array>;
  /** By scalar name. */
  readonly scalars: ReadonlyMap<string, number>;
}

export interface Engine {
  readonly name: string;
  /** Compiles all phases and outputs. State is zero until written. */
  load(program: Program): Promise<Executable>;
  /** Whether the engine has memory for a program; absent where that shows only when it is loaded. */
  fits?(program: Program): boolean;
}

/** Values of one run; copies the caller may keep. */
export interface RunValues {
  read(value: string): Promise<Float32Array>;
}

/** What a device does behind the host's back. */
export interface RunQueue {
  /** Steps to give before the numbers of the first are waited for. */
  readonly depth: number;
  /** The last run of that phase: its small values (up to 256 elements) can be read however many runs follow. */
  lastRun(name: string): RunValues;
}

export interface Executable {
  /** Runs one phase or output by name: reads state and inputs, writes state. */
  run(name: string, inputs: GraphInputs): Promise<void>;
  /** A value output of the last run of that phase or output; a copy the caller may keep. */
  read(name: string, value: string): Promise<Float32Array>;
  /** Where runs can be given faster than they are done; absent where `run` returns when a run is over. */
  readonly queue?: RunQueue | undefined;
  readState(name: string): Promise<Float32Array>;
  writeState(name: string, values: ArrayLike<number>): Promise<void>;
  /** Bytes the program holds; absent where the engine cannot say. */
  readonly memory?: { readonly plannedBytes: number } | undefined;
  /** How many compute; absent where the engine cannot say. */
  readonly threads?: number | undefined;
  dispose(): void;
}
