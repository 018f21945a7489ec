/**
 * Where a program's tensors lie in its memory: all that a runtime has to know of a plan to run what was generated for it.
 * Plain data, so that it can be written to an artifact.
 */

export interface TensorPlace {
  /** In bytes from the program's base. */
  readonly offset: number;
  readonly elements: number;
}

export interface GraphLayout {
  readonly name: string;
  readonly feeds: ReadonlyMap<string, TensorPlace>;
  readonly scalars: ReadonlyMap<string, { readonly offset: number }>;
  readonly values: ReadonlyMap<string, TensorPlace>;
}

export interface ProgramLayout {
  readonly graphs: readonly GraphLayout[];
  readonly state: ReadonlyMap<string, TensorPlace>;
  readonly memory: {
    /** From the base on. */
    readonly stateBytes: number;
    /** All that the program holds. */
    readonly plannedBytes: number;
  };
}
