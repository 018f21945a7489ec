/**
 * Equations after names are resolved and types known: a directed graph of terms shared by identity. A `let` is one
 * term however often it is read; each phase evaluates it once, with its own parameters and its own draws.
 */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import type { FunctionName } from './functions.js';
import type { NetworkModel } from './network.js';
import type { SymbolicShape } from './symbolic-shape.js';

export interface NoiseModel {
  readonly name: string;
  readonly distribution: 'uniform' | 'normal' | 'categorical' | 'bernoulli';
  readonly parameters: readonly [Term, Term];
  /** With the batch in front. */
  readonly shape: SymbolicShape;
  /** Of categorical noise. */
  readonly classes?: number | undefined;
}

/** What `per=` chose: everything to one number, one number per sample, or the batch axis alone. */
export type Extent = 'all' | 'sample' | 'batch';

export type Term = {
  readonly span: Span;
  readonly shape: SymbolicShape;
  /** Of class numbers: how many classes there are. */
  readonly classes?: number | undefined;
} & (
  | { readonly kind: 'number'; readonly value: number }
  /** Words and truth values exist at compile time only. */
  | { readonly kind: 'word'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** A number that may be changed while the program runs; `value` is the spec's. */
  | { readonly kind: 'hyper'; readonly name: string; readonly value: number }
  /** Steps finished so far, and steps of the whole run. */
  | { readonly kind: 'step' }
  | { readonly kind: 'steps' }
  /** A named schedule: an open-loop number that the host computes. */
  | { readonly kind: 'schedule'; readonly name: string; readonly body: Term }
  | { readonly kind: 'state'; readonly name: string }
  /** In the controller: what a phase computed for a `let`. */
  | { readonly kind: 'register'; readonly phase: string; readonly name: string }
  | { readonly kind: 'data'; readonly stream: string }
  /** `draw` 0 is the name itself; fresh(z) has a number of its own. */
  | { readonly kind: 'noise'; readonly noise: NoiseModel; readonly draw: number }
  /** The classes of the same examples that a data stream gives. */
  | { readonly kind: 'labels'; readonly stream: string }
  /** Inside a network: an input, a tap or a branch of the same call. */
  | { readonly kind: 'local'; readonly key: string }
  | { readonly kind: 'network'; readonly network: NetworkModel; readonly arguments: readonly Term[] }
  /** A tap or branch of what a network computed. */
  | {
      readonly kind: 'field';
      readonly of: Extract<Term, { kind: 'network' }>;
      readonly key: string;
    }
  | { readonly kind: 'gradient'; readonly of: Term; readonly wrt: Term }
  | {
      readonly kind: 'apply';
      readonly function: FunctionName;
      readonly arguments: readonly Term[];
      readonly extent: Extent;
    }
);

/** The terms a term is made of. */
export function termInputs(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'number':
    case 'word':
    case 'boolean':
    case 'hyper':
    case 'step':
    case 'steps':
    case 'state':
    case 'register':
    case 'data':
    case 'noise':
    case 'labels':
    case 'local':
      return [];
    case 'schedule':
      return [term.body];
    case 'network':
      return term.arguments;
    case 'field':
      return [term.of];
    case 'gradient':
      return [term.of, term.wrt];
    case 'apply':
      return term.arguments;
    default:
      throw new Error(`internal: unknown term ${String(term satisfies never)}`);
  }
}

/** Every term that `roots` are made of, each once, inputs before readers. */
export function reachableTerms(roots: readonly Term[]): readonly Term[] {
  const seen = new Set<Term>();
  const ordered: Term[] = [];
  const visit = (term: Term): void => {
    if (seen.has(term)) return;
    seen.add(term);
    termInputs(term).forEach(visit);
    ordered.push(term);
  };
  roots.forEach(visit);
  return ordered;
}
