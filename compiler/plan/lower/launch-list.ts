/** The plan of a graph while it is made: buffers, where items lie, and the launches in order. */
import type { NodeId, NodeOf, Shape } from '../../graph/graph.js';
import type { BodyWriter } from '../body.js';
import type { Cluster, Fusion } from '../fuse.js';
import { elementsOf } from '../fuse.js';
import type { FlatState } from '../flat-updates.js';
import type { Buffer, BufferId, Choice, Instruction, Kernel, Launch, Place, SourcePart } from '../kernel.js';
import type { View } from '../view.js';
import type { WinogradUse } from '../winograd-choice.js';

/** What is left to whoever plans for a machine. */
export interface LoweringOptions {
  readonly winograd?: WinogradUse | undefined;
  /** Whether Winograd's convolutions may keep windows for filter gradients: true if left out. */
  readonly keepsWindows?: boolean | undefined;
  /** For machines of thousands of threads: long sums are taken in more parts. */
  readonly wide?: boolean | undefined;
  /** Flat states, of which other states are parts. */
  readonly flat?: readonly FlatState[] | undefined;
}

export class LaunchList {
  readonly fusion: Fusion;
  readonly options: LoweringOptions;
  readonly buffers: Buffer[] = [];
  readonly launches: Launch[] = [];
  readonly places = new Map<NodeId, Place>();
  /** The flat state that a state is a part of, and where it begins. */
  readonly #flat = new Map<string, { readonly flat: FlatState; readonly at: number }>();
  /** Buffers of inputs and of state, by kind and name. */
  readonly inputs = new Map<string, BufferId>();
  /** Of concats along the leading axis, the buffers of their parts. */
  readonly parts = new Map<NodeId, readonly BufferId[]>();
  /** Packed operands made so far, by what they are packed from and how. */
  readonly packed = new Map<string, Place>();
  /** Copies to state that must wait until every read of the old content is done. */
  readonly lateCopies: { from: Place; to: Place; shape: Shape; name: string }[] = [];

  constructor(fusion: Fusion, options: LoweringOptions = {}) {
    this.fusion = fusion;
    this.options = options;
    for (const flat of options.flat ?? [])
      for (const { name, at } of flat.parts) this.#flat.set(name, { flat, at });
  }

  buffer(kind: Buffer['kind'], elements: number, name: string): BufferId {
    const id = this.buffers.length;
    this.buffers.push({ id, kind, elements, name });
    return id;
  }

  /** A part of a buffer, or of a part of one. */
  part(of: Place, elements: number, name: string): BufferId {
    const id = this.buffers.length;
    const { kind, within } = this.buffers[of.buffer]!;
    const whole = { buffer: within?.buffer ?? of.buffer, offset: (within?.offset ?? 0) + of.offset };
    this.buffers.push({ id, kind, elements, name, within: whole });
    return id;
  }

  inputBuffer(node: NodeOf<'input'>): BufferId {
    const { source, name } = node.attributes;
    const elements = elementsOf(node.shape);
    if (source === 'state') return this.stateBuffer(name, elements);
    return this.#inputNamed(`${source} ${name}`, () => this.buffer(source, elements, name));
  }

  stateBuffer(name: string, elements: number): BufferId {
    return this.#inputNamed(`state ${name}`, () => {
      const place = this.#flat.get(name);
      if (place === undefined) return this.buffer('state', elements, name);
      const { flat, at } = place;
      return this.part({ buffer: this.stateBuffer(flat.name, flat.elements), offset: at }, elements, name);
    });
  }

  #inputNamed(key: string, make: () => BufferId): BufferId {
    const known = this.inputs.get(key);
    if (known !== undefined) return known;
    const id = make();
    this.inputs.set(key, id);
    return id;
  }

  placeOf(leaf: NodeId): Place {
    const node = this.fusion.node(leaf);
    if (node.op === 'input') return { buffer: this.inputBuffer(node), offset: 0 };
    const place = this.places.get(leaf);
    if (place === undefined) throw new Error(`internal: node ${leaf} has no memory`);
    return place;
  }

  placeOfLoad({ leaf, view }: { leaf: NodeId; view: View }): Place {
    const place = this.placeOf(leaf);
    return { buffer: place.buffer, offset: place.offset + view.offset };
  }

  launch(
    kernel: Kernel,
    places: readonly Place[],
    writes: ReadonlySet<number>,
    name: string,
    shape: Shape,
    multiplyAdds = 0,
    choice?: Choice,
  ): void {
    if (places.length !== kernel.parameters) throw new Error(`internal: ${name}: ${places.length} places`);
    const buffersOf = (written: boolean): BufferId[] => [
      ...new Set(places.filter((_, i) => writes.has(i) === written).map((place) => place.buffer)),
    ];
    // A place that is both read and written is one parameter; the body's loads of it count as reads.
    const reads = new Set(buffersOf(false));
    for (const index of loadedParameters(kernel)) reads.add(places[index]!.buffer);
    this.launches.push({
      kernel,
      places,
      reads: [...reads],
      writes: buffersOf(true),
      name,
      shape,
      multiplyAdds,
      ...(choice === undefined ? {} : { choice }),
    });
  }

  label(items: readonly NodeId[]): string {
    const labels = new Set<string>();
    for (const item of items) {
      const label = this.fusion.node(item).origin?.label;
      if (label !== undefined) labels.add(label);
    }
    return [...labels].slice(0, 3).join(', ');
  }

  nameOf(cluster: Cluster, instructions: readonly { readonly op: string }[]): string {
    const ops = instructions
      .map(({ op }) => op)
      .filter((op) => op !== 'load' && op !== 'constant' && op !== 'result');
    const anchor = cluster.anchor === undefined ? [] : [this.fusion.node(cluster.anchor).op];
    const label = this.label(cluster.items);
    const what = [...anchor, ...new Set(ops)].join('+') || 'copy';
    return label === '' ? what : `${what} @ ${label}`;
  }

  stores(cluster: Cluster, writer: BodyWriter): { value: number; place: Place }[] {
    return cluster.items.flatMap((item) => {
      const place = this.places.get(item);
      if (place === undefined) return [];
      return [{ value: writer.item(item), place }];
    });
  }

  operand(id: NodeId): { place: Place; view: View } {
    const { root, chain } = this.fusion.source(id);
    const view = this.fusion.view(root, chain);
    return { place: this.placeOfLoad({ leaf: root, view }), view };
  }
}

function loadedParameters(kernel: Kernel): number[] {
  const loads = (instructions: readonly Instruction[]): number[] =>
    instructions.flatMap((instruction) => (instruction.op === 'load' ? [instruction.access.parameter] : []));
  const partsOf = (parts: readonly SourcePart[]): number[] => parts.map(({ parameter }) => parameter);
  switch (kernel.kind) {
    case 'pointwise':
    case 'layout':
      return loads(kernel.body.instructions);
    case 'reduction':
      return [...loads(kernel.prologue.instructions), ...loads(kernel.epilogue.instructions)];
    case 'convolution':
    case 'winograd':
      return [...partsOf(kernel.source), 1, ...loads(kernel.epilogue.instructions)];
    case 'dot':
      return [0, 1, ...loads(kernel.epilogue.instructions)];
    case 'filter_gradient':
    case 'winograd_filter_gradient':
      return [0, ...partsOf(kernel.input), 1];
    case 'gather':
    case 'scatter':
      return [0, 1];
    case 'winograd_filter':
    case 'argsort':
      return [0];
    case 'fill':
      return [];
    default:
      return kernel satisfies never;
  }
}
