/** `export --format safetensors`: the weights of networks under the names they have in checkpoints, and what their axes are. */
import { flattenLayers, type LayerModel, type NetworkModel } from '../../../compiler/model/network.js';
import { stateRead } from '../../../compiler/graph/state-read.js';
import type { StateDeclaration } from '../../../compiler/program.js';
import { encodeSafetensors } from '../../training/safetensors.js';
import { storedWeights } from '../stored-weights.js';
import type { ExportedModel, ExportSource } from './format.js';

export const WEIGHTS_FILE = 'weights.safetensors';
const FORMAT = 'began-compile weights 1';

/** What the chosen outputs read, or all networks. */
export function weightsFile(source: ExportSource): ExportedModel {
  const { compiled, scope, state, weights } = source;
  const declared = wanted(source);
  const axes = new Map(compiled.model.networks.flatMap(axesOf));
  const told = declared.flatMap(({ name }) => (axes.has(name) ? [[name, axes.get(name)!] as const] : []));
  const metadata = new Map([
    ['format', FORMAT],
    ['spec', compiled.source.text],
    ['spec_name', compiled.source.name],
    ['step', String(scope.step)],
    ['pictures', 'batch, height, width, channels'],
    ['axes', JSON.stringify(Object.fromEntries(told))],
  ]);
  const tensors = new Map(
    declared.map((declaration) => [declaration.name, storedWeights(declaration, state, weights)]),
  );
  return {
    files: [{ name: WEIGHTS_FILE, content: encodeSafetensors({ metadata, tensors }) }],
    holds: { kind: 'tensors', count: tensors.size },
  };
}

function wanted({ compiled: { program }, outputs, chosen }: ExportSource): readonly StateDeclaration[] {
  if (!chosen) return program.state.filter(({ role }) => OF_NETWORKS[role]);
  const read = stateRead(
    program.outputs.filter(({ name }) => outputs.includes(name)).map(({ graph }) => graph),
  );
  return program.state.filter(({ name }) => read.has(name));
}

const OF_NETWORKS: Readonly<Record<StateDeclaration['role'], boolean>> = {
  parameter: true,
  buffer: true,
  average: true,
  moment: false,
  controller: false,
  register: false,
  sum: false,
};

/** The axes of a network's tensors, outermost first. */
function axesOf({ layers }: NetworkModel): readonly (readonly [string, string])[] {
  return flattenLayers(layers).flatMap(layerAxes);
}

function layerAxes(layer: LayerModel): readonly (readonly [string, string])[] {
  switch (layer.kind) {
    case 'dense':
    case 'maxout':
      return affineAxes(layer, 'inputs, outputs');
    case 'conv':
      return affineAxes(layer, 'height, width, inputs, outputs');
    case 'transposed_conv':
      return affineAxes(layer, 'height, width, outputs, inputs');
    case 'embedding':
      return [[layer.weight.name, 'classes, outputs']];
    case 'norm': {
      const { scale, offset, running } = layer;
      const lists = [scale, offset, ...(running === undefined ? [] : [running.mean, running.variance])];
      return lists.map(({ name }) => [name, 'channels']);
    }
    default:
      return [];
  }
}

function affineAxes(
  { weight, bias }: Extract<LayerModel, { kind: 'dense' | 'maxout' | 'conv' | 'transposed_conv' }>,
  axes: string,
): readonly (readonly [string, string])[] {
  return [[weight.name, axes], ...(bias === undefined ? [] : [[bias.name, 'outputs'] as const])];
}
