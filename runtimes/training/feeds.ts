/** Fills the inputs of a phase: the next examples of its data streams, its noise, its host scalars. */
import type { FeedDeclaration, Phase, ProgramGraph } from '../../compiler/program.js';
import type { Shape } from '../../compiler/graph/graph.js';
import type { DrawKey } from '../../compiler/random/stream.js';
import {
  drawKey,
  fillBernoulli,
  fillCategorical,
  fillNormal,
  fillUniform,
} from '../../compiler/random/stream.js';
import type { GraphInputs } from '../engine.js';
import type { DataStream, DrawnExamples } from './data-stream.js';
import { evaluateHostExpression } from './host-expression.js';
import type { HostScope } from './host-expression.js';

export const elementCount = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

type FedPhase = ProgramGraph & Pick<Phase, 'parts'>;

type NoiseSource = Extract<FeedDeclaration['source'], { kind: 'noise' }>;

/** Draws a noise feed: keyed by (seed, its site, `execution`). */
export function fillNoise(
  out: Float32Array,
  source: NoiseSource,
  seed: number,
  execution: number,
  scope: HostScope,
): void {
  const parameters = source.parameters.map((p) => evaluateHostExpression(p, scope)) as [number, number];
  fillDistribution(out, drawKey(seed, source.site, execution), source.distribution, parameters);
}

/** Draws from a distribution of known parameters. */
export function fillDistribution(
  out: Float32Array,
  key: DrawKey,
  distribution: NoiseSource['distribution'],
  [first, second]: readonly [number, number],
): void {
  switch (distribution) {
    case 'uniform':
      return fillUniform(out, key, first, second);
    case 'normal':
      return fillNormal(out, key, first, second);
    case 'categorical':
      return fillCategorical(out, key, first);
    case 'bernoulli':
      return fillBernoulli(out, key, first);
    default:
      distribution satisfies never;
  }
}

export function evaluateScalars(graph: ProgramGraph, scope: HostScope): ReadonlyMap<string, number> {
  return new Map(graph.scalars.map(({ name, value }) => [name, evaluateHostExpression(value, scope)]));
}

/** The feeds of a phase for its whole batch, which its parts share. */
export function wholeFeeds({ feeds, parts }: FedPhase): readonly FeedDeclaration[] {
  if (parts === undefined) return feeds;
  return parts.graph.feeds.map((feed) => ({
    ...feed,
    shape: [parts.count * feed.shape[0]!, ...feed.shape.slice(1)],
  }));
}

/** What the part of that number, from 0, gets of the feeds of the whole batch: its rows, not copied. */
export function feedsOfPart(
  whole: GraphInputs['feeds'],
  part: number,
  { count }: NonNullable<Phase['parts']>,
): GraphInputs['feeds'] {
  return new Map(
    [...whole].map(([feed, values]) => {
      const length = values.length / count;
      return [feed, values.subarray(part * length, (part + 1) * length)];
    }),
  );
}

/** A graph to run, by its name. */
export interface FedRun {
  readonly name: string;
  readonly inputs: GraphInputs;
}

/** The inputs of one phase. Holds the feed buffers, which every execution overwrites. */
export class PhaseFeeds {
  readonly #phase: FedPhase;
  /** What reads the feeds, and those of the whole batch. */
  readonly #graph: ProgramGraph;
  readonly #feeds: readonly FeedDeclaration[];
  readonly #streams: ReadonlyMap<string, DataStream>;
  readonly #buffers: ReadonlyMap<string, Float32Array>;

  constructor(phase: FedPhase, streams: ReadonlyMap<string, DataStream>) {
    this.#phase = phase;
    this.#graph = phase.parts?.graph ?? phase;
    this.#feeds = wholeFeeds(phase);
    this.#streams = streams;
    this.#buffers = new Map(
      this.#feeds.map(({ name, shape }) => [name, new Float32Array(elementCount(shape))]),
    );
  }

  /**
   * What the execution that `scope` describes runs, in order: the parts of the phase, where it has some, each on its share of
   * the batch, and the phase. Examples and draws are those of a phase without parts.
   */
  *runs(seed: number, scope: HostScope): Iterable<FedRun> {
    const { name, parts } = this.#phase;
    const inputs = this.fill(seed, scope);
    if (parts === undefined) {
      yield { name, inputs };
      return;
    }
    for (let part = 0; part < parts.count; part++) {
      const feeds = feedsOfPart(inputs.feeds, part, parts);
      yield { name: parts.graph.name, inputs: { feeds, scalars: inputs.scalars } };
    }
    yield { name, inputs: { feeds: new Map(), scalars: evaluateScalars(this.#phase, scope) } };
  }

  /**
   * The inputs of the whole batch in the execution that `scope` describes. Every data stream moves on by one batch per execution,
   * also where several feeds of the phase read it or its labels: they get the same examples.
   */
  fill(seed: number, scope: HostScope): GraphInputs {
    const drawn = new Map<string, DrawnExamples>();
    const draw = (stream: DataStream, count: number): DrawnExamples => {
      const before = drawn.get(stream.name);
      if (before !== undefined) return before;
      const now = stream.draw(count);
      drawn.set(stream.name, now);
      return now;
    };
    for (const { name, shape, source } of this.#feeds) {
      const buffer = this.#buffers.get(name)!;
      const batch = shape[0] ?? 1;
      switch (source.kind) {
        case 'noise':
          fillNoise(buffer, source, seed, scope.execution, scope);
          break;
        case 'data': {
          const stream = this.#stream(source.stream);
          stream.write(draw(stream, batch), buffer);
          break;
        }
        case 'labels': {
          const stream = this.#stream(source.of);
          stream.writeClasses(draw(stream, batch), buffer);
          break;
        }
        default:
          source satisfies never;
      }
    }
    return { feeds: this.#buffers, scalars: evaluateScalars(this.#graph, scope) };
  }

  #stream(name: string): DataStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new RangeError(`no data was given for stream '${name}'`);
    return stream;
  }
}
