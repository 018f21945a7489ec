/** What the doctor finds out about one backend. */
import type { Diagnostic } from '../../../spec/diagnostics/diagnostic.js';
import { BACKENDS, ENGINES } from '../backends.js';

/** Backends, and the peers that run in their place. */
export const PATIENTS = [...BACKENDS, ...ENGINES] as const;
export type Patient = (typeof PATIENTS)[number];

export interface Checkup {
  /** Whether `run` would start. */
  readonly ready: boolean;
  /** What is there, in the order it is printed. */
  readonly facts: readonly Fact[];
  /** What `run` would refuse with. */
  readonly diagnostics: readonly Diagnostic[];
}

export type Fact = readonly [label: string, text: string];

/** What the doctor takes from its surroundings. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** Folders of the package that brings TensorFlow, the preferred one first. */
  readonly packageFolders: () => readonly string[];
  readonly signal: AbortSignal;
  /** Told what native libraries log. */
  readonly log: (text: string) => void;
}

export type Check = (surroundings: Surroundings) => Checkup | Promise<Checkup>;
