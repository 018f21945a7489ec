/** What follows a contraction in its kernel: bias, activation, blends, factors. */
import type { NodeId } from '../../graph/graph.js';
import { BodyWriter } from '../body.js';
import { NeedsStorage } from '../fuse.js';
import type { Cluster } from '../fuse.js';
import type { Body } from '../kernel.js';
import { denseStrides } from '../scratch.js';
import { plainStrides } from '../view.js';
import type { Parameters } from './arguments.js';
import type { LaunchList } from './launch-list.js';
import { resolved } from './resolve.js';

/** The epilogue of a contraction over `shape`, its parameters after those already there. */
export function lowerEpilogue(
  list: LaunchList,
  cluster: Cluster,
  anchor: NodeId,
  own: Parameters,
): { body: Body; written: Set<number>; name: string } {
  const writer = new BodyWriter(list.fusion, new Set(cluster.items), anchor);
  const stores = list.stores(cluster, writer);
  const written = new Set<number>();
  const loads = writer.loads.map((load) => {
    const strides = plainStrides(load.view);
    if (strides === undefined) throw new NeedsStorage(load.seenAs);
    return { parameter: own.of(list.placeOfLoad(load)), strides };
  });
  const dense = denseStrides(cluster.shape);
  const body: Body = {
    instructions: resolved(writer, loads),
    stores: stores.map(({ value, place }) => {
      const parameter = own.of(place);
      written.add(parameter);
      return { value, access: { parameter, strides: dense } };
    }),
  };
  return { body, written, name: list.nameOf(cluster, writer.instructions) };
}
