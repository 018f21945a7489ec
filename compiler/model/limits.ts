/**
 * How large a spec may be: what keeps a slip of a zero, or a spec from a stranger, from filling the memory or keeping the
 * compiler busy. All of them lie above what a run on one machine can train.
 */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import type { Shape } from '../graph/graph.js';
import { refusal } from './refusal.js';
import { elementCount, formatShape, perSample, type SymbolicShape } from './symbolic-shape.js';
import { termInputs, type Term } from './term.js';

export const LIMITS = {
  /** Layers of all networks together, repeats unrolled. */
  layers: 4096,
  /** Parameters of all networks together: four float32 of each (weight, gradient, two moments) are 2 GB. */
  parameters: 2 ** 27,
  /** Numbers of one tensor, the batch included: 1 GB of float32. */
  numbers: 2 ** 28,
  /** Kernels, strides, factors and paddings along one axis: targets compute places in 32 bits. */
  window: 2 ** 20,
  /** Parts of all equations, functions of `let` spliced in. */
  parts: 100_000,
  /** Parts of an equation inside each other, names followed. */
  depth: 400,
  /** Gradients of gradients: each doubles the graph. Losses have gradients of gradients of one; training takes one more. */
  gradients: 4,
  /** Operations of one graph, before those of the last gradients. */
  operations: 150_000,
  /** Parts of a number that the host computes before a phase, shared parts counted as often as they are read. */
  hostParts: 10_000,
  /** Times that one step runs a phase. */
  repeats: 10_000,
  /** Errors that are told of one file: each may be a comparison with every name there is. */
  mistakes: 500,
} as const;

export const LIMIT_NOTE = 'No spec that one machine can train comes near this.';

export const large = (value: number): string =>
  value < 1e15 ? value.toLocaleString('en-US') : value.toExponential(1).replace('+', '');

/** Counts what a model is made of while it is built. Throws DiagnosticError model/limit. */
export class Budget {
  readonly #batch: number;
  #layers = 0;
  #parameters = 0;
  #parts = 0;

  constructor(batch: number) {
    this.#batch = batch;
  }

  /** One more layer, or one more turn of a `repeat`. */
  layer(span: Span, uses: readonly Span[]): void {
    this.#layers += 1;
    if (this.#layers <= LIMITS.layers) return;
    throw refusal({
      code: 'model/limit',
      message: `The networks have more than ${large(LIMITS.layers)} layers`,
      span,
      uses,
      note: 'Repeats and blocks are written out when a spec is compiled, and every layer becomes code.',
      help: 'Lower the numbers behind `repeat`, or use fewer layers.',
    });
  }

  parameter(shape: Shape, span: Span, uses: readonly Span[]): void {
    this.#parameters += elementCount(shape);
    if (this.#parameters <= LIMITS.parameters) return;
    throw refusal({
      code: 'model/limit',
      message: `The networks have more than ${large(LIMITS.parameters)} parameters`,
      span,
      uses,
      note: `This layer alone has ${large(elementCount(shape))}. ${LIMIT_NOTE}`,
      help: 'Use fewer units or filters, or make the tensor smaller before a dense layer.',
    });
  }

  /** A tensor of this shape, for the batch of the run. */
  tensor(shape: SymbolicShape, span: Span, uses: readonly Span[] = []): void {
    const batches = shape.filter((size) => size === 'B').length;
    const count = elementCount(perSample(shape)) * this.#batch ** batches;
    if (count <= LIMITS.numbers) return;
    throw refusal({
      code: 'model/limit',
      message: `A tensor of shape ${formatShape(shape)} has ${large(count)} numbers, more than ${large(LIMITS.numbers)}`,
      span,
      uses,
      note: batches === 0 ? LIMIT_NOTE : `B is the batch, ${this.#batch} here. ${LIMIT_NOTE}`,
      help: batches === 0 ? 'Use smaller sizes.' : 'Use smaller sizes or a smaller `batch`.',
    });
  }

  /** One more part of an equation. */
  part(span: Span): void {
    this.#parts += 1;
    if (this.#parts <= LIMITS.parts) return;
    throw refusal({
      code: 'model/limit',
      message: `The equations have more than ${large(LIMITS.parts)} parts`,
      span,
      note: 'A function of `let` is written out at every call, and the functions that it calls as well.',
      help: 'Give what is computed more than once a name of its own, without parameters.',
    });
  }
}

const depths = new WeakMap<Term, number>();

/** A term just made, whose inputs have been through here: refused where too many stand inside each other. */
export function boundDepth(term: Term): Term {
  let depth = 1;
  for (const input of termInputs(term)) depth = Math.max(depth, 1 + (depths.get(input) ?? 1));
  depths.set(term, depth);
  if (depth > LIMITS.depth) throw tooDeep(term.span);
  if (gradientsInside(term) > LIMITS.gradients) {
    throw refusal({
      code: 'model/limit',
      message: `More than ${LIMITS.gradients} gradients are taken of each other`,
      span: term.span,
      note: 'Each may double what is computed. A penalty on a slope takes one, and training one more.',
      help: 'Take the gradient of something that has fewer in it.',
    });
  }
  return term;
}

/** A graph in the making that has so many operations, of which the term at `span` made the last. */
export function boundOperations(count: number, span: Span): void {
  if (count <= LIMITS.operations) return;
  throw refusal({
    code: 'model/limit',
    message: `A phase has more than ${large(LIMITS.operations)} operations`,
    span,
    note: `Every call of a network on another tensor writes its layers out once more. ${LIMIT_NOTE}`,
    help: 'Call networks less often, or make them shallower.',
  });
}

const gradients = new WeakMap<Term, number>();

/** How many gradients stand inside each other. */
function gradientsInside(term: Term): number {
  const known = gradients.get(term);
  if (known !== undefined) return known;
  const inside = termInputs(term).reduce((most, input) => Math.max(most, gradientsInside(input)), 0);
  const count = inside + (term.kind === 'gradient' ? 1 : 0);
  gradients.set(term, count);
  return count;
}

export function tooDeep(span: Span): Error {
  return refusal({
    code: 'model/limit',
    message: `An equation has more than ${LIMITS.depth} parts inside each other`,
    span,
    note: 'The names it reads count with all that they stand for.',
    help: 'Shorten the chain of definitions.',
  });
}

const sizes = new WeakMap<Term, number>();

/** How many parts a term has where shared ones are written out, as the host's arithmetic has them. */
export function hostSize(term: Term): number {
  const known = sizes.get(term);
  if (known !== undefined) return known;
  const size = termInputs(term).reduce((sum, input) => sum + hostSize(input), 1);
  sizes.set(term, size);
  return size;
}

/** A number that the host computes before a phase: refused where it has too many parts. */
export function boundHost(term: Term): Term {
  if (hostSize(term) <= LIMITS.hostParts) return term;
  throw refusal({
    code: 'model/limit',
    message: `This number has more than ${large(LIMITS.hostParts)} parts`,
    span: term.span,
    note: 'Rates, repeats and sizes are computed before every step, with every name written out where it is read.',
    help: 'Shorten the chain of definitions.',
  });
}
