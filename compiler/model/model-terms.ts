/** Every equation of a model, those inside networks included. */
import type { Model, OptimizerModel, StateModel, UpdateModel } from './model.js';
import { flattenLayers, type LayerModel } from './network.js';
import { reachableTerms, type Term } from './term.js';

export function modelTerms(model: Model): readonly Term[] {
  return reachableTerms([
    ...model.phases.flatMap((phase) => [
      ...present(phase.repeat, phase.every),
      ...phase.registers.values(),
      ...phase.updates.flatMap(updateTerms),
    ]),
    ...model.state.flatMap(stateTerms),
    ...model.metrics.values(),
    ...model.outputs.values(),
    ...(model.stop === undefined ? [] : [model.stop.of, model.stop.window, model.stop.factor]),
    ...model.networks.flatMap((network) => [
      ...present(network.average?.decay),
      ...flattenLayers(network.layers).flatMap(layerTerms),
    ]),
  ]);
}

/** Every equation that a loss is made of. */
export function lossTerms(model: Model): readonly Term[] {
  return reachableTerms(model.phases.flatMap(({ updates }) => updates.map(({ minimize }) => minimize)));
}

/** What an update computes with, its optimizer included. */
export function updateTerms({ minimize, optimizer, clipGradients, project }: UpdateModel): readonly Term[] {
  return [
    minimize,
    ...optimizerTerms(optimizer),
    ...present(clipGradients?.limit, project?.low, project?.high),
  ];
}

export function stateTerms(state: StateModel): readonly Term[] {
  return state.kind === 'next' ? [state.next] : [state.of, state.factor, state.window, state.floor];
}

function optimizerTerms(optimizer: OptimizerModel): readonly Term[] {
  switch (optimizer.kind) {
    case 'adam': {
      const { rate, beta1, beta2, epsilon, weightDecay } = optimizer;
      return [rate, beta1, beta2, epsilon, ...present(weightDecay)];
    }
    case 'rmsprop':
      return [optimizer.rate, optimizer.decay, optimizer.epsilon, optimizer.momentum];
    case 'sgd':
      return [optimizer.rate, optimizer.momentum];
    default:
      throw new Error(`internal: unknown optimizer ${String(optimizer satisfies never)}`);
  }
}

/** Equations inside a layer. */
export function layerTerms(layer: LayerModel): readonly Term[] {
  switch (layer.kind) {
    case 'embedding':
      return present(layer.of);
    case 'dropout':
      return [layer.rate];
    case 'noise':
      return [layer.deviation];
    case 'concat':
    case 'multiply':
    case 'add':
      return [layer.with];
    case 'branch':
      return present(layer.from);
    case 'residual':
      return present(layer.carry);
    default:
      return [];
  }
}

const present = (...terms: readonly (Term | undefined)[]): readonly Term[] =>
  terms.filter((term) => term !== undefined);
