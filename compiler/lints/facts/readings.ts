/**
 * How a loss reads what networks give: as it is (the critic of a WGAN), squared (LSGAN), through a softplus (a logit),
 * as the logits of a softmax, ... Only ways along which a gradient flows are followed.
 */
import type { FunctionName } from '../../model/functions.js';
import type { Model, UpdateModel } from '../../model/model.js';
import type { NetworkModel } from '../../model/network.js';
import { elementCount, perSample } from '../../model/symbolic-shape.js';
import type { Term } from '../../model/term.js';

export type Manner =
  /** Sums, means and multiples of it. */
  | 'linear'
  | 'squared'
  | 'hinged'
  /** log(1 + exp(.)): a logit of two classes. */
  | 'softplus'
  /** The logits of a softmax. */
  | 'logits'
  | 'logarithm'
  | 'other';

export interface Reading {
  readonly manner: Manner;
  /** The function that says so; undefined for `linear`. */
  readonly by: Term | undefined;
  /** What is read: a call, a branch of one, or a function of one that the manner may not expect (softmax). */
  readonly read: Term;
}

const MANNERS: Partial<Readonly<Record<FunctionName, Manner>>> = {
  square: 'squared',
  hinge: 'hinged',
  relu: 'hinged',
  softplus: 'softplus',
  softmax: 'logits',
  log_softmax: 'logits',
  logsumexp: 'logits',
  cross_entropy: 'logits',
  log: 'logarithm',
};

/** Functions that pass on what they are given, up to factors and offsets. */
const AFFINE = new Set<FunctionName>(['add', 'sub', 'neg', 'mul', 'div', 'mean', 'sum', 'join']);

/** Every reading of a network in `loss`, each manner of each read term once. */
export function readingsOf(loss: Term): readonly Reading[] {
  const found: Reading[] = [];
  const seen = new Map<Term, Set<Manner>>();

  const visit = (term: Term, manner: Manner, by: Term | undefined): void => {
    const manners = seen.get(term) ?? new Set();
    if (manners.has(manner)) return;
    seen.set(term, manners.add(manner));
    switch (term.kind) {
      case 'network':
      case 'field':
        found.push({ manner, by, read: term });
        return;
      case 'apply': {
        const name = term.function;
        if (name === 'stop') return;
        if (name === 'where') {
          for (const branch of term.arguments.slice(1)) visit(branch, manner, by);
          return;
        }
        if (name === 'pow' || name === 'max' || name === 'min' || name === 'clip') {
          const next: Manner = name === 'pow' ? 'squared' : 'hinged';
          for (const part of term.arguments) visit(part, manner === 'linear' ? next : 'other', term);
          return;
        }
        if (AFFINE.has(name)) {
          const networks = term.arguments.filter(readsNetwork);
          const product = (name === 'mul' || name === 'div') && networks.length > 1;
          for (const part of networks) visit(part, product ? 'other' : manner, product ? term : by);
          return;
        }
        const own = MANNERS[name];
        if (name === 'softmax' || name === 'sigmoid') found.push({ manner, by, read: term });
        const [first, ...rest] = term.arguments;
        if (first !== undefined) visit(first, own !== undefined && rank(own, manner) ? own : 'other', term);
        for (const part of rest) visit(part, 'other', term);
        return;
      }
      default:
        return;
    }
  };
  visit(loss, 'linear', undefined);
  return found;
}

/** The readings of every loss, with the update that minimises it. */
export function readingsOfUpdates(model: Model): readonly (Reading & { readonly update: UpdateModel })[] {
  return model.phases.flatMap(({ updates }) =>
    updates.flatMap((update) => readingsOf(update.minimize).map((reading) => ({ ...reading, update }))),
  );
}

/** The innermost function decides what it needs to be given; entropy(softmax(D(x))) reads logits. */
function rank(own: Manner, outer: Manner): boolean {
  return own === 'logits' || own === 'softplus' || own === 'logarithm' || outer === 'linear';
}

const reads = new WeakMap<Term, boolean>();

function readsNetwork(term: Term): boolean {
  const known = reads.get(term);
  if (known !== undefined) return known;
  const answer =
    term.kind === 'network' ||
    term.kind === 'field' ||
    (term.kind === 'apply' && term.function !== 'stop' && term.arguments.some(readsNetwork));
  reads.set(term, answer);
  return answer;
}

/** The network a reading is of, and the branch; undefined where a function of the language was read. */
export function networkRead(read: Term): { network: NetworkModel; branch: string | undefined } | undefined {
  if (read.kind === 'network') return { network: read.network, branch: undefined };
  if (read.kind === 'field') return { network: read.of.network, branch: read.key };
  return undefined;
}

/** True where a term has one number per sample: a score, not a picture or a vector. */
export function isScore(term: Term): boolean {
  return term.shape[0] === 'B' && elementCount(perSample(term.shape)) === 1;
}
