/** Reductions: in one kernel, or cut into parts whose results are joined in order by a second one. */
import type { NodeId, NodeOf, Shape } from '../../graph/graph.js';
import { BodyWriter } from '../body.js';
import { collapse, commonDomain, stridesOver } from '../domain.js';
import type { Cluster } from '../fuse.js';
import { elementsOf } from '../fuse.js';
import type { Access, Body, Place } from '../kernel.js';
import { contiguous } from '../view.js';
import type { View } from '../view.js';
import { parameters } from './arguments.js';
import type { Parameters } from './arguments.js';
import type { LaunchList } from './launch-list.js';
import { refused, resolved } from './resolve.js';
import { MOST_TILES, TILE_WORK } from './tiles.js';

/**
 * The elements that a part of a reduction has at least, and how many parts there are at most. A machine of thousands of threads
 * gives a part to a few of them: the checks of a step's gradients took a fifth of it on an NVIDIA H100 in parts of 16,384.
 */
const PARTS = { few: { least: 16_384, most: 16 }, wide: { least: 1024, most: 64 } } as const;

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

interface ReductionWork {
  readonly combine: 'sum' | 'max';
  /** Of what is reduced, and which of its axes are. */
  readonly shape: Shape;
  readonly isReduced: readonly boolean[];
  readonly loads: readonly { readonly place: Place; readonly axes: View['axes'] }[];
  readonly prologue: Pick<BodyWriter, 'instructions' | 'loads'>;
  /** The prologue's instruction that is reduced. */
  readonly value: number;
  readonly epilogue: BodyWriter;
  readonly stores: readonly { readonly value: number; readonly place: Place }[];
  readonly name: string;
}

/** Nested loops: sizes, which of them are reduced, and the strides of the loads, epilogue loads, stores and result. */
interface Loops {
  readonly sizes: readonly number[];
  readonly reduced: readonly boolean[];
  readonly loads: readonly (readonly number[])[];
  readonly epilogueLoads: readonly (readonly number[])[];
  readonly stores: readonly (readonly number[])[];
  readonly result: readonly number[];
}

export function launchReduction(list: LaunchList, work: ReductionWork): void {
  const loops = keptOutermost(loopsOf(work));
  const { sizes, reduced } = loops;
  const kept = work.shape.filter((_, axis) => !work.isReduced[axis]);
  const total = elementsOf(work.shape);
  const limits = list.options.wide === true ? PARTS.wide : PARTS.few;
  const parts = reduced[0] === true ? partsOf(sizes[0]!, total, elementsOf(kept), limits) : 1;
  if (parts > 1) {
    launchInParts(list, work, loops, parts, kept);
    return;
  }
  const own = parameters();
  const prologue = {
    instructions: resolved(work.prologue, loadAccesses(work, loops.loads, own)),
    value: work.value,
  };
  const { body, written } = epilogueBody(list, work, loops, own);
  const { combine } = work;
  const tiles = reductionTiles(sizes, reduced, total);
  list.launch(
    {
      kind: 'reduction',
      parameters: own.places.length,
      tiles,
      domain: sizes,
      reduced,
      combine,
      prologue,
      epilogue: body,
    },
    own.places,
    written,
    work.name,
    kept,
  );
}

function loopsOf({ shape, isReduced, loads, prologue, epilogue, stores }: ReductionWork): Loops {
  /** Axes over the result, as axes over the whole domain. */
  const spread = (axes: View['axes']): View['axes'] => {
    let next = 0;
    return shape.map((_, axis) => (isReduced[axis] ? [] : axes[next++]!));
  };
  const resultAxes = spread(contiguous(shape.filter((_, axis) => !isReduced[axis])).axes);
  const accesses = [
    ...loads.map(({ axes }) => axes),
    ...epilogue.loads.map(({ view }) => spread(view.axes)),
    ...stores.map(() => resultAxes),
    resultAxes,
  ];
  const domain = commonDomain(shape, accesses);
  if (domain === undefined) throw refused(prologue, epilogue);
  const collapsed = collapse(
    domain.sizes,
    accesses.map((axes) => stridesOver(domain, axes)),
    domain.perAxis.flatMap((count, axis) => Array<boolean>(count).fill(isReduced[axis]!)),
  );
  if (collapsed.sizes.length === 0) {
    collapsed.sizes.push(1);
    collapsed.tags.push(true);
    for (const strides of collapsed.accesses) strides.push(0);
  }
  const [first, second] = [loads.length, loads.length + epilogue.loads.length];
  return {
    sizes: collapsed.sizes,
    reduced: collapsed.tags,
    loads: collapsed.accesses.slice(0, first),
    epilogueLoads: collapsed.accesses.slice(first, second),
    stores: collapsed.accesses.slice(second, -1),
    result: collapsed.accesses.at(-1)!,
  };
}

/** The same change made to the sizes, tags and all strides. */
function mapLoops(
  loops: Loops,
  sizes: readonly number[],
  reduced: readonly boolean[],
  change: (strides: readonly number[]) => number[],
): Loops {
  return {
    sizes,
    reduced,
    loads: loops.loads.map(change),
    epilogueLoads: loops.epilogueLoads.map(change),
    stores: loops.stores.map(change),
    result: change(loops.result),
  };
}

/**
 * A large result is cut among tiles by its own dimensions, which needs them outermost. The innermost dimension stays
 * where it is: vectors run along it; where it is all that is kept, it is cut in two.
 */
function keptOutermost(loops: Loops): Loops {
  const { sizes, reduced } = loops;
  const last = sizes.length - 1;
  if (reduced[0] !== true) return loops;
  const outer = sizes.flatMap((_, i) => (reduced[i] !== true && i !== last ? [i] : []));
  if (outer.reduce((product, i) => product * sizes[i]!, 1) >= 8) {
    const inner = sizes.flatMap((_, i) => (reduced[i] === true && i !== last ? [i] : []));
    const order = [...outer, ...inner, last];
    const reorder = <T>(values: readonly T[]): T[] => order.map((i) => values[i]!);
    return mapLoops(loops, reorder(sizes), reorder(reduced), reorder);
  }
  const run = [256, 192, 128, 96, 64, 48, 32, 16].find((length) => sizes[last]! % length === 0);
  if (outer.length > 0 || reduced[last] === true || run === undefined || sizes[last]! < 8 * run) return loops;
  return mapLoops(loops, [sizes[last]! / run, ...sizes.slice(0, -1), run], [false, ...reduced], (strides) => [
    strides[last]! * run,
    ...strides,
  ]);
}

/** Partial results of each part, [parts, kept...], and then the reduction over the parts with the epilogue. */
function launchInParts(
  list: LaunchList,
  work: ReductionWork,
  loops: Loops,
  parts: number,
  kept: Shape,
): void {
  const { sizes, reduced } = loops;
  const elements = elementsOf(kept);
  const partial = { buffer: list.buffer('heap', parts * elements, `${work.name} parts`), offset: 0 };
  const own = parameters();
  const cut = (strides: readonly number[]): number[] => [strides[0]! * (sizes[0]! / parts), ...strides];
  const instructions = resolved(work.prologue, loadAccesses(work, loops.loads.map(cut), own));
  const target = own.of(partial);
  list.launch(
    {
      kind: 'reduction',
      parameters: own.places.length,
      tiles: parts,
      domain: [parts, sizes[0]! / parts, ...sizes.slice(1)],
      reduced: [false, ...reduced],
      combine: work.combine,
      prologue: { instructions, value: work.value },
      epilogue: {
        instructions: [{ op: 'result' }],
        stores: [{ value: 0, access: { parameter: target, strides: [elements, ...loops.result] } }],
      },
    },
    own.places,
    new Set([target]),
    work.name,
    [parts, ...kept],
  );
  const isKept = (_: unknown, i: number): boolean => reduced[i] !== true;
  const joined = mapLoops(
    loops,
    [parts, ...sizes.filter(isKept)],
    [true, ...reduced.filter(isKept)],
    (strides) => [0, ...strides.filter(isKept)],
  );
  const join = parameters();
  const from = { parameter: join.of(partial), strides: [elements, ...joined.result.slice(1)] };
  const { body, written } = epilogueBody(list, work, joined, join);
  list.launch(
    {
      kind: 'reduction',
      parameters: join.places.length,
      tiles: 1,
      domain: joined.sizes,
      reduced: joined.reduced,
      combine: work.combine,
      prologue: { instructions: [{ op: 'load', access: from }], value: 0 },
      epilogue: body,
    },
    join.places,
    written,
    `${work.name} join`,
    kept,
  );
}

function loadAccesses(
  { loads }: ReductionWork,
  strides: readonly (readonly number[])[],
  own: Parameters,
): Access[] {
  return loads.map(({ place }, i) => ({ parameter: own.of(place), strides: strides[i]! }));
}

function epilogueBody(
  list: LaunchList,
  { epilogue, stores }: ReductionWork,
  loops: Loops,
  own: Parameters,
): { body: Body; written: Set<number> } {
  const written = new Set<number>();
  const instructions = resolved(
    epilogue,
    epilogue.loads.map((load, i) => ({
      parameter: own.of(list.placeOfLoad(load)),
      strides: loops.epilogueLoads[i]!,
    })),
  );
  const bodyStores = stores.map(({ value, place }, i) => {
    const parameter = own.of(place);
    written.add(parameter);
    return { value, access: { parameter, strides: loops.stores[i]! } };
  });
  return { body: { instructions, stores: bodyStores }, written };
}

/** Into how many equal parts a large reduction's outermost dimension is cut: only where the parts stay small. */
function partsOf(
  size: number,
  total: number,
  kept: number,
  { least, most }: (typeof PARTS)[keyof typeof PARTS],
): number {
  if (total < 2 * least) return 1;
  const wanted = Math.min(most, Math.floor(total / least), Math.floor(total / kept / 8));
  for (let parts = wanted; parts > 1; parts--) if (size % parts === 0) return parts;
  return 1;
}

function reductionTiles(sizes: readonly number[], reduced: readonly boolean[], total: number): number {
  if (reduced[0] === true || sizes.length === 1) return 1;
  return Math.max(1, Math.min(sizes[0]!, MOST_TILES, Math.floor(total / TILE_WORK)));
}
