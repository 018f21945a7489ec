/** Every equation of a model, those inside networks included. */
import type { Model, OptimizerModel } from './model.js';
import { flattenLayers, type LayerModel } from './network.js';
import { reachableTerms, type Term } from './term.js';

export function modelTerms(model: Model): readonly Term[] {
  return reachableTerms([
    ...model.phases.flatMap((phase) => [
      ...present(phase.repeat, phase.every),
      ...phase.registers.values(),
      ...phase.updates.flatMap((update) => [
        update.minimize,
        ...optimizerTerms(update.optimizer),
        ...present(update.clipGradients?.limit, update.project?.low, update.project?.high),
      ]),
    ]),
    ...model.state.flatMap((state) =>
      state.kind === 'next' ? [state.next] : [state.of, state.factor, state.window, state.floor],
    ),
    ...model.metrics.values(),
    ...model.outputs.values(),
    ...(model.stop === undefined ? [] : [model.stop.of, model.stop.window, model.stop.factor]),
    ...model.networks.flatMap((network) => [
      ...present(network.average?.decay),
      ...flattenLayers(network.layers).flatMap(layerTerms),
    ]),
  ]);
}

export function optimizerTerms(optimizer: OptimizerModel): readonly Term[] {
  return Object.values(optimizer).filter((part): part is Term => typeof part === 'object');
}

function layerTerms(layer: LayerModel): readonly Term[] {
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
