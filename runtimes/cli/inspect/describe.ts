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
import { optimize } from '../../../compiler/passes/optimize.js';
import type { Choice, Kernel } from '../../../compiler/plan/kernel.js';
import { planProgram } from '../../../compiler/plan/plan.js';
import type { ProgramPlan } from '../../../compiler/plan/plan.js';
import { inWords } from '../../../compiler/plan/winograd-choice.js';
import {
  programGraphs,
  type Program,
  type ProgramGraph,
  type StateDeclaration,
} from '../../../compiler/program.js';
import { formatBytes, formatCount, formatOperations } from '../format-number.js';
import { formatTable, type TableColumn } from '../table.js';
import type { Colours } from '../terminal.js';

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
    const shapes = network.inputs.map(({ shape }) => formatShape(perSample(shape)));
    const ends = [shapes.join(', '), formatShape(perSample(network.outputShape))];
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
    case 'conv':
    case 'transposed_conv': {
      const [height, width] = layer.weight.shape;
      const [down, across] = layer.strides;
      const name = layer.kind === 'conv' ? 'conv' : 'transposed conv';
      const groups = layer.kind === 'conv' && layer.groups > 1 ? `, ${layer.groups} groups` : '';
      return `${name} ${height!}x${width!}${down === 1 && across === 1 ? '' : ` / ${pair(layer.strides)}`}${groups}`;
    }
    case 'activation':
      return layer.function;
    case 'pool':
      return `${layer.reduce} pool ${layer.size[0]}x${layer.size[1]}`;
    case 'enlarge':
      return `${layer.method === 'nearest' ? 'upsample' : 'bilinear'} x${pair(layer.factor)}`;
    case 'decimate':
      return `decimate / ${pair(layer.stride)}`;
    case 'maxout':
      return `maxout of ${layer.pieces}`;
    case 'norm':
      return `${layer.over} norm`;
    case 'skip':
      return `skip from ${layer.from}`;
    case 'residual':
      return layer.carry === undefined ? 'residual' : 'residual with carry';
    case 'dense':
    case 'embedding':
    case 'dropout':
    case 'noise':
    case 'softmax':
    case 'reshape':
    case 'tap':
    case 'concat':
    case 'multiply':
    case 'add':
    case 'branch':
      return layer.kind;
    default:
      return layer satisfies never;
  }
}

/** One number where both axes agree. */
function pair([down, across]: readonly [number, number]): string {
  return down === across ? String(down) : `${down}x${across}`;
}

/** The four kinds of kernels of a plan; filling is layout: it moves numbers and makes none. */
const KIND_OF_KERNEL = {
  convolution: 'contraction',
  filter_gradient: 'contraction',
  winograd: 'contraction',
  winograd_filter: 'layout',
  winograd_filter_gradient: 'contraction',
  dot: 'contraction',
  pointwise: 'pointwise',
  reduction: 'reduction',
  layout: 'layout',
  fill: 'layout',
  gather: 'layout',
  scatter: 'layout',
  argsort: 'layout',
} as const satisfies Readonly<Record<Kernel['kind'], string>>;

/** Phases and outputs as the kernels they become, planned memory, and the numbers that are kept between steps. */
export function describeProgram(program: Program, colours: Colours): string {
  const plan = planProgram(program, optimize, { winograd: 'faster' });
  const graphs = new Map(plan.graphs.map(({ plan: graph }) => [graph.name, graph]));
  const row = ({ name, graph }: ProgramGraph): readonly string[] => {
    const { launches } = graphs.get(name)!;
    const count = (kind: (typeof KIND_OF_KERNEL)[Kernel['kind']]): string =>
      formatCount(launches.filter(({ kernel }) => KIND_OF_KERNEL[kernel.kind] === kind).length);
    return [
      // The compiler marks its own phase, so that no update can have its name.
      name.replace(/^@/, ''),
      formatCount(graph.nodes.length),
      count('contraction'),
      count('pointwise'),
      count('reduction'),
      count('layout'),
      formatOperations(launches.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0)),
    ];
  };
  const columns = (title: string): readonly TableColumn[] => [
    { title, align: 'left' },
    ...['operations', 'contractions', 'pointwise', 'reductions', 'layout', 'multiply-adds'].map(
      (kind): TableColumn => ({ title: kind, align: 'right' }),
    ),
  ];
  const numbers = (role: StateDeclaration['role']): string =>
    formatCount(
      program.state
        .filter((declaration) => declaration.role === role)
        .reduce((sum, { shape }) => sum + elementCount(shape), 0),
    );
  const { memory } = plan;
  const sums = inParts(program) === '' ? '' : `, ${numbers('sum')} sums over parts`;
  const convolutions = describeConvolutions(plan, colours);
  return [
    `${colours.bold('Training step')}  batch ${program.batch}${inParts(program)}; operations of the graph, and the kernels they are fused into\n`,
    formatTable(columns('phase'), programGraphs({ phases: program.phases, outputs: [] }).map(row), colours),
    '\n',
    `${colours.bold('Outputs')}\n`,
    formatTable(columns('output'), program.outputs.map(row), colours),
    '\n',
    ...(convolutions === '' ? [] : [convolutions, '\n']),
    `${colours.bold('Memory')}  ${formatBytes(memory.plannedBytes)} planned; ` +
      `${formatBytes(memory.unfusedBytes)} if every operation kept its result\n`,
    `  state      ${formatBytes(memory.stateBytes)}: ${numbers('parameter')} parameters, ${numbers('moment')} optimizer moments${sums}\n`,
    `  temporary  ${formatBytes(memory.heapBytes)}\n`,
    `  other      ${formatBytes(memory.plannedBytes - memory.stateBytes - memory.heapBytes)}: inputs, values, scratch\n`,
  ].join('');
}

/** Of a program that computes batches in parts: how large these are. */
function inParts({ phases }: Program): string {
  const sizes = phases.flatMap(({ batch, parts }) => (parts === undefined ? [] : [batch / parts.count]));
  return sizes.length === 0 ? '' : `, ${formatCount(Math.max(...sizes))} at once`;
}

/** How the convolutions of a training step and of the outputs are done, and why: empty where there are none. */
function describeConvolutions({ graphs }: ProgramPlan, colours: Colours): string {
  const launches = graphs.flatMap(({ plan }) => plan.launches);
  const choices = launches.flatMap(({ kernel, choice }) =>
    choice === undefined ? [] : [{ ...choice, doneBy: doneBy(kernel) }],
  );
  if (choices.length === 0) return '';
  const row = (name: string, chosen: readonly Choice[], because: string): readonly string[] => [
    name,
    formatCount(chosen.length),
    because,
  ];
  const estimated = Object.values(DONE_BY).flatMap((name) => {
    const alike = choices.filter((choice) => choice.doneBy === name && choice.gain !== undefined);
    if (alike.length === 0) return [];
    return [row(name, alike, inWords(alike.map(({ gain }) => gain!)))];
  });
  const others = choices.filter(({ gain }) => gain === undefined);
  const impossible = [...new Set(others.map(({ because }) => because))].map((because) =>
    row(
      DONE_BY.sum,
      others.filter((choice) => choice.because === because),
      because,
    ),
  );
  const rows = [...estimated, ...impossible];
  return (
    `${colours.bold('Convolutions')}  with --backend wasm, unless --precise\n` +
    formatTable(
      [
        { title: 'done by', align: 'left' },
        { title: 'kernels', align: 'right' },
        { title: 'because', align: 'left' },
      ],
      rows,
      colours,
    )
  );
}

const DONE_BY = {
  winograd: 'Winograd',
  kept: 'Winograd, windows kept from before',
  sum: 'plain sum',
} as const;

function doneBy(kernel: Kernel): (typeof DONE_BY)[keyof typeof DONE_BY] {
  if (kernel.kind === 'winograd') return DONE_BY.winograd;
  if (kernel.kind === 'winograd_filter_gradient')
    return kernel.readsWindows ? DONE_BY.kept : DONE_BY.winograd;
  return DONE_BY.sum;
}
