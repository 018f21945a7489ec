/** A model and its program as tables. */
import {
  flattenLayers,
  layerParameters,
  multiplyAdds,
  type LayerModel,
  type NetworkModel,
} from '../../../compiler/model/network.js';
import type { Model } from '../../../compiler/model/model.js';
import { elementCount, formatShape, perSample } from '../../../compiler/model/symbolic-shape.js';
import type { OpName } from '../../../compiler/graph/graph.js';
import type { Program, ProgramGraph, StateDeclaration } from '../../../compiler/program.js';
import { formatBytes, formatCount, formatOperations } from '../format-number.js';
import { formatTable } from '../table.js';
import type { Colours } from '../terminal.js';

const CONVOLUTIONS: ReadonlySet<OpName> = new Set(['conv', 'conv_input_gradient', 'conv_filter_gradient']);

const BYTES_PER_NUMBER = 4;

export const parametersOf = (network: NetworkModel): number =>
  network.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);

/** One table per network, and the totals. */
export function describeNetworks(model: Model, colours: Colours): string {
  const tables = model.networks.map((network) => {
    const layers = flattenLayers(network.layers);
    const rows = layers.map((layer) => {
      const parameters = layerParameters(layer).reduce((sum, { shape }) => sum + elementCount(shape), 0);
      const work = multiplyAdds(layer);
      return [
        layer.path,
        kindOf(layer),
        formatShape(perSample(layer.outputShape)),
        parameters === 0 ? '' : formatCount(parameters),
        work === 0 ? '' : formatOperations(work),
      ];
    });
    const work = layers.reduce((sum, layer) => sum + multiplyAdds(layer), 0);
    rows.push(['total', '', '', formatCount(parametersOf(network)), formatOperations(work)]);
    const ends = [network.inputShape, network.outputShape].map((shape) => formatShape(perSample(shape)));
    return (
      `${colours.bold(network.name)}  ${ends.join(' -> ')}\n` +
      formatTable(
        [
          { title: 'layer', align: 'left' },
          { title: 'kind', align: 'left' },
          { title: 'output', align: 'left' },
          { title: 'parameters', align: 'right' },
          { title: 'multiply-adds', align: 'right' },
        ],
        rows,
        colours,
      )
    );
  });
  return `${tables.join('\n')}\n`;
}

function kindOf(layer: LayerModel): string {
  switch (layer.kind) {
    case 'conv': {
      const [height, width] = layer.weight.shape;
      const [down, across] = layer.strides;
      return `conv ${height!}x${width!}${down === 1 && across === 1 ? '' : ` / ${down}`}`;
    }
    case 'activation':
      return layer.function;
    case 'pool':
      return `${layer.reduce} pool ${layer.size}x${layer.size}`;
    case 'upsample':
      return `upsample x${layer.factor}`;
    case 'decimate':
      return `decimate / ${layer.stride}`;
    case 'skip':
      return `skip from ${layer.from}`;
    case 'residual':
      return layer.carry === undefined ? 'residual' : 'residual with carry';
    case 'dense':
    case 'reshape':
    case 'tap':
      return layer.kind;
    default:
      return layer satisfies never;
  }
}

/** Phases and outputs, and the numbers that are kept between steps. */
export function describeProgram(program: Program, colours: Colours): string {
  const row = ({ name, graph }: ProgramGraph): readonly string[] => [
    name,
    formatCount(graph.nodes.length),
    formatCount(graph.nodes.filter(({ op }) => CONVOLUTIONS.has(op)).length),
    formatCount(graph.nodes.filter(({ op }) => op === 'dot').length),
  ];
  const columns = (title: string) => [
    { title, align: 'left' as const },
    { title: 'operations', align: 'right' as const },
    { title: 'convolutions', align: 'right' as const },
    { title: 'matrix products', align: 'right' as const },
  ];
  const state = program.state.reduce((sum, { shape }) => sum + elementCount(shape) * BYTES_PER_NUMBER, 0);
  const role = (wanted: StateDeclaration['role']): number =>
    program.state
      .filter((declaration) => declaration.role === wanted)
      .reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return [
    `${colours.bold('Training step')}  batch ${program.batch}\n`,
    formatTable(columns('phase'), program.phases.map(row), colours),
    '\n',
    `${colours.bold('Outputs')}\n`,
    formatTable(columns('output'), program.outputs.map(row), colours),
    '\n',
    `${colours.bold('State')}  ${formatBytes(state)}: ${formatCount(role('parameter'))} parameters, ` +
      `${formatCount(role('moment'))} optimizer moments\n`,
  ].join('');
}
