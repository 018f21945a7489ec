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
}

export interface Executable {
  /** Runs one phase or output by name: reads state and inputs, writes state. */
  run(name: string, inputs: GraphInputs): Promise<void>;
  /** A value output of the last run of that phase or output; a copy the caller may keep. */
  read(name: string, value: string): Promise<Float32Array>;
  readState(name: string): Promise<Float32Array>;
  writeState(name: string, values: ArrayLike<number>): Promise<void>;
  /** Bytes the program holds; absent where the engine cannot say. */
  readonly memory?: { readonly plannedBytes: number } | undefined;
  dispose(): void;
}
