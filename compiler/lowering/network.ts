/** Networks as graph nodes: the layers in order, with the call's own inputs, taps and branches. */
import type { NodeId } from '../graph/graph.js';
import { inputKey } from '../model/instantiate.js';
import type { NetworkModel } from '../model/network.js';
import { lowerLayers } from './layers.js';
import type { TermLowering } from './term.js';

export interface NetworkCall {
  readonly output: NodeId;
  /** Taps and branches by key. */
  readonly named: ReadonlyMap<string, NodeId>;
}

export function lowerNetwork(
  terms: TermLowering,
  network: NetworkModel,
  inputs: readonly NodeId[],
): NetworkCall {
  const { builder, batch } = terms.inputs;
  const locals = new Map(inputs.map((node, i) => [inputKey(i), node]));
  const output = lowerLayers(network.layers, inputs[0]!, {
    terms: terms.within(locals),
    builder,
    batch,
    locals,
  });
  return { output, named: locals };
}
