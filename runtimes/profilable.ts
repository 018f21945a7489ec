/** What engines offer to profilers: runs of a phase in pieces, as small as the engine can time, each with its time. */
import type { Cost } from '../compiler/graph/cost.js';
import type { Shape } from '../compiler/graph/graph.js';
import type { Program } from '../compiler/program.js';
import type { Engine, Executable, GraphInputs } from './engine.js';

/** A piece of a phase, in the order they run. */
export interface Piece {
  /** What it computes, by the spec's names. */
  readonly name: string;
  /** The kind of kernel, the operation of a graph, or `graph` for a whole one. */
  readonly kind: string;
  /** Of its result; absent where it has several. */
  readonly shape?: Shape | undefined;
  readonly cost: Cost;
}

/** In milliseconds: when a piece began, counted from the beginning of its run, and how long it took. */
export interface Span {
  readonly start: number;
  readonly duration: number;
}

/** What a time is the time of. */
export type PieceUnit = 'launch' | 'dispatch' | 'operation' | 'phase';

/** Milliseconds since any fixed moment. */
export type Clock = () => number;

/** Numbers that an engine cannot give, each with the reason: a sentence. */
export interface Absent {
  /** Bytes moved, and so the rate of the memory. */
  readonly bytes?: string | undefined;
  /** What the machine could do at most. */
  readonly peak?: string | undefined;
}

/** What the machine did at most, in an empty loop of multiply-adds just now. */
export interface Peak {
  /** FLOP in a second. */
  readonly flops: number;
  /** What was measured: a sentence. */
  readonly method: string;
}

export interface PieceTimer {
  readonly unit: PieceUnit;
  /** How a time was taken, and what it holds besides the work: sentences for whoever reads the profile. */
  readonly method: string;
  /** Bytes of an element. */
  readonly elementBytes: number;
  readonly absent: Absent;
  pieces(graph: string): readonly Piece[];
  /** What `run` of the executable does, piece by piece: the same state and values are left behind. One span for each piece. */
  run(graph: string, inputs: GraphInputs): Promise<readonly Span[]>;
  /** Resolves when everything that was started is done: ends the time of a whole run. */
  settle(): Promise<void>;
  /** Measured when called; absent where `absent.peak` says why. */
  readonly peak?: (() => Promise<Peak>) | undefined;
}

export interface Profiled {
  readonly executable: Executable;
  readonly timer: PieceTimer;
}

/** An engine whose runs can be taken apart. */
export interface ProfilableEngine extends Engine {
  /** What `load` does, with a way to time its pieces. `clock` is read before and after each that the host can see. */
  loadProfiled(program: Program, clock: Clock): Promise<Profiled>;
}
