/** What bounds the numbers a network gives: the activation they come out of. */
import type { Span } from '../../../spec/diagnostics/diagnostic.js';
import type { Activation, LayerModel, NetworkModel } from '../../model/network.js';
import { EVERYTHING, type Interval } from './interval.js';

export interface LastActivation {
  readonly kind: Activation | 'softmax';
  readonly spans: readonly [Span, ...Span[]];
}

/** The activation behind the last layer that computes; undefined where there is none and numbers are unbounded. */
export function lastActivation(layers: readonly LayerModel[]): LastActivation | undefined {
  for (const layer of layers.toReversed()) {
    switch (layer.kind) {
      case 'tap':
      case 'branch':
      case 'reshape':
      case 'dropout':
      case 'decimate':
      case 'enlarge':
      case 'pool':
        continue;
      case 'activation':
        return { kind: layer.function, spans: layer.spans as readonly [Span, ...Span[]] };
      case 'softmax':
        return { kind: 'softmax', spans: layer.spans as readonly [Span, ...Span[]] };
      default:
        return undefined;
    }
  }
  return undefined;
}

/** The same for what a call gives, or for the branch of it that is read. */
export function lastActivationOf(network: NetworkModel, branch?: string): LastActivation | undefined {
  if (branch === undefined) return lastActivation(network.layers);
  const holder = branchLayers(network.layers, branch);
  return holder && lastActivation(holder);
}

function branchLayers(layers: readonly LayerModel[], key: string): readonly LayerModel[] | undefined {
  for (const layer of layers) {
    if (layer.kind !== 'branch' && layer.kind !== 'residual') continue;
    if (layer.kind === 'branch' && layer.name === key) return layer.layers;
    const inside = branchLayers(layer.layers, key);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** Where the numbers behind an activation lie. */
export const ACTIVATION_RANGE: Readonly<Record<LastActivation['kind'], Interval>> = {
  tanh: [-1, 1],
  sigmoid: [0, 1],
  softmax: [0, 1],
  relu: [0, Infinity],
  softplus: [0, Infinity],
  // Behind scale * alpha of the self-normalising unit.
  selu: [-1.7580993408473766, Infinity],
  elu: [-1, Infinity],
  leaky_relu: EVERYTHING,
  linear: EVERYTHING,
};
