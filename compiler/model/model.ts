/**
 * The model: a spec whose library is expanded, whose names are resolved and whose shapes are known, with the batch
 * still a symbol. Graphs, inspect and exports are made from it.
 */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import type { DataSpec, LibraryParameter, Spec } from '../../spec/spec.js';
import type { Shape } from '../graph/graph.js';
import type { NetworkModel, ParameterModel } from './network.js';
import type { Term } from './term.js';

export type OptimizerModel =
  | {
      readonly kind: 'adam';
      readonly rate: Term;
      readonly beta1: Term;
      readonly beta2: Term;
      readonly epsilon: Term;
      readonly weightDecay: Term | undefined;
    }
  | {
      readonly kind: 'rmsprop';
      readonly rate: Term;
      readonly decay: Term;
      readonly epsilon: Term;
      readonly momentum: Term;
    }
  | { readonly kind: 'sgd'; readonly rate: Term; readonly momentum: Term };

export interface UpdateModel {
  readonly name: string;
  readonly span: Span;
  readonly minimize: Term;
  /** What moves: all of a network, or what one of its branches makes. */
  readonly train: readonly {
    readonly network: NetworkModel;
    readonly parameters: readonly ParameterModel[];
    /** Where it is named. */
    readonly span: Span;
  }[];
  readonly optimizer: OptimizerModel;
  readonly clipGradients: { readonly kind: 'norm' | 'value'; readonly limit: Term } | undefined;
  readonly project:
    { readonly low: Term; readonly high: Term; readonly when: 'before' | 'after' } | undefined;
}

/** One update, or a `together` group whose gradients are all taken at the same parameters. */
export interface PhaseModel {
  /** The updates' names joined by `+`. */
  readonly name: string;
  readonly updates: readonly UpdateModel[];
  readonly repeat: Term | undefined;
  /** Runs in steps 0, every, 2 every, ... only. */
  readonly every: Term | undefined;
  /** Times the batch of the program. */
  readonly batch: number;
  /** Values of `let` that the controller reads. */
  readonly registers: ReadonlyMap<string, Term>;
}

export type StateModel =
  | { readonly kind: 'next'; readonly name: string; readonly init: number; readonly next: Term }
  | {
      readonly kind: 'plateau';
      readonly name: string;
      readonly init: number;
      readonly of: Term;
      readonly factor: Term;
      readonly window: Term;
      readonly floor: Term;
    };

export interface StreamModel {
  readonly name: string;
  /** Per sample. */
  readonly shape: Shape;
  readonly data: DataSpec;
}

/** What `let` calls a value, and how it is written there. */
export interface LetModel {
  readonly name: string;
  readonly source: string;
}

/** A number that a `use` gave to a parameter of a library objective, or its default. */
export interface GivenParameter {
  readonly entry: string;
  readonly parameter: LibraryParameter;
  readonly value: number;
  readonly span: Span;
}

export interface Model {
  readonly spec: Spec;
  readonly networks: readonly NetworkModel[];
  readonly streams: readonly StreamModel[];
  readonly phases: readonly PhaseModel[];
  /** Names that the objective gives to values; those of values that nothing reads may be missing. */
  readonly lets: ReadonlyMap<Term, LetModel>;
  readonly state: readonly StateModel[];
  readonly metrics: ReadonlyMap<string, Term>;
  /** When the run ends early: the mean of `of` over a window is not below `factor` times the best window's so far. */
  readonly stop: { readonly of: Term; readonly window: Term; readonly factor: Term } | undefined;
  readonly outputs: ReadonlyMap<string, Term>;
  /** Numbers that can be changed while the program runs. */
  readonly hyper: ReadonlyMap<string, number>;
  /** Parameters of the objective that have a range, where their value is known at compile time. */
  readonly given: readonly GivenParameter[];
}
