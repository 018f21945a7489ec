/** Numbers outside what they can be: a decay of 1, a probability of 1.5. Only what is known at compile time is judged. */
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import type { ParameterRange } from '../../spec/spec.js';
import { modelTerms } from './model-terms.js';
import { constantValue } from './constant.js';
import type { Model, OptimizerModel, StateModel } from './model.js';
import { flattenLayers, type LayerModel } from './network.js';
import { formatRange, inRange } from './parameter-range.js';
import type { NoiseModel, Term } from './term.js';

interface Judged {
  readonly what: string;
  readonly term: Term;
  readonly range: ParameterRange;
  readonly why: string;
  readonly help?: string | undefined;
}

const ORDER = 'Write the smaller number first.';

const DECAY: ParameterRange = { atLeast: 0, below: 1 };
const PROBABILITY: ParameterRange = { atLeast: 0, atMost: 1 };
const POSITIVE: ParameterRange = { above: 0 };
const NOT_NEGATIVE: ParameterRange = { atLeast: 0 };

export function numbersOutOfRange(model: Model): readonly Diagnostic[] {
  return [...judged(model)].flatMap(({ what, term, range, why, help }): readonly Diagnostic[] => {
    const value = constantValue(term);
    if (value === undefined || inRange(value, range)) return [];
    return [
      {
        code: 'schema/value',
        severity: 'error',
        message: `\`${what}\` must be ${formatRange(range)}, and it is ${value}`,
        span: term.span,
        note: why,
        help,
      },
    ];
  });
}

function* judged(model: Model): Iterable<Judged> {
  for (const { updates } of model.phases) {
    for (const { optimizer, clipGradients, project } of updates) {
      yield* ofOptimizer(optimizer);
      if (clipGradients !== undefined) {
        const why = 'Gradients are made no larger than this.';
        yield { what: clipGradients.kind, term: clipGradients.limit, range: POSITIVE, why };
      }
      const high = project && constantValue(project.high);
      if (project !== undefined && high !== undefined) {
        const why = `Parameters are kept between this and ${high}.`;
        yield { what: 'clip', term: project.low, range: { below: high }, why, help: ORDER };
      }
    }
  }
  for (const state of model.state) yield* ofState(state);
  const noises = new Set(modelTerms(model).flatMap((term) => (term.kind === 'noise' ? [term.noise] : [])));
  for (const noise of noises) yield* ofNoise(noise);
  for (const { layers, average } of model.networks) {
    if (average !== undefined) {
      const why = 'It is the share that the average keeps of itself in each step.';
      yield { what: 'decay', term: average.decay, range: PROBABILITY, why };
    }
    for (const layer of flattenLayers(layers)) yield* ofLayer(layer);
  }
}

function* ofOptimizer(optimizer: OptimizerModel): Iterable<Judged> {
  const rate = 'Updates go down the gradient: what is to grow is minimised with a minus.';
  yield { what: 'rate', term: optimizer.rate, range: NOT_NEGATIVE, why: rate };
  const decays = 'It is the share that a running mean keeps of itself; a mean that keeps all never learns.';
  switch (optimizer.kind) {
    case 'adam':
      yield { what: 'beta1', term: optimizer.beta1, range: DECAY, why: decays };
      yield { what: 'beta2', term: optimizer.beta2, range: DECAY, why: decays };
      break;
    case 'rmsprop':
      yield { what: 'decay', term: optimizer.decay, range: DECAY, why: decays };
      break;
    case 'sgd':
      yield { what: 'momentum', term: optimizer.momentum, range: DECAY, why: decays };
      return;
    default:
      throw new Error(`internal: unknown optimizer ${String(optimizer satisfies never)}`);
  }
  const why = 'It keeps a division by a gradient of 0 finite.';
  yield { what: 'epsilon', term: optimizer.epsilon, range: POSITIVE, why };
}

function* ofState(state: StateModel): Iterable<Judged> {
  if (state.kind !== 'plateau') return;
  const factor = 'The value is multiplied by it whenever the mean stalls.';
  yield { what: 'factor', term: state.factor, range: { above: 0, atMost: 1 }, why: factor };
  const window = 'It counts the steps whose mean is compared.';
  yield { what: 'window', term: state.window, range: { atLeast: 1 }, why: window };
}

function* ofNoise({ distribution, parameters }: NoiseModel): Iterable<Judged> {
  const [first, second] = parameters;
  switch (distribution) {
    case 'uniform': {
      const high = constantValue(second);
      if (high === undefined) return;
      const why = `Numbers are drawn between this and ${high}.`;
      yield { what: 'uniform', term: first, range: { atMost: high }, why, help: ORDER };
      return;
    }
    case 'normal':
      yield { what: 'normal', term: second, range: NOT_NEGATIVE, why: 'It is the standard deviation.' };
      return;
    case 'bernoulli':
      yield { what: 'bernoulli', term: first, range: PROBABILITY, why: 'It is the probability of a 1.' };
      return;
    case 'categorical':
      return;
    default:
      throw new Error(`internal: unknown distribution ${String(distribution satisfies never)}`);
  }
}

function* ofLayer(layer: LayerModel): Iterable<Judged> {
  if (layer.kind === 'dropout') {
    const why = 'It is the share of the numbers that are set to 0.';
    yield { what: 'rate', term: layer.rate, range: DECAY, why };
  }
  if (layer.kind === 'noise') {
    yield {
      what: 'deviation',
      term: layer.deviation,
      range: NOT_NEGATIVE,
      why: 'It is the standard deviation.',
    };
  }
}
