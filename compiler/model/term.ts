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
  readonly distribution: 'uniform' | 'normal';
  readonly parameters: readonly [Term, Term];
  /** With the batch in front. */
  readonly shape: SymbolicShape;
}

/** What `per=` chose: everything to one number, or one number per sample. */
export type Extent = 'all' | 'sample';

export type Term = { readonly span: Span; readonly shape: SymbolicShape } & (
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
  | { readonly kind: 'network'; readonly network: NetworkModel; readonly argument: Term }
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
      return [];
    case 'schedule':
      return [term.body];
    case 'network':
      return [term.argument];
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
