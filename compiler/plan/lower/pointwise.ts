/** Pointwise clusters, and copies from one strided place to another. */
import type { Shape } from '../../graph/graph.js';
import { BodyWriter } from '../body.js';
import { collapse, commonDomain, stridesOver } from '../domain.js';
import type { Cluster } from '../fuse.js';
import { elementsOf } from '../fuse.js';
import type { Body, Place } from '../kernel.js';
import { contiguous } from '../view.js';
import type { View } from '../view.js';
import { parameters } from './arguments.js';
import type { LaunchList } from './launch-list.js';
import { refused, resolved } from './resolve.js';
import { MOST_TILES, TILE_WORK } from './tiles.js';

export function lowerPointwise(list: LaunchList, cluster: Cluster): void {
  const writer = new BodyWriter(list.fusion, new Set(cluster.items), undefined);
  const stores = list.stores(cluster, writer).map((store) => ({
    ...store,
    axes: contiguous(cluster.shape).axes,
  }));
  launchPointwise(list, writer, stores, cluster.shape, list.nameOf(cluster, writer.instructions));
}

export function launchPointwise(
  list: LaunchList,
  writer: BodyWriter,
  stores: readonly { value: number; place: Place; axes: View['axes'] }[],
  shape: Shape,
  name: string,
): void {
  const arguments_ = parameters();
  const domain = commonDomain(shape, [
    ...writer.loads.map(({ view }) => view.axes),
    ...stores.map(({ axes }) => axes),
  ]);
  if (domain === undefined) throw refused(writer);
  const strides = [
    ...writer.loads.map(({ view }) => stridesOver(domain, view.axes)),
    ...stores.map(({ axes }) => stridesOver(domain, axes)),
  ];
  const collapsed = collapse(domain.sizes, strides);
  if (collapsed.sizes.length === 0) for (const access of collapsed.accesses) access.push(0);
  const loads = writer.loads.map((load, i) => ({
    parameter: arguments_.of(list.placeOfLoad(load)),
    strides: collapsed.accesses[i]!,
  }));
  const written = new Set<number>();
  const body: Body = {
    instructions: resolved(writer, loads),
    stores: stores.map(({ value, place }, i) => {
      const parameter = arguments_.of(place);
      written.add(parameter);
      return { value, access: { parameter, strides: collapsed.accesses[loads.length + i]! } };
    }),
  };
  const sizes = collapsed.sizes.length === 0 ? [1] : collapsed.sizes;
  const total = elementsOf(sizes);
  const units = sizes.length === 1 ? Math.ceil(total / 16) : sizes[0]!;
  const moves = body.instructions.every(({ op }) => op === 'load' || op === 'constant');
  list.launch(
    {
      kind: moves ? 'layout' : 'pointwise',
      parameters: arguments_.places.length,
      tiles: Math.max(1, Math.min(units, MOST_TILES, Math.floor(total / TILE_WORK))),
      domain: sizes,
      body,
    },
    arguments_.places,
    written,
    name,
    shape,
  );
}

/** A copy from one strided place to another. */
export function launchCopy(
  list: LaunchList,
  from: { place: Place; view: View },
  to: { place: Place; view: View },
  shape: Shape,
  name: string,
): void {
  const domain = commonDomain(shape, [from.view.axes, to.view.axes]);
  if (domain === undefined) throw new Error(`internal: ${name}: incompatible copy`);
  const { sizes, accesses } = collapse(domain.sizes, [
    stridesOver(domain, from.view.axes),
    stridesOver(domain, to.view.axes),
  ]);
  if (sizes.length === 0) {
    sizes.push(1);
    for (const strides of accesses) strides.push(0);
  }
  const total = elementsOf(sizes);
  const units = sizes.length === 1 ? Math.ceil(total / 16) : sizes[0]!;
  list.launch(
    {
      kind: 'layout',
      parameters: 2,
      tiles: Math.max(1, Math.min(units, MOST_TILES, Math.floor(total / TILE_WORK))),
      domain: sizes,
      body: {
        instructions: [{ op: 'load', access: { parameter: 0, strides: accesses[0]! } }],
        stores: [{ value: 0, access: { parameter: 1, strides: accesses[1]! } }],
      },
    },
    [
      { buffer: from.place.buffer, offset: from.place.offset + from.view.offset },
      { buffer: to.place.buffer, offset: to.place.offset + to.view.offset },
    ],
    new Set([1]),
    name,
    shape,
  );
}
