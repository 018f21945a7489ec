/** Reductions: in one kernel, or cut into parts whose results are joined in order by a second one. */
import type { NodeId, NodeOf, Shape } from '../../graph/graph.js';
import { BodyWriter } from '../body.js';
import { collapse, commonDomain, stridesOver } from '../domain.js';
import type { Cluster } from '../fuse.js';
import { elementsOf } from '../fuse.js';
import type { Body, Place } from '../kernel.js';
import { contiguous } from '../view.js';
import type { View } from '../view.js';
import { parameters } from './arguments.js';
import type { Parameters } from './arguments.js';
import type { LaunchList } from './launch-list.js';
import { refused, resolved } from './resolve.js';
import { MOST_TILES, TILE_WORK } from './tiles.js';

/** Below this a reduction is not worth splitting into partial results. */
const SPLIT_ELEMENTS = 16_384;

export function lowerReduction(
  list: LaunchList,
  cluster: Cluster,
  anchor: NodeId,
  node: NodeOf<'reduce_sum'> | NodeOf<'reduce_max'>,
): void {
  const input = node.inputs[0]!;
  const prologue = new BodyWriter(list.fusion, new Set(), undefined);
  const value = prologue.value(input, []);
  const { shape } = list.fusion.node(input);
  const isReduced = shape.map((_, axis) => node.attributes.axes.includes(axis));
  const epilogue = new BodyWriter(list.fusion, new Set(cluster.items), anchor);
  const stores = list.stores(cluster, epilogue);
  launchReduction(list, {
    combine: node.op === 'reduce_sum' ? 'sum' : 'max',
    shape,
    isReduced,
    loads: prologue.loads.map((load) => ({ place: list.placeOfLoad(load), axes: load.view.axes })),
    prologue,
    value,
    epilogue,
    stores,
    name: list.nameOf(cluster, [...prologue.instructions, ...epilogue.instructions]),
  });
}

export function launchReduction(
  list: LaunchList,
  work: {
    combine: 'sum' | 'max';
    shape: Shape;
    isReduced: readonly boolean[];
    loads: readonly { place: Place; axes: View['axes'] }[];
    prologue: Pick<BodyWriter, 'instructions' | 'loads'>;
    value: number;
    epilogue: BodyWriter;
    stores: readonly { value: number; place: Place }[];
    name: string;
  },
): void {
  const { shape, isReduced, loads, epilogue, stores } = work;
  const kept = shape.filter((_, axis) => !isReduced[axis]);
  /** Axes over the result, as axes over the whole domain. */
  const spread = (axes: View['axes']): View['axes'] => {
    let next = 0;
    return shape.map((_, axis) => (isReduced[axis] ? [] : axes[next++]!));
  };
  const resultAxes = spread(contiguous(kept).axes);
  const accesses = [
    ...loads.map(({ axes }) => axes),
    ...epilogue.loads.map(({ view }) => spread(view.axes)),
    ...stores.map(() => resultAxes),
    resultAxes,
  ];
  const domain = commonDomain(shape, accesses);
  if (domain === undefined) throw refused(work.prologue, epilogue);
  const tags = domain.perAxis.flatMap((count, axis) => Array<boolean>(count).fill(isReduced[axis]!));
  const collapsed = collapse(
    domain.sizes,
    accesses.map((axes) => stridesOver(domain, axes)),
    tags,
  );
  if (collapsed.sizes.length === 0) {
    collapsed.sizes.push(1);
    collapsed.tags.push(true);
    for (const strides of collapsed.accesses) strides.push(0);
  }
  const epilogueAt = loads.length;
  const storesAt = epilogueAt + epilogue.loads.length;
  const arguments_ = parameters();
  const loadAccesses = loads.map(({ place }, i) => ({
    parameter: arguments_.of(place),
    strides: collapsed.accesses[i]!,
  }));
  const body = (
    strides: readonly (readonly number[])[],
    own: Parameters,
  ): { body: Body; written: Set<number> } => {
    const written = new Set<number>();
    const instructions = resolved(
      epilogue,
      epilogue.loads.map((load, i) => ({
        parameter: own.of(list.placeOfLoad(load)),
        strides: strides[epilogueAt + i]!,
      })),
    );
    const bodyStores = stores.map(({ value, place }, i) => {
      const parameter = own.of(place);
      written.add(parameter);
      return { value, access: { parameter, strides: strides[storesAt + i]! } };
    });
    return { body: { instructions, stores: bodyStores }, written };
  };
  const total = elementsOf(shape);
  const { sizes } = collapsed;
  const parts = collapsed.tags[0] === true && total >= 2 * SPLIT_ELEMENTS ? partsOf(sizes[0]!, total) : 1;
  const prologue = { instructions: resolved(work.prologue, loadAccesses), value: work.value };
  if (parts === 1) {
    const { body: whole, written } = body(collapsed.accesses, arguments_);
    list.launch(
      {
        kind: 'reduction',
        parameters: arguments_.places.length,
        tiles: reductionTiles(sizes, collapsed.tags, total),
        domain: sizes,
        reduced: collapsed.tags,
        combine: work.combine,
        prologue,
        epilogue: whole,
      },
      arguments_.places,
      written,
      work.name,
      kept,
    );
    return;
  }
  // Partial results of each part, [parts, kept...], and then the reduction over the parts with the epilogue.
  const cut = (strides: readonly number[]): number[] => [strides[0]! * (sizes[0]! / parts), ...strides];
  const partElements = elementsOf(kept);
  const partial = { buffer: list.buffer('heap', parts * partElements, `${work.name} parts`), offset: 0 };
  const resultStrides = collapsed.accesses.at(-1)!;
  const partParameter = arguments_.of(partial);
  const cutSizes = [parts, sizes[0]! / parts, ...sizes.slice(1)];
  list.launch(
    {
      kind: 'reduction',
      parameters: arguments_.places.length,
      tiles: parts,
      domain: cutSizes,
      reduced: [false, ...collapsed.tags],
      combine: work.combine,
      prologue: {
        instructions: resolved(
          work.prologue,
          loadAccesses.map(({ parameter, strides }) => ({ parameter, strides: cut(strides) })),
        ),
        value: work.value,
      },
      epilogue: {
        instructions: [{ op: 'result' }],
        stores: [
          {
            value: 0,
            access: { parameter: partParameter, strides: [partElements, 0, ...resultStrides.slice(1)] },
          },
        ],
      },
    },
    arguments_.places,
    new Set([partParameter]),
    work.name,
    [parts, ...kept],
  );
  const keptDimensions = sizes.flatMap((_, i) => (collapsed.tags[i] === true ? [] : [i]));
  const joinStrides = collapsed.accesses.map((strides) => [0, ...keptDimensions.map((i) => strides[i]!)]);
  const join = parameters();
  const from = join.of(partial);
  const { body: last, written } = body(joinStrides, join);
  const joinSizes = [parts, ...keptDimensions.map((i) => sizes[i]!)];
  list.launch(
    {
      kind: 'reduction',
      parameters: join.places.length,
      tiles: 1,
      domain: joinSizes,
      reduced: joinSizes.map((_, i) => i === 0),
      combine: work.combine,
      prologue: {
        instructions: [
          {
            op: 'load',
            access: { parameter: from, strides: [partElements, ...joinStrides.at(-1)!.slice(1)] },
          },
        ],
        value: 0,
      },
      epilogue: last,
    },
    join.places,
    written,
    `${work.name} join`,
    kept,
  );
}

/** Into how many equal parts a large reduction's outermost dimension is cut. */
function partsOf(size: number, total: number): number {
  const wanted = Math.min(16, Math.floor(total / SPLIT_ELEMENTS));
  for (let parts = wanted; parts > 1; parts--) if (size % parts === 0) return parts;
  return 1;
}

function reductionTiles(sizes: readonly number[], reduced: readonly boolean[], total: number): number {
  if (reduced[0] === true || sizes.length === 1) return 1;
  return Math.max(1, Math.min(sizes[0]!, MOST_TILES, Math.floor(total / TILE_WORK)));
}
