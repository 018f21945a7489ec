/** conv_filter_gradient: partial sums per tile, and the reduction that joins them. */
import type { NodeId, NodeOf } from '../../graph/graph.js';
import { BodyWriter } from '../body.js';
import { forwardAxis, region } from '../convolution-axis.js';
import { elementsOf, NeedsStorage } from '../fuse.js';
import type { Cluster } from '../fuse.js';
import type { Factor, FilterGradientKernel, WinogradFilterGradientKernel } from '../kernel.js';
import { plainStrides } from '../view.js';
import { chooseFilterGradient, decide, OTHER_KERNEL, winogradSplit } from '../winograd-choice.js';
import { parameters } from './arguments.js';
import { keepWindows, windowsToKeep } from './kept-windows.js';
import type { LaunchList } from './launch-list.js';
import { launchReduction } from './reduction.js';
import { asParameters, sourceParts } from './source.js';
import { TILE_ELEMENTS } from './tiles.js';

export function lowerFilterGradient(
  list: LaunchList,
  cluster: Cluster,
  anchor: NodeId,
  node: NodeOf<'conv_filter_gradient'>,
): void {
  const { strides, padding, kernel: size } = node.attributes;
  const [inputId, cotangentId] = [node.inputs[0]!, node.inputs[1]!];
  const inputShape = list.fusion.node(inputId).shape as readonly [number, number, number, number];
  const outShape = list.fusion.node(cotangentId).shape as readonly [number, number, number, number];
  const columns = forwardAxis(inputShape[2], outShape[2], size[1], strides[1], padding[1][0]);
  const inputs = sourceParts(list, inputId, region(columns, outShape[2]));
  const cotangent = list.operand(cotangentId);
  const cotangentStrides = plainStrides(cotangent.view);
  if (cotangentStrides === undefined || (outShape[3] > 1 && cotangentStrides[3] !== 1))
    throw new NeedsStorage(cotangentId);
  const [batch, outputChannels, channels] = [outShape[0], outShape[3], inputShape[3]];
  const pitch = Math.ceil(outputChannels / 4) * 4;
  const weights = size[0] * size[1] * channels;
  const epilogue = new BodyWriter(list.fusion, new Set(cluster.items), anchor);
  const stores = list.stores(cluster, epilogue);
  const shapeOfWinograd = {
    batch,
    rows: { source: inputShape[1], output: outShape[1], pad: padding[0][0] },
    columns: { source: inputShape[2], output: outShape[2], pad: padding[1][0] },
    sourceChannels: channels,
    outputChannels,
    source: inputs,
  };
  const split = winogradSplit(shapeOfWinograd);
  const takes = [0, 1].every((axis) => size[axis] === 3 && strides[axis] === 1);
  const choice = decide(list.options.winograd, () =>
    takes ? chooseFilterGradient(shapeOfWinograd, split) : OTHER_KERNEL,
  );
  // Asked for afterwards, so that what is chosen does not depend on them, nor any bit.
  const transformed = choice?.winograd === true ? windowsToKeep(list, shapeOfWinograd, split) : undefined;
  const kernel = choice?.winograd === true ? byWinograd() : plainSum();
  const tiles = kernel.kind === 'filter_gradient' ? kernel.tiles : kernel.tiles / kernel.groups;
  const partial = {
    buffer: list.buffer('heap', tiles * weights * pitch, `${list.label([anchor])} parts`),
    offset: 0,
  };
  const name = list.nameOf(cluster, epilogue.instructions);
  const multiplyAdds = elementsOf(outShape) * weights;
  const own = parameters();
  const windows = transformed === undefined ? undefined : keepWindows(list, transformed);
  own.places.push(windows ?? inputs[0]!.place, cotangent.place, partial);
  const input = windows === undefined ? asParameters(inputs, own) : [];
  list.launch(
    { ...kernel, parameters: own.places.length, input, cotangent: cotangentStrides },
    own.places,
    new Set([2]),
    name,
    node.shape,
    multiplyAdds,
    choice,
  );
  const shape = [tiles, ...node.shape];
  const axis = (length: number, stride: number): Factor[] => (length === 1 ? [] : [{ size: length, stride }]);
  launchReduction(list, {
    combine: 'sum',
    shape,
    isReduced: shape.map((_, i) => i === 0),
    loads: [
      {
        place: partial,
        axes: [
          axis(tiles, weights * pitch),
          axis(size[0], size[1] * channels * pitch),
          axis(size[1], channels * pitch),
          axis(channels, pitch),
          axis(outputChannels, 1),
        ],
      },
    ],
    prologue: { instructions: [{ op: 'load', load: 0 }], loads: [] },
    value: 0,
    epilogue,
    stores,
    name: `${name} join`,
  });

  function plainSum(): Omit<FilterGradientKernel, 'parameters' | 'input' | 'cotangent'> {
    return {
      kind: 'filter_gradient',
      tiles: list.options.wide === true ? wideParts(outShape, weights) : parts(batch, weights * pitch),
      batch,
      inputSize: [inputShape[1], inputShape[2]],
      outputSize: [outShape[1], outShape[2]],
      channels,
      outputChannels,
      kernel: [size[0], size[1]],
      strides,
      padding,
      blockRows: filterGradientRows(outShape, channels, size, strides),
    };
  }

  function byWinograd(): Omit<WinogradFilterGradientKernel, 'parameters' | 'input' | 'cotangent'> {
    const { rows, columns } = shapeOfWinograd;
    return {
      kind: 'winograd_filter_gradient',
      batch,
      rows,
      columns,
      channels,
      outputChannels,
      ...split,
      ...transformed?.blocks,
      readsWindows: transformed !== undefined,
    };
  }
}

/** Parts that a sum over the images is taken in on a processor. */
const parts = (batch: number, results: number): number =>
  Math.max(1, Math.min(batch, 8, Math.floor(131_072 / results)));

/**
 * On a GPU: as many as give it PARALLEL blocks of results to work on at once, each with at least SUM pixels. They need not be
 * whole images, so there may be more than images, but not more than lines.
 */
function wideParts(
  [batch, rows, columns, outputChannels]: readonly [number, number, number, number],
  weights: number,
): number {
  const blocks = Math.ceil(weights / 64) * Math.ceil(outputChannels / 64);
  const most = Math.min(batch * rows, Math.max(1, Math.floor((batch * rows * columns) / SUM)));
  return Math.min(Math.ceil(PARALLEL / blocks), most);
}
const PARALLEL = 768;
const SUM = 512;

function filterGradientRows(
  outShape: readonly number[],
  channels: number,
  kernel: readonly number[],
  strides: readonly number[],
): number {
  const [, rows, columns, outputChannels] = outShape as readonly [number, number, number, number];
  let best = 1;
  for (let count = 1; count <= rows; count++) {
    if (rows % count !== 0) continue;
    const input =
      ((count - 1) * strides[0]! + kernel[0]!) * ((columns - 1) * strides[1]! + kernel[1]!) * channels;
    if (input + count * columns * outputChannels <= TILE_ELEMENTS) best = count;
  }
  return best;
}
