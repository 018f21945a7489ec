/** One graph in the making, with the declarations of everything it reads from outside. */
import { bindBatch } from '../model/symbolic-shape.js';
import { toHost } from '../model/constant.js';
import type { NoiseModel, Term } from '../model/term.js';
import { GraphBuilder } from '../graph/builder.js';
import { input } from '../graph/construct.js';
import type { GraphOutput, NodeId, Shape } from '../graph/graph.js';
import type { FeedDeclaration, HostExpression, ProgramGraph, ScalarDeclaration } from '../program.js';

/** Updates draw dropout and use the statistics of their batch; outputs do neither. */
export type Mode = 'update' | 'output';

export class GraphInputs {
  readonly builder = new GraphBuilder();
  readonly name: string;
  readonly batch: number;
  readonly mode: Mode;
  /** Parts of the batch, one of which this graph works on; `batch` examples each. */
  readonly parts: number;
  /** Draws are those of this graph. */
  readonly #drawsOf: string;
  /** Nodes that stand in for state: projected parameters, running statistics that an earlier call has moved. */
  readonly #standIns = new Map<string, NodeId>();
  readonly #moved = new Map<string, { readonly old: NodeId; readonly next: NodeId }>();
  readonly #calls = new Map<string, number>();
  readonly #feeds = new Map<string, FeedDeclaration>();
  readonly #scalars = new Map<string, ScalarDeclaration>();

  /** `part`: the graph works on one of so many parts of what `of` works on. */
  constructor(
    name: string,
    batch: number,
    mode: Mode,
    part: { readonly of: string; readonly parts: number } = { of: name, parts: 1 },
  ) {
    this.name = name;
    this.batch = batch;
    this.mode = mode;
    this.parts = part.parts;
    this.#drawsOf = part.of;
  }

  state(name: string, shape: Shape): NodeId {
    return this.#standIns.get(name) ?? input(this.builder, 'state', name, shape);
  }

  /** From here on `node` is read instead of the state. */
  standIn(name: string, node: NodeId): void {
    this.#standIns.set(name, node);
  }

  /** Running statistics: the new value is read by later calls in this graph, and written at its end. */
  moveBuffer(name: string, shape: Shape, next: NodeId): void {
    const old = input(this.builder, 'state', name, shape);
    this.#moved.set(name, { old, next });
    this.#standIns.set(name, next);
  }

  get movedBuffers(): ReadonlyMap<string, { readonly old: NodeId; readonly next: NodeId }> {
    return this.#moved;
  }

  /** Numbers the draws of a layer: calls of its network on different tensors draw apart. */
  nextCall(path: string): number {
    const call = this.#calls.get(path) ?? 0;
    this.#calls.set(path, call + 1);
    return call;
  }

  labels(stream: string): NodeId {
    const name = `${stream}/labels`;
    const shape = [this.batch];
    this.#feeds.set(name, { name, shape, source: { kind: 'labels', of: stream } });
    return input(this.builder, 'feed', name, shape);
  }

  /** One draw per element. */
  draw(
    name: string,
    shape: Shape,
    distribution: 'uniform' | 'normal',
    parameters: readonly [number, number],
  ): NodeId {
    const [first, second] = parameters.map((value): HostExpression => ({ kind: 'number', value }));
    this.#feeds.set(name, {
      name,
      shape,
      source: {
        kind: 'noise',
        site: `${this.#drawsOf}/${name}`,
        distribution,
        parameters: [first!, second!],
      },
    });
    return input(this.builder, 'feed', name, shape);
  }

  /** A number the host computes before every run. */
  scalar(name: string, value: HostExpression): NodeId {
    this.#scalars.set(name, { name, value });
    return input(this.builder, 'scalar', name, []);
  }

  /** A function that graphs do not have, of numbers that the host knows: `cos`, `cos_1`. */
  hostCall(name: string, value: HostExpression): NodeId {
    const earlier = [...this.#scalars.keys()].filter((scalar) => scalar.startsWith(`host/${name}`)).length;
    return this.scalar(`host/${name}${earlier === 0 ? '' : `_${earlier}`}`, value);
  }

  data(stream: string, perSample: Shape): NodeId {
    const shape = [this.batch, ...perSample];
    this.#feeds.set(stream, { name: stream, shape, source: { kind: 'data', stream } });
    return input(this.builder, 'feed', stream, shape);
  }

  /** Draws of one name in one graph are one draw; sites carry the graph's name so that phases draw apart. */
  noise(noise: NoiseModel, draw: number): NodeId {
    const name = draw === 0 ? noise.name : `${noise.name}#${draw}`;
    const shape = bindBatch(noise.shape, this.batch);
    // The number of classes is fixed with the shapes of what reads them: a hyper value may have said it, but cannot move it.
    const [first, second] =
      noise.classes === undefined
        ? noise.parameters.map((term) => hostOf(term))
        : [0, 1].map((): HostExpression => ({ kind: 'number', value: noise.classes! }));
    this.#feeds.set(name, {
      name,
      shape,
      source: {
        kind: 'noise',
        site: `${this.#drawsOf}/${name}`,
        distribution: noise.distribution,
        parameters: [first!, second!],
      },
    });
    return input(this.builder, 'feed', name, shape);
  }

  build(outputs: readonly GraphOutput[]): ProgramGraph {
    const graph = this.builder.build(this.name, outputs);
    const read = new Set(
      graph.nodes.flatMap((node) =>
        node.op === 'input' ? [`${node.attributes.source}:${node.attributes.name}`] : [],
      ),
    );
    return {
      name: this.name,
      graph,
      feeds: [...this.#feeds.values()].filter((feed) => read.has(`feed:${feed.name}`)),
      scalars: [...this.#scalars.values()].filter((scalar) => read.has(`scalar:${scalar.name}`)),
    };
  }
}

/** The model has made sure that such terms are the host's to compute. */
export function hostOf(term: Term): HostExpression {
  const expression = toHost(term);
  if (expression === undefined) throw new Error(`internal: ${term.kind} is not known to the host`);
  return expression;
}
