/**
 * What a profile holds: numbers of one machine, of training steps that were run for it. Times are means over the calmer half of
 * the runs of a phase.
 */
import type { Absent, Peak, Piece, PieceUnit } from '../../profilable.js';

export interface Profile {
  /** As the engine calls itself. */
  readonly engine: string;
  readonly unit: PieceUnit;
  readonly method: string;
  readonly elementBytes: number;
  readonly absent: Absent;
  readonly peak: Peak | undefined;
  /** Milliseconds that a reading of the clock takes. */
  readonly clockReading: number;
  /** Seconds from the program to something that runs. */
  readonly load: number;
  /** Timed steps: each once as it is, and once in pieces. */
  readonly steps: number;
  /** Milliseconds of a step between the runs of phases: drawing noise, reading numbers. */
  readonly host: number;
  readonly phases: readonly PhaseProfile[];
  readonly trace: readonly TracedStep[];
}

export interface PhaseProfile {
  /** As the spec and the compiler's listings call it. */
  readonly name: string;
  /** Of a step, on average over the timed ones. */
  readonly executions: number;
  /** Milliseconds of one execution as it is; absent where none was due. */
  readonly whole: number | undefined;
  /** Of one in pieces, with all that lies between them. */
  readonly inPieces: number | undefined;
  readonly pieces: readonly PieceProfile[];
}

export interface PieceProfile {
  readonly piece: Piece;
  /** Milliseconds of a call; absent where the phase was not due in a timed step. */
  readonly mean: number | undefined;
  readonly least: number | undefined;
}

/** In milliseconds since the first timed step. */
export interface TracedStep {
  readonly step: number;
  readonly start: number;
  readonly duration: number;
  readonly runs: readonly TracedRun[];
}

export interface TracedRun {
  readonly phase: string;
  readonly start: number;
  readonly duration: number;
  /** Of each piece, counted from the start of the run. */
  readonly spans: readonly { readonly start: number; readonly duration: number }[];
}
