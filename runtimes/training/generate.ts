/** Runs an output of a program (`generate: G(z)`) on any number of examples. */
import type { Shape } from '../../compiler/graph/graph.js';
import {
  outputBatch,
  type FeedDeclaration,
  type Program,
  type ProgramGraph,
} from '../../compiler/program.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { classCount } from '../../spec/data-classes.js';
import { enumerate } from '../../spec/diagnostics/quote.js';
import type { Executable } from '../engine.js';
import type { DataStream } from './data-stream.js';
import { elementCount, evaluateScalars, fillNoise } from './feeds.js';
import type { HostScope } from './host-expression.js';

export interface GenerateOptions {
  readonly count: number;
  /** Of the noise that is not given in `feeds`; 0 where left out. */
  readonly seed?: number | undefined;
  /**
   * By feed name, `count` examples each. Data feeds that are not given take the first examples of their stream, and
   * label feeds the classes of these; an output that reads labels and not their data goes round through all classes.
   */
  readonly feeds?: ReadonlyMap<string, Float32Array> | undefined;
  /** Which example of what is drawn (noise, classes in turn) example i gets; number i where left out. */
  readonly drawOf?: ((example: number) => number) | undefined;
  /** Numbers that take the place of what was drawn, one behind the other. */
  readonly fixed?: readonly FixedNumber[] | undefined;
}

export interface FixedNumber {
  /** The feed's name. */
  readonly feed: string;
  /** Which number of an example, from 0 in memory order. */
  readonly element: number;
  readonly value: (example: number) => number;
}

export interface Generated {
  readonly values: Float32Array;
  /** `count` in front. */
  readonly shape: Shape;
}

export interface GenerateContext {
  readonly program: Pick<Program, 'outputs' | 'batch' | 'outputBatch' | 'streams'>;
  readonly executable: Executable;
  readonly streams: ReadonlyMap<string, DataStream>;
  readonly scope: HostScope;
}

/**
 * Runs in chunks of the batch of outputs, the last one filled up with repeats of its last example. Example i gets
 * the same noise whatever the batch and the count. Throws DiagnosticError run/option where the output does not
 * exist, gives nothing per example, or a given feed is not of `count` examples.
 */
export async function generate(
  context: GenerateContext,
  output: string,
  options: GenerateOptions,
): Promise<Generated> {
  const { executable, program, scope } = context;
  const batch = outputBatch(program);
  const { count } = options;
  if (!Number.isInteger(count) || count < 1)
    throw refuse(`A count must be a whole number above 0, not ${count}`);
  const graph = findOutput(program.outputs, output);
  const value = batchedValue(graph, batch);
  const whole = graph.feeds.map((feed) => withFixed(wholeFeed(context, graph, feed, options), options));
  const scalars = evaluateScalars(graph, scope);

  const size = elementCount(value.shape) / batch;
  const values = new Float32Array(count * size);
  for (let start = 0; start < count; start += batch) {
    const present = Math.min(batch, count - start);
    const feeds = new Map(
      whole.map(({ name, values: all, perExample }) => [name, chunk(all, start, present, batch, perExample)]),
    );
    await executable.run(output, { feeds, scalars });
    const result = await executable.read(output, value.name);
    values.set(result.subarray(0, present * size), start * size);
  }
  return { values, shape: [count, ...value.shape.slice(1)] };
}

function refuse(message: string, help?: string): DiagnosticError {
  return new DiagnosticError({ code: 'run/option', severity: 'error', message, help });
}

function findOutput(outputs: readonly ProgramGraph[], name: string): ProgramGraph {
  const found = outputs.find((graph) => graph.name === name);
  if (found !== undefined) return found;
  const names = outputs.map((graph) => graph.name);
  throw refuse(
    `There is no output \`${name}\``,
    names.length > 0 ? `Use ${enumerate(names, 'or')}.` : 'The spec declares no outputs.',
  );
}

/** The value an output gives: the one that bears its name, or its only one. */
function batchedValue(graph: ProgramGraph, batch: number): { readonly name: string; readonly shape: Shape } {
  const values = graph.graph.outputs.filter((output) => output.kind === 'value');
  const value = values.find((output) => output.name === graph.name) ?? values[0];
  const shape = value && graph.graph.nodes[value.node]?.shape;
  if (value === undefined || shape === undefined || shape[0] !== batch) {
    throw refuse(`The output \`${graph.name}\` does not give one value per example`);
  }
  return { name: value.name, shape };
}

interface WholeFeed {
  readonly name: string;
  /** All `count` examples. */
  readonly values: Float32Array;
  readonly perExample: number;
}

function wholeFeed(
  context: GenerateContext,
  graph: ProgramGraph,
  feed: FeedDeclaration,
  options: GenerateOptions,
): WholeFeed {
  const { name, shape, source } = feed;
  const { count, seed = 0 } = options;
  const perExample = elementCount(shape.slice(1));
  const length = count * perExample;
  const given = options.feeds?.get(name);
  if (given !== undefined) {
    if (given.length === length) return { name, values: given.slice(), perExample };
    throw refuse(`The feed \`${name}\` has ${given.length} numbers; ${count} examples of it have ${length}`);
  }
  switch (source.kind) {
    case 'noise': {
      const draws = drawsOf(options);
      const drawn = new Float32Array((Math.max(...draws) + 1) * perExample);
      fillNoise(drawn, source, seed, 0, context.scope);
      return { name, values: gather(drawn, draws, perExample), perExample };
    }
    case 'data': {
      const stream = context.streams.get(source.stream);
      if (stream === undefined) {
        throw refuse(`This output reads the data stream \`${source.stream}\`, and no data was given for it`);
      }
      return { name, values: stream.examples(firstNumbers(count)), perExample };
    }
    case 'labels':
      return { name, values: labelsOf(context, graph, name, source.of, options), perExample };
    default:
      return source satisfies never;
  }
}

/** Which draw each example gets. */
const drawsOf = ({ count, drawOf = (example) => example }: GenerateOptions): readonly number[] =>
  firstNumbers(count).map(drawOf);

function gather(values: Float32Array, examples: readonly number[], perExample: number): Float32Array {
  const gathered = new Float32Array(examples.length * perExample);
  examples.forEach((example, i) => {
    gathered.set(values.subarray(example * perExample, (example + 1) * perExample), i * perExample);
  });
  return gathered;
}

function withFixed(feed: WholeFeed, { count, fixed = [] }: GenerateOptions): WholeFeed {
  for (const { feed: name, element, value } of fixed) {
    if (name !== feed.name) continue;
    for (let i = 0; i < count; i++) feed.values[i * feed.perExample + element] = value(i);
  }
  return feed;
}

const firstNumbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

function labelsOf(
  { streams, program }: GenerateContext,
  graph: ProgramGraph,
  name: string,
  of: string,
  options: GenerateOptions,
): Float32Array {
  const { count, feeds } = options;
  const stream = streams.get(of);
  const values = new Float32Array(count);
  const data = graph.feeds.find(({ source }) => source.kind === 'data' && source.stream === of);
  if (data !== undefined && feeds?.has(data.name) === true) {
    throw refuse(`The feed \`${data.name}\` was given, and its classes, the feed \`${name}\`, were not`);
  }
  if (data !== undefined && stream !== undefined) {
    stream.writeClasses(stream.pick(firstNumbers(count)), values);
    return values;
  }
  const declaration = program.streams.get(of);
  const classes = stream?.labels?.classes.length ?? (declaration && classCount(declaration.data));
  if (classes === undefined) {
    throw refuse(
      `This output reads the classes of the data stream \`${of}\`, and how many there are is not known`,
    );
  }
  return Float32Array.from(drawsOf(options), (draw) => draw % classes);
}

/** `batch` examples from `start`, of which `present` are there. */
function chunk(
  all: Float32Array,
  start: number,
  present: number,
  batch: number,
  perExample: number,
): Float32Array {
  if (present === batch) return all.slice(start * perExample, (start + batch) * perExample);
  const out = new Float32Array(batch * perExample);
  for (let i = 0; i < batch; i++) {
    const from = (start + Math.min(i, present - 1)) * perExample;
    out.set(all.subarray(from, from + perExample), i * perExample);
  }
  return out;
}
