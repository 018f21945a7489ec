/** Clusters to launches: each cluster becomes one kernel (and the copies and packings it needs) over buffers. */
import type { GraphOutput, NodeId, NodeOf, Shape } from '../graph/graph.js';
import { BodyWriter } from './body.js';
import {
  BLOCK,
  channelBlocks,
  forwardAxis,
  inputGradientAxis,
  packedElements,
  region,
} from './convolution.js';
import { collapse, commonDomain, stridesOver } from './domain.js';
import { elementsOf, NeedsStorage } from './fuse.js';
import type { Cluster, Fusion } from './fuse.js';
import type {
  Access,
  Body,
  Buffer,
  BufferId,
  ConvolutionAxis,
  ConvolutionKernel,
  Factor,
  FilterGradientKernel,
  GraphPlan,
  Instruction,
  Kernel,
  Launch,
  Place,
} from './kernel.js';
import { schedule } from './schedule.js';
import { convolutionScratch, denseStrides } from './scratch.js';
import { contiguous, plainStrides } from './view.js';
import type { View } from './view.js';

/** Elements of a tile's working set that stay in a first- or nearby second-level cache. */
const TILE_ELEMENTS = 10_000;
/** Below this a reduction is not worth splitting into partial results. */
const SPLIT_ELEMENTS = 16_384;
/** Pointwise elements worth a tile of their own. */
const POINTWISE_TILE = 8_192;
const MOST_TILES = 64;

interface Parameters {
  readonly places: Place[];
  of(place: Place): number;
}

function parameters(): Parameters {
  const places: Place[] = [];
  return {
    places,
    of(place) {
      const known = places.findIndex((p) => p.buffer === place.buffer && p.offset === place.offset);
      return known >= 0 ? known : places.push(place) - 1;
    },
  };
}

export class Lowering {
  readonly #fusion: Fusion;
  readonly #buffers: Buffer[] = [];
  readonly #launches: Launch[] = [];
  readonly #places = new Map<NodeId, Place>();
  readonly #inputs = new Map<string, BufferId>();
  readonly #packed = new Map<string, Place>();
  /** Copies to state that must wait until every read of the old content is done. */
  readonly #lateCopies: { from: Place; to: Place; shape: Shape; name: string }[] = [];

  constructor(fusion: Fusion) {
    this.#fusion = fusion;
  }

  plan(name: string): GraphPlan {
    const fusion = this.#fusion;
    fusion.nodes.forEach((node) => {
      if (node.op === 'input') this.#inputBuffer(node);
    });
    const order = schedule(fusion);
    const values = this.#placeItems(order);
    for (const cluster of order) this.#lowerCluster(cluster);
    for (const { from, to, shape, name: label } of this.#lateCopies)
      this.#copy(
        { place: from, view: contiguous(shape) },
        { place: to, view: contiguous(shape) },
        shape,
        label,
      );
    const unfusedElements = fusion.nodes.reduce(
      (sum, node) => sum + (node.op === 'input' || node.op === 'constant' ? 0 : elementsOf(node.shape)),
      0,
    );
    return { name, buffers: this.#buffers, launches: this.#launches, values, unfusedElements };
  }

  // Buffers

  #buffer(kind: Buffer['kind'], elements: number, name: string): BufferId {
    const id = this.#buffers.length;
    this.#buffers.push({ id, kind, elements, name });
    return id;
  }

  #inputBuffer(node: NodeOf<'input'>): BufferId {
    const { source, name } = node.attributes;
    const key = `${source} ${name}`;
    const known = this.#inputs.get(key);
    if (known !== undefined) return known;
    const id = this.#buffer(source, elementsOf(node.shape), name);
    this.#inputs.set(key, id);
    return id;
  }

  /** Gives memory to every item that another kernel reads, and to the outputs. */
  #placeItems(order: readonly Cluster[]): GraphPlan['values'] {
    const fusion = this.#fusion;
    const values = new Map<string, { buffer: BufferId; shape: Shape }>();
    for (const output of fusion.outputs) {
      const { shape } = fusion.node(output.node);
      if (output.kind === 'value') {
        const buffer = this.#buffer('value', elementsOf(shape), output.name);
        this.#places.set(output.node, { buffer, offset: 0 });
        values.set(output.name, { buffer, shape });
      } else this.#placeState(output, order);
    }
    const read = new Set<NodeId>();
    for (const cluster of order) {
      for (const item of cluster.items) {
        for (const leaf of fusion.reads(item).keys()) {
          if (fusion.isItem(leaf) && (fusion.clusterOf(leaf) !== cluster || item === cluster.anchor))
            read.add(leaf);
        }
      }
    }
    const place = (item: NodeId): void => {
      if (!read.has(item) || this.#places.has(item)) return;
      const buffer = this.#buffer('heap', elementsOf(fusion.node(item).shape), this.#label([item]));
      this.#places.set(item, { buffer, offset: 0 });
      this.#placeConcatOperands(item, buffer, 0);
    };
    const items = order.flatMap((cluster) => cluster.items);
    // Outer concats first: what they join lies in them.
    for (const item of items.toReversed()) if (fusion.node(item).op === 'concat') place(item);
    for (const item of items) place(item);
    return values;
  }

  /** Parts of a concat along the leading axis are made where they belong. */
  #placeConcatOperands(item: NodeId, buffer: BufferId, offset: number): void {
    const node = this.#fusion.node(item);
    if (node.op !== 'concat' || !isLeading(node.shape, node.attributes.axis)) return;
    let at = offset;
    for (const input of node.inputs) {
      const { root, chain } = this.#fusion.source(input);
      if (chain.length === 0 && this.#fusion.isItem(root) && !this.#places.has(root)) {
        this.#places.set(root, { buffer, offset: at });
        this.#placeConcatOperands(root, buffer, at);
      }
      at += elementsOf(this.#fusion.node(input).shape);
    }
  }

  #placeState(output: GraphOutput, order: readonly Cluster[]): void {
    const fusion = this.#fusion;
    const { shape } = fusion.node(output.node);
    const key = `state ${output.name}`;
    const state = this.#inputs.get(key) ?? this.#buffer('state', elementsOf(shape), output.name);
    this.#inputs.set(key, state);
    const isOld = (leaf: NodeId): boolean => {
      const node = fusion.node(leaf);
      return (
        node.op === 'input' && node.attributes.source === 'state' && node.attributes.name === output.name
      );
    };
    const writer = fusion.clusterOf(output.node);
    const at = order.indexOf(writer);
    const inPlace = order.every((cluster, i) => {
      if (cluster !== writer && i < at) return true;
      return cluster.items.every((item) =>
        [...fusion.reads(item)].every(
          ([leaf, placeByPlace]) =>
            !isOld(leaf) || (cluster === writer && placeByPlace && item !== cluster.anchor),
        ),
      );
    });
    if (inPlace) {
      this.#places.set(output.node, { buffer: state, offset: 0 });
      return;
    }
    const temporary = { buffer: this.#buffer('heap', elementsOf(shape), output.name), offset: 0 };
    this.#places.set(output.node, temporary);
    this.#lateCopies.push({ from: temporary, to: { buffer: state, offset: 0 }, shape, name: output.name });
  }

  #placeOf(leaf: NodeId): Place {
    const node = this.#fusion.node(leaf);
    if (node.op === 'input') return { buffer: this.#inputBuffer(node), offset: 0 };
    const place = this.#places.get(leaf);
    if (place === undefined) throw new Error(`internal: node ${leaf} has no memory`);
    return place;
  }

  // Launches

  #launch(
    kernel: Kernel,
    places: readonly Place[],
    writes: ReadonlySet<number>,
    name: string,
    shape: Shape,
    multiplyAdds = 0,
  ): void {
    if (places.length !== kernel.parameters) throw new Error(`internal: ${name}: ${places.length} places`);
    const buffersOf = (written: boolean): BufferId[] => [
      ...new Set(places.filter((_, i) => writes.has(i) === written).map((place) => place.buffer)),
    ];
    // A place that is both read and written is one parameter; the body's loads of it count as reads.
    const reads = new Set(buffersOf(false));
    for (const index of loadedParameters(kernel)) reads.add(places[index]!.buffer);
    this.#launches.push({
      kernel,
      places,
      reads: [...reads],
      writes: buffersOf(true),
      name,
      shape,
      multiplyAdds,
    });
  }

  #label(items: readonly NodeId[]): string {
    const labels = new Set<string>();
    for (const item of items) {
      const label = this.#fusion.node(item).origin?.label;
      if (label !== undefined) labels.add(label);
    }
    return [...labels].slice(0, 3).join(', ');
  }

  #nameOf(cluster: Cluster, instructions: readonly { readonly op: string }[]): string {
    const ops = instructions
      .map(({ op }) => op)
      .filter((op) => op !== 'load' && op !== 'constant' && op !== 'result');
    const anchor = cluster.anchor === undefined ? [] : [this.#fusion.node(cluster.anchor).op];
    const label = this.#label(cluster.items);
    const what = [...anchor, ...new Set(ops)].join('+') || 'copy';
    return label === '' ? what : `${what} @ ${label}`;
  }

  #lowerCluster(cluster: Cluster): void {
    const anchor = cluster.anchor;
    if (anchor === undefined) {
      this.#pointwise(cluster);
      return;
    }
    const node = this.#fusion.node(anchor);
    switch (node.op) {
      case 'reduce_sum':
      case 'reduce_max':
        this.#reduction(cluster, anchor, node);
        return;
      case 'pad':
        this.#pad(anchor, node);
        return;
      case 'concat':
        this.#concat(anchor, node);
        return;
      case 'dot':
        this.#dot(cluster, anchor, node);
        return;
      case 'conv':
      case 'conv_input_gradient':
        this.#convolution(cluster, anchor, node);
        return;
      case 'conv_filter_gradient':
        this.#filterGradient(cluster, anchor, node);
        return;
      default:
        throw new Error(`internal: ${node.op} heads a cluster`);
    }
  }

  #stores(cluster: Cluster, writer: BodyWriter): { value: number; place: Place }[] {
    return cluster.items.flatMap((item) => {
      const place = this.#places.get(item);
      if (place === undefined) return [];
      return [{ value: writer.item(item), place }];
    });
  }

  #pointwise(cluster: Cluster): void {
    const writer = new BodyWriter(this.#fusion, new Set(cluster.items), undefined);
    const stores = this.#stores(cluster, writer).map((store) => ({
      ...store,
      axes: contiguous(cluster.shape).axes,
    }));
    this.#launchPointwise(writer, stores, cluster.shape, this.#nameOf(cluster, writer.instructions));
  }

  #launchPointwise(
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
      parameter: arguments_.of(this.#placeOfLoad(load)),
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
    this.#launch(
      {
        kind: moves ? 'layout' : 'pointwise',
        parameters: arguments_.places.length,
        tiles: Math.max(1, Math.min(units, MOST_TILES, Math.floor(total / POINTWISE_TILE))),
        domain: sizes,
        body,
      },
      arguments_.places,
      written,
      name,
      shape,
    );
  }

  #placeOfLoad({ leaf, view }: { leaf: NodeId; view: View }): Place {
    const place = this.#placeOf(leaf);
    return { buffer: place.buffer, offset: place.offset + view.offset };
  }

  /** A copy from one strided place to another. */
  #copy(
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
    this.#launch(
      {
        kind: 'layout',
        parameters: 2,
        tiles: Math.max(1, Math.min(units, MOST_TILES, Math.floor(total / POINTWISE_TILE))),
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

  #pad(id: NodeId, node: NodeOf<'pad'>): void {
    const place = this.#placeOf(id);
    const name = this.#nameOf(this.#fusion.clusterOf(id), []);
    this.#launch(
      { kind: 'fill', parameters: 1, tiles: 1, elements: elementsOf(node.shape), value: 0 },
      [place],
      new Set([0]),
      name,
      node.shape,
    );
    const { low, interior } = node.attributes;
    const strides = denseStrides(node.shape);
    const inner = this.#fusion.node(node.inputs[0]!).shape;
    let offset = place.offset;
    const axes = inner.map((size, axis) => {
      offset += low[axis]! * strides[axis]!;
      return size === 1 ? [] : [{ size, stride: strides[axis]! * (interior[axis]! + 1) }];
    });
    this.#moveInto(node.inputs[0]!, { buffer: place.buffer, offset }, axes, name);
  }

  #concat(id: NodeId, node: NodeOf<'concat'>): void {
    const place = this.#placeOf(id);
    const name = this.#nameOf(this.#fusion.clusterOf(id), []);
    const strides = denseStrides(node.shape);
    let offset = place.offset;
    for (const input of node.inputs) {
      const { shape } = this.#fusion.node(input);
      const { root, chain } = this.#fusion.source(input);
      const made = this.#places.get(root);
      const isThere =
        chain.length === 0 && made !== undefined && made.buffer === place.buffer && made.offset === offset;
      if (!isThere) {
        const axes = shape.map((size, axis) => (size === 1 ? [] : [{ size, stride: strides[axis]! }]));
        this.#moveInto(input, { buffer: place.buffer, offset }, axes, name);
      }
      offset += shape[node.attributes.axis]! * strides[node.attributes.axis]!;
    }
  }

  /** Computes or copies `input` into a strided part of a buffer. */
  #moveInto(input: NodeId, place: Place, axes: View['axes'], name: string): void {
    const writer = new BodyWriter(this.#fusion, new Set(), undefined);
    const value = writer.value(input, []);
    this.#launchPointwise(writer, [{ value, place, axes }], this.#fusion.node(input).shape, name);
  }

  // Reductions

  #reduction(cluster: Cluster, anchor: NodeId, node: NodeOf<'reduce_sum'> | NodeOf<'reduce_max'>): void {
    const input = node.inputs[0]!;
    const prologue = new BodyWriter(this.#fusion, new Set(), undefined);
    const value = prologue.value(input, []);
    const { shape } = this.#fusion.node(input);
    const isReduced = shape.map((_, axis) => node.attributes.axes.includes(axis));
    const epilogue = new BodyWriter(this.#fusion, new Set(cluster.items), anchor);
    const stores = this.#stores(cluster, epilogue);
    this.#launchReduction({
      combine: node.op === 'reduce_sum' ? 'sum' : 'max',
      shape,
      isReduced,
      loads: prologue.loads.map((load) => ({ place: this.#placeOfLoad(load), axes: load.view.axes })),
      prologue,
      value,
      epilogue,
      stores,
      name: this.#nameOf(cluster, [...prologue.instructions, ...epilogue.instructions]),
    });
  }

  #launchReduction(work: {
    combine: 'sum' | 'max';
    shape: Shape;
    isReduced: readonly boolean[];
    loads: readonly { place: Place; axes: View['axes'] }[];
    prologue: Pick<BodyWriter, 'instructions' | 'loads'>;
    value: number;
    epilogue: BodyWriter;
    stores: readonly { value: number; place: Place }[];
    name: string;
  }): void {
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
          parameter: own.of(this.#placeOfLoad(load)),
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
      this.#launch(
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
    const partial = { buffer: this.#buffer('heap', parts * partElements, `${work.name} parts`), offset: 0 };
    const resultStrides = collapsed.accesses.at(-1)!;
    const partParameter = arguments_.of(partial);
    const cutSizes = [parts, sizes[0]! / parts, ...sizes.slice(1)];
    this.#launch(
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
    this.#launch(
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

  // Contractions

  /** The epilogue of a contraction over `shape`, its parameters after those already there. */
  #epilogue(
    cluster: Cluster,
    anchor: NodeId,
    own: Parameters,
  ): { body: Body; written: Set<number>; name: string } {
    const writer = new BodyWriter(this.#fusion, new Set(cluster.items), anchor);
    const stores = this.#stores(cluster, writer);
    const written = new Set<number>();
    const loads = writer.loads.map((load) => {
      const strides = plainStrides(load.view);
      if (strides === undefined) throw new NeedsStorage(load.seenAs);
      return { parameter: own.of(this.#placeOfLoad(load)), strides };
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
    return { body, written, name: this.#nameOf(cluster, writer.instructions) };
  }

  #operand(id: NodeId): { place: Place; view: View } {
    const { root, chain } = this.#fusion.source(id);
    const view = this.#fusion.view(root, chain);
    return { place: this.#placeOfLoad({ leaf: root, view }), view };
  }

  #convolution(cluster: Cluster, anchor: NodeId, node: NodeOf<'conv'> | NodeOf<'conv_input_gradient'>): void {
    const { strides, padding } = node.attributes;
    const [sourceId, filterId] = [node.inputs[0]!, node.inputs[1]!];
    const sourceShape = this.#fusion.node(sourceId).shape as readonly [number, number, number, number];
    const filterShape = this.#fusion.node(filterId).shape as readonly [number, number, number, number];
    const [batch, outRows, outColumns, outputChannels] = node.shape as readonly [
      number,
      number,
      number,
      number,
    ];
    const makeAxis = node.op === 'conv' ? forwardAxis : inputGradientAxis;
    const rows = makeAxis(sourceShape[1], outRows, filterShape[0], strides[0], padding[0][0]);
    const columns = makeAxis(sourceShape[2], outColumns, filterShape[1], strides[1], padding[1][0]);
    const source = this.#operand(sourceId);
    const cropped = region(columns, outColumns);
    if (
      source.view.axes[2]!.length > 1 &&
      (cropped.origin > 0 || cropped.origin + cropped.extent < sourceShape[2])
    )
      throw new NeedsStorage(sourceId);
    const filter = this.#operand(filterId);
    const filterStrides = plainStrides(filter.view);
    if (filterStrides === undefined) throw new NeedsStorage(filterId);
    const sourceChannels = sourceShape[3];
    const weights = this.#packFilter(
      filter.place,
      {
        rows: filterStrides[0]!,
        columns: filterStrides[1]!,
        ...(node.op === 'conv'
          ? { source: filterStrides[2]!, output: filterStrides[3]! }
          : { source: filterStrides[3]!, output: filterStrides[2]! }),
      },
      rows,
      columns,
      sourceChannels,
      outputChannels,
      this.#label([filterId]),
    );
    const own = parameters();
    own.places.push(source.place, weights);
    const { body, written, name } = this.#epilogue(cluster, anchor, own);
    const kernel = {
      kind: 'convolution' as const,
      parameters: own.places.length,
      batch,
      rows,
      columns,
      sourceChannels,
      outputChannels,
      source: source.view.axes,
      epilogue: body,
    };
    const tileRows = convolutionTileRows(kernel);
    const taps = (axis: ConvolutionAxis): number =>
      axis.phases.reduce((sum, phase) => sum + phase.taps.length, 0);
    const perOutput =
      ((taps(rows) / rows.phases.length) * taps(columns) * sourceChannels) / columns.phases.length;
    this.#launch(
      { ...kernel, tileRows, tiles: batch * (outRows / tileRows) },
      own.places,
      written,
      name,
      node.shape,
      Math.round(elementsOf(node.shape) * perOutput),
    );
  }

  /** [phase][block of output channels][tap row][tap column][source channel][BLOCK]. */
  #packFilter(
    place: Place,
    strides: { rows: number; columns: number; source: number; output: number },
    rows: ConvolutionAxis,
    columns: ConvolutionAxis,
    sourceChannels: number,
    outputChannels: number,
    label: string,
  ): Place {
    const key = JSON.stringify([place, strides, rows.phases, columns.phases, sourceChannels, outputChannels]);
    const known = this.#packed.get(key);
    if (known !== undefined) return known;
    const { full, rest, restWidth } = channelBlocks(outputChannels);
    let elements = 0;
    for (const a of rows.phases)
      for (const b of columns.phases)
        elements += packedElements(a.taps.length, b.taps.length, sourceChannels, outputChannels);
    const packed = { buffer: this.#buffer('heap', elements, `${label} packed`), offset: 0 };
    let at = 0;
    for (const a of rows.phases) {
      for (const b of columns.phases) {
        const [rowTaps, columnTaps] = [a.taps.length, b.taps.length];
        const inner = rowTaps * columnTaps * sourceChannels;
        if (inner === 0) continue;
        const step = (taps: readonly number[]): number => (taps.length > 1 ? taps[1]! - taps[0]! : 0);
        const corner = a.taps[0]! * strides.rows + b.taps[0]! * strides.columns;
        const part = (blocks: number, width: number, pitch: number, firstChannel: number): void => {
          if (blocks === 0 || width === 0) return;
          const shape = [blocks, rowTaps, columnTaps, sourceChannels, width];
          const axis = (size: number, stride: number): Factor[] => (size === 1 ? [] : [{ size, stride }]);
          const from: View = {
            offset: corner + firstChannel * strides.output,
            axes: [
              axis(blocks, BLOCK * strides.output),
              axis(rowTaps, step(a.taps) * strides.rows),
              axis(columnTaps, step(b.taps) * strides.columns),
              axis(sourceChannels, strides.source),
              axis(width, strides.output),
            ],
          };
          const to: View = {
            offset: at,
            axes: [
              axis(blocks, inner * pitch),
              axis(rowTaps, columnTaps * sourceChannels * pitch),
              axis(columnTaps, sourceChannels * pitch),
              axis(sourceChannels, pitch),
              axis(width, 1),
            ],
          };
          this.#copy({ place, view: from }, { place: packed, view: to }, shape, packName(label));
          at += blocks * inner * pitch;
        };
        part(full, BLOCK, BLOCK, 0);
        part(rest === 0 ? 0 : 1, rest, restWidth, full * BLOCK);
      }
    }
    this.#packed.set(key, packed);
    return packed;
  }

  #filterGradient(cluster: Cluster, anchor: NodeId, node: NodeOf<'conv_filter_gradient'>): void {
    const { strides, padding, kernel: size } = node.attributes;
    const [inputId, cotangentId] = [node.inputs[0]!, node.inputs[1]!];
    const inputShape = this.#fusion.node(inputId).shape as readonly [number, number, number, number];
    const outShape = this.#fusion.node(cotangentId).shape as readonly [number, number, number, number];
    const input = this.#operand(inputId);
    const reach = region(
      forwardAxis(inputShape[2], outShape[2], size[1], strides[1], padding[1][0]),
      outShape[2],
    );
    if (input.view.axes[2]!.length > 1 && (reach.origin > 0 || reach.origin + reach.extent < inputShape[2]))
      throw new NeedsStorage(inputId);
    const cotangent = this.#operand(cotangentId);
    const cotangentStrides = plainStrides(cotangent.view);
    if (cotangentStrides === undefined || (outShape[3] > 1 && cotangentStrides[3] !== 1))
      throw new NeedsStorage(cotangentId);
    const [batch, outputChannels, channels] = [outShape[0], outShape[3], inputShape[3]];
    const pitch = Math.ceil(outputChannels / 4) * 4;
    const weights = size[0] * size[1] * channels;
    const tiles = Math.max(1, Math.min(batch, 8, Math.floor(131_072 / (weights * pitch))));
    const partial = {
      buffer: this.#buffer('heap', tiles * weights * pitch, `${this.#label([anchor])} parts`),
      offset: 0,
    };
    const kernel: FilterGradientKernel = {
      kind: 'filter_gradient',
      parameters: 3,
      tiles,
      batch,
      input: input.view.axes,
      cotangent: cotangentStrides,
      inputSize: [inputShape[1], inputShape[2]],
      outputSize: [outShape[1], outShape[2]],
      channels,
      outputChannels,
      kernel: [size[0], size[1]],
      strides,
      padding,
      blockRows: filterGradientRows(outShape, channels, size, strides),
    };
    const epilogue = new BodyWriter(this.#fusion, new Set(cluster.items), anchor);
    const stores = this.#stores(cluster, epilogue);
    const name = this.#nameOf(cluster, epilogue.instructions);
    const multiplyAdds = elementsOf(outShape) * weights;
    this.#launch(
      kernel,
      [input.place, cotangent.place, partial],
      new Set([2]),
      name,
      node.shape,
      multiplyAdds,
    );
    const shape = [tiles, ...node.shape];
    const axis = (length: number, stride: number): Factor[] =>
      length === 1 ? [] : [{ size: length, stride }];
    this.#launchReduction({
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
  }

  #dot(cluster: Cluster, anchor: NodeId, node: NodeOf<'dot'>): void {
    const { transposeA, transposeB } = node.attributes;
    const [leftId, rightId] = [node.inputs[0]!, node.inputs[1]!];
    const leftShape = this.#fusion.node(leftId).shape;
    const [m, n] = node.shape as readonly [number, number];
    const k = leftShape[transposeA ? 0 : 1]!;
    const left = this.#operand(leftId);
    const right = this.#operand(rightId);
    const leftStrides = plainStrides(left.view);
    const rightStrides = plainStrides(right.view);
    if (leftStrides === undefined) throw new NeedsStorage(leftId);
    if (rightStrides === undefined) throw new NeedsStorage(rightId);
    const [rightRow, rightColumn] = transposeB
      ? [rightStrides[1]!, rightStrides[0]!]
      : [rightStrides[0]!, rightStrides[1]!];
    const inPlace = n === 1 || rightColumn === 1;
    const own = parameters();
    own.places.push(
      left.place,
      inPlace
        ? right.place
        : this.#transposed(right.place, rightRow, rightColumn, k, n, this.#label([rightId])),
    );
    const { body, written, name } = this.#epilogue(cluster, anchor, own);
    const tileColumns = Math.min(n, 64);
    const tileRows = Math.min(m, 64);
    this.#launch(
      {
        kind: 'dot',
        parameters: own.places.length,
        tiles: Math.ceil(m / tileRows) * Math.ceil(n / tileColumns),
        m,
        k,
        n,
        left: transposeA ? [leftStrides[1]!, leftStrides[0]!] : [leftStrides[0]!, leftStrides[1]!],
        right: inPlace ? rightRow : n,
        tileRows,
        tileColumns,
        epilogue: body,
      },
      own.places,
      written,
      name,
      node.shape,
      m * n * k,
    );
  }

  #transposed(place: Place, row: number, column: number, k: number, n: number, label: string): Place {
    const key = JSON.stringify(['dot', place, row, column, k, n]);
    const known = this.#packed.get(key);
    if (known !== undefined) return known;
    const packed = { buffer: this.#buffer('heap', k * n, `${label} packed`), offset: 0 };
    const axis = (size: number, stride: number): Factor[] => (size === 1 ? [] : [{ size, stride }]);
    const from = { offset: 0, axes: [axis(k, row), axis(n, column)] };
    this.#copy({ place, view: from }, { place: packed, view: contiguous([k, n]) }, [k, n], packName(label));
    this.#packed.set(key, packed);
    return packed;
  }
}

function packName(label: string): string {
  return label === '' ? 'pack' : `pack @ ${label}`;
}

/** No domain fits all loads: the first that is no plain run must be stored. */
function refused(...writers: readonly Pick<BodyWriter, 'loads'>[]): NeedsStorage {
  for (const writer of writers)
    for (const load of writer.loads) {
      if (load.seenAs !== load.leaf && plainStrides(load.view) === undefined)
        return new NeedsStorage(load.seenAs);
    }
  throw new Error('internal: plain loads do not fit together');
}

function resolved(writer: Pick<BodyWriter, 'instructions'>, loads: readonly Access[]): Instruction[] {
  return writer.instructions.map((instruction) =>
    instruction.op === 'load' ? { op: 'load', access: loads[instruction.load]! } : instruction,
  );
}

function loadedParameters(kernel: Kernel): number[] {
  const loads = (instructions: readonly Instruction[]): number[] =>
    instructions.flatMap((instruction) => (instruction.op === 'load' ? [instruction.access.parameter] : []));
  switch (kernel.kind) {
    case 'pointwise':
    case 'layout':
      return loads(kernel.body.instructions);
    case 'reduction':
      return [...loads(kernel.prologue.instructions), ...loads(kernel.epilogue.instructions)];
    case 'convolution':
    case 'dot':
      return [0, 1, ...loads(kernel.epilogue.instructions)];
    case 'filter_gradient':
      return [0, 1];
    case 'fill':
      return [];
    default:
      return kernel satisfies never;
  }
}

function isLeading(shape: Shape, axis: number): boolean {
  return shape.slice(0, axis).every((size) => size === 1);
}

/** Into how many equal parts a large reduction's outermost dimension is cut. */
function partsOf(size: number, total: number): number {
  const wanted = Math.min(16, Math.floor(total / SPLIT_ELEMENTS));
  for (let parts = wanted; parts > 1; parts--) if (size % parts === 0) return parts;
  return 1;
}

function reductionTiles(sizes: readonly number[], reduced: readonly boolean[], total: number): number {
  if (reduced[0] === true || sizes.length === 1) return 1;
  return Math.max(1, Math.min(sizes[0]!, MOST_TILES, Math.floor(total / POINTWISE_TILE)));
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
