/** Optimisers as classes of PyTorch: one rule per optimiser. */
import { constantValue } from '../model/constant.js';
import type { OptimizerModel } from '../model/model.js';
import type { Term } from '../model/term.js';
import { tuple, type Python } from './python.js';

type OptimizerOf<K extends OptimizerModel['kind']> = Extract<OptimizerModel, { kind: K }>;

interface Rule<K extends OptimizerModel['kind']> {
  readonly className: string;
  /** What is set before every step, by PyTorch's names. */
  readonly settings: (
    optimizer: OptimizerOf<K>,
    number: (term: Term) => Python,
  ) => readonly (readonly [string, Python])[];
  /** Whether it keeps a velocity: not where momentum is 0 for good. */
  readonly velocity: (optimizer: OptimizerOf<K>) => boolean;
}

const hasMomentum = ({ momentum }: { readonly momentum: Term }): boolean =>
  !(momentum.kind === 'number' && constantValue(momentum) === 0);

const RULES: { readonly [K in OptimizerModel['kind']]: Rule<K> } = {
  adam: {
    className: 'Adam',
    settings: ({ rate, beta1, beta2, epsilon, weightDecay }, number) => [
      ['lr', number(rate)],
      ['betas', tuple([number(beta1), number(beta2)])],
      ['eps', number(epsilon)],
      ...(weightDecay === undefined ? [] : [['weight_decay', number(weightDecay)] as const]),
    ],
    velocity: () => false,
  },
  rmsprop: {
    className: 'RMSprop',
    settings: ({ rate, decay, epsilon, momentum }, number) => [
      ['lr', number(rate)],
      ['alpha', number(decay)],
      ['eps', number(epsilon)],
      ...(hasMomentum({ momentum }) ? [['momentum', number(momentum)] as const] : []),
    ],
    velocity: hasMomentum,
  },
  sgd: {
    className: 'SGD',
    settings: ({ rate, momentum }, number) => [
      ['lr', number(rate)],
      ...(hasMomentum({ momentum }) ? [['momentum', number(momentum)] as const] : []),
    ],
    velocity: hasMomentum,
  },
};

export function optimizerPython(
  optimizer: OptimizerModel,
  number: (term: Term) => Python,
): {
  readonly className: string;
  readonly settings: readonly (readonly [string, Python])[];
  readonly velocity: boolean;
} {
  // The table is indexed by the optimiser's own kind, which the type of a union cannot follow.
  const { className, settings, velocity } = RULES[optimizer.kind] as Rule<OptimizerModel['kind']>;
  return { className, settings: settings(optimizer, number), velocity: velocity(optimizer) };
}
