/** conv and conv_input_gradient: one kernel kind, told apart by the phases of their axes. */
import type { NodeId, NodeOf } from '../../graph/graph.js';
import { forwardAxis, inputGradientAxis, region } from '../convolution-axis.js';
import { elementsOf, NeedsStorage } from '../fuse.js';
import type { Cluster } from '../fuse.js';
import type { ConvolutionAxis, ConvolutionKernel, WinogradAxis } from '../kernel.js';
import { convolutionScratch } from '../scratch.js';
import { plainStrides } from '../view.js';
import { chooseConvolution, decide, OTHER_KERNEL } from '../winograd-choice.js';
import type { WinogradShape } from '../winograd-choice.js';
import { parameters } from './arguments.js';
import { lowerEpilogue } from './epilogue.js';
import type { LaunchList } from './launch-list.js';
import { packFilter } from './pack.js';
import { asParameters, sourceParts } from './source.js';
import { TILE_ELEMENTS } from './tiles.js';
import { launchWinograd, transformedFilter } from './winograd.js';

export function lowerConvolution(
  list: LaunchList,
  cluster: Cluster,
  anchor: NodeId,
  node: NodeOf<'conv'> | NodeOf<'conv_input_gradient'>,
): void {
  const { strides, padding } = node.attributes;
  const [sourceId, filterId] = [node.inputs[0]!, node.inputs[1]!];
  const sourceShape = list.fusion.node(sourceId).shape as readonly [number, number, number, number];
  const filterShape = list.fusion.node(filterId).shape as readonly [number, number, number, number];
  const [batch, outRows, outColumns, outputChannels] = node.shape as readonly [
    number,
    number,
    number,
    number,
  ];
  const makeAxis = node.op === 'conv' ? forwardAxis : inputGradientAxis;
  const rows = makeAxis(sourceShape[1], outRows, filterShape[0], strides[0], padding[0][0]);
  const columns = makeAxis(sourceShape[2], outColumns, filterShape[1], strides[1], padding[1][0]);
  const parts = sourceParts(list, sourceId, region(columns, outColumns));
  const filter = list.operand(filterId);
  const filterStrides = plainStrides(filter.view);
  if (filterStrides === undefined) throw new NeedsStorage(filterId);
  const sourceChannels = sourceShape[3];
  const weightStrides = {
    rows: filterStrides[0]!,
    columns: filterStrides[1]!,
    ...(node.op === 'conv'
      ? { source: filterStrides[2]!, output: filterStrides[3]! }
      : { source: filterStrides[3]!, output: filterStrides[2]! }),
  };
  const shape = winogradShape(batch, rows, columns, sourceChannels, outputChannels, parts);
  const choice = decide(list.options.winograd, () =>
    shape === undefined ? OTHER_KERNEL : chooseConvolution(shape),
  );
  if (shape !== undefined && choice?.winograd === true) {
    const turned = node.op === 'conv_input_gradient';
    const label = list.label([filterId]);
    const weights = transformedFilter(list, filter.place, weightStrides, turned, shape, label);
    const own = parameters();
    own.places.push(parts[0]!.place, weights);
    const source = asParameters(parts, own);
    const { body, written, name } = lowerEpilogue(list, cluster, anchor, own);
    launchWinograd(list, { ...shape, source }, body, own.places, written, name, node.shape, choice);
    return;
  }
  const weights = packFilter(
    list,
    filter.place,
    weightStrides,
    rows,
    columns,
    sourceChannels,
    outputChannels,
    list.label([filterId]),
  );
  const own = parameters();
  own.places.push(parts[0]!.place, weights);
  const source = asParameters(parts, own);
  const { body, written, name } = lowerEpilogue(list, cluster, anchor, own);
  const kernel = {
    kind: 'convolution' as const,
    parameters: own.places.length,
    batch,
    rows,
    columns,
    sourceChannels,
    outputChannels,
    source,
    epilogue: body,
  };
  const tileRows = convolutionTileRows(kernel);
  const taps = (axis: ConvolutionAxis): number =>
    axis.phases.reduce((sum, phase) => sum + phase.taps.length, 0);
  const perOutput =
    ((taps(rows) / rows.phases.length) * taps(columns) * sourceChannels) / columns.phases.length;
  list.launch(
    { ...kernel, tileRows, tiles: batch * (outRows / tileRows) },
    own.places,
    written,
    name,
    node.shape,
    Math.round(elementsOf(node.shape) * perOutput),
    choice,
  );
}

/** Undefined of kernels that Winograd's transforms are not for. */
function winogradShape(
  batch: number,
  rows: ConvolutionAxis,
  columns: ConvolutionAxis,
  sourceChannels: number,
  outputChannels: number,
  source: WinogradShape['source'],
): WinogradShape | undefined {
  const [down, across] = [winogradAxis(rows), winogradAxis(columns)];
  if (down === undefined || across === undefined) return undefined;
  return { batch, rows: down, columns: across, sourceChannels, outputChannels, source };
}

/** The axis of a kernel of 3 with steps of 1; undefined of any other. */
function winogradAxis({
  source,
  output,
  sourceStep,
  outputStep,
  phases,
}: ConvolutionAxis): WinogradAxis | undefined {
  const [phase, ...others] = phases;
  if (sourceStep !== 1 || outputStep !== 1 || others.length > 0 || phase?.taps.length !== 3) return undefined;
  return { source, output, pad: -phase.start };
}

/** The most rows, dividing the output's, whose tile fits the cache; phases must not be cut. */
function convolutionTileRows(kernel: Omit<ConvolutionKernel, 'tiles' | 'tileRows'>): number {
  const { rows } = kernel;
  let best: number | undefined;
  for (let tileRows = 1; tileRows <= rows.output; tileRows++) {
    if (rows.output % tileRows !== 0) continue;
    if (tileRows % rows.outputStep !== 0 && tileRows !== rows.output) continue;
    const { border, results } = convolutionScratch({ ...kernel, tileRows });
    if (best === undefined || border + results <= TILE_ELEMENTS) best = tileRows;
  }
  return best!;
}
