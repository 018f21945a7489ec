/** Clusters to launches: each cluster becomes one kernel (and the copies and packings it needs) over buffers. */
import type { Cluster, Fusion } from '../fuse.js';
import { elementsOf, forEachStoring } from '../fuse.js';
import { schedule } from '../schedule.js';
import { contiguous } from '../view.js';
import type { LoweredGraph } from '../waves.js';
import { lowerConvolution } from './convolution.js';
import { lowerDot } from './dot.js';
import { lowerFilterGradient } from './filter-gradient.js';
import { lowerArgsort, lowerGather, lowerScatter } from './indexed.js';
import { LaunchList } from './launch-list.js';
import type { LoweringOptions } from './launch-list.js';
import { lowerConcat, lowerPad } from './layout.js';
import { placeItems } from './places.js';
import { launchCopy, lowerPointwise } from './pointwise.js';
import { lowerReduction } from './reduction.js';

export function lowerGraph(fusion: Fusion, name: string, options: LoweringOptions = {}): LoweredGraph {
  const list = new LaunchList(fusion, options);
  fusion.nodes.forEach((node) => {
    if (node.op === 'input') list.inputBuffer(node);
  });
  const order = schedule(fusion);
  const values = placeItems(list, order);
  forEachStoring(order, (cluster) => lowerCluster(list, cluster));
  for (const { from, to, shape, name: label } of list.lateCopies)
    launchCopy(
      list,
      { place: from, view: contiguous(shape) },
      { place: to, view: contiguous(shape) },
      shape,
      label,
    );
  const unfusedElements = fusion.nodes.reduce(
    (sum, node) => sum + (node.op === 'input' || node.op === 'constant' ? 0 : elementsOf(node.shape)),
    0,
  );
  return { name, buffers: list.buffers, launches: list.launches, values, unfusedElements };
}

function lowerCluster(list: LaunchList, cluster: Cluster): void {
  const anchor = cluster.anchor;
  if (anchor === undefined) {
    lowerPointwise(list, cluster);
    return;
  }
  const node = list.fusion.node(anchor);
  switch (node.op) {
    case 'reduce_sum':
    case 'reduce_max':
      lowerReduction(list, cluster, anchor, node);
      return;
    case 'pad':
      lowerPad(list, anchor, node);
      return;
    case 'concat':
      lowerConcat(list, anchor, node);
      return;
    case 'dot':
      lowerDot(list, cluster, anchor, node);
      return;
    case 'conv':
    case 'conv_input_gradient':
      lowerConvolution(list, cluster, anchor, node);
      return;
    case 'conv_filter_gradient':
      lowerFilterGradient(list, cluster, anchor, node);
      return;
    case 'gather':
      lowerGather(list, anchor, node);
      return;
    case 'scatter':
      lowerScatter(list, anchor, node);
      return;
    case 'argsort':
      lowerArgsort(list, anchor, node);
      return;
    default:
      throw new Error(`internal: ${node.op} heads a cluster`);
  }
}
