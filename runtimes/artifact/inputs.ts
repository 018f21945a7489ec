/** The feeds of an output: what the caller gave, by the names of the spec, and what is drawn instead. */
import { drawKey } from '../../compiler/random/stream.js';
import { elementCount, fillDistribution } from '../training/feeds.js';
import type { InputValue, SampleOptions } from './api.js';
import type { ArtifactFeed, ArtifactOutput, InputDescription } from './format.js';
import { ModelError, named } from './model-error.js';

/** What `sample` takes besides inputs; an input cannot bear these names. */
export const RESERVED = ['count', 'seed', 'output', 'columns'] as const;

const DEFAULT_SEED = 1;

export interface FilledFeeds {
  readonly count: number;
  /** By feed, all examples one behind the other. */
  readonly feeds: ReadonlyMap<string, Float32Array>;
}

/** Throws ModelError. */
export function fillFeeds(output: ArtifactOutput, options: SampleOptions): FilledFeeds {
  const given = givenInputs(output, options);
  const count = countOf(given, options.count);
  const seed = options.seed ?? DEFAULT_SEED;
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new ModelError(`\`seed\` must be a whole number of 0 or more, and is ${seed}`);
  const feeds = new Map<string, Float32Array>();
  for (const { input, examples, values } of given) {
    const size = sizeOf(input);
    const whole =
      examples === undefined
        ? Float32Array.from({ length: count * size }, (_, i) => values[i % size]!)
        : values;
    for (const feed of input.feeds) feeds.set(feed, whole);
  }
  for (const feed of output.feeds) {
    if (!feeds.has(feed.name)) feeds.set(feed.name, draw(output, feed, count, seed));
  }
  return { count, feeds };
}

/** The inputs of an output as `fillFeeds` would fill them, without those that have to be given. Throws ModelError. */
export function drawInputs(
  output: ArtifactOutput,
  options: SampleOptions,
): Readonly<Record<string, Float32Array>> {
  const drawable = { ...output, inputs: output.inputs.filter(({ kind }) => kind !== 'data') };
  const feeds = output.feeds.filter(({ source }) => source.kind !== 'given');
  const filled = fillFeeds({ ...drawable, feeds }, options).feeds;
  return Object.fromEntries(drawable.inputs.map((input) => [input.name, filled.get(input.feeds[0]!)!]));
}

interface Given {
  readonly input: InputDescription;
  /** Undefined for one that stands for all. */
  readonly examples: number | undefined;
  readonly values: Float32Array;
}

function givenInputs({ name: output, inputs }: ArtifactOutput, options: SampleOptions): readonly Given[] {
  const reserved: readonly string[] = RESERVED;
  const names = inputs.map(({ name }) => name);
  const given: Given[] = [];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || reserved.includes(name)) continue;
    const input = inputs.find((known) => known.name === name);
    if (input === undefined) {
      throw new ModelError(
        `The output \`${output}\` takes nothing called \`${name}\`. It takes ${named([...names, ...reserved])}.`,
      );
    }
    given.push(readInput(input, value));
  }
  return given;
}

const sizeOf = ({ shape }: InputDescription): number => elementCount(shape);

function readInput(input: InputDescription, value: InputValue): Given {
  const { name, kind } = input;
  const single = typeof value === 'number' || typeof value === 'string';
  const list: ArrayLike<number | string> = single ? [value] : value;
  const values = Float32Array.from(list, (one) => numberOf(input, one));
  const size = sizeOf(input);
  if (single && size > 1)
    throw new ModelError(`\`${name}\` is one number, and an example has ${size} of them`);
  if (values.length === 0 || values.length % size !== 0)
    throw new ModelError(`\`${name}\` has ${values.length} numbers, and an example has ${size} of them`);
  // A list of one class is as long as the examples; the numbers of one latent stand for all.
  const stands = values.length === size && (single || (size > 1 && kind === 'noise'));
  return { input, values, examples: stands ? undefined : values.length / size };
}

function numberOf({ name, classes }: InputDescription, value: number | string): number {
  if (classes === undefined) {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw new ModelError(`\`${name}\` must be finite numbers, and has \`${value}\``);
  }
  const number = typeof value === 'string' ? classes.names.indexOf(value) : value;
  if (Number.isInteger(number) && number >= 0 && number < classes.count) return number;
  const called = classes.names.length > 0 ? `, called ${named(classes.names)}` : '';
  throw new ModelError(
    `\`${name}\` has no class \`${value}\`: they are numbered 0 to ${classes.count - 1}${called}`,
  );
}

function countOf(given: readonly Given[], wanted: number | undefined): number {
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted > 0))
    throw new ModelError(`\`count\` must be a whole number above 0, and is ${wanted}`);
  const counted = given.filter(({ examples }) => examples !== undefined);
  const count = wanted ?? counted[0]?.examples ?? 1;
  const other = counted.find(({ examples }) => examples !== count);
  if (other === undefined) return count;
  throw new ModelError(
    `\`${other.input.name}\` has ${other.examples} examples, and ${count} are ` +
      (wanted === undefined ? `in \`${counted[0]!.input.name}\`` : 'asked for'),
  );
}

function draw({ inputs }: ArtifactOutput, feed: ArtifactFeed, count: number, seed: number): Float32Array {
  const { name, size, source } = feed;
  switch (source.kind) {
    case 'noise': {
      const values = new Float32Array(count * size);
      fillDistribution(values, drawKey(seed, source.site, 0), source.distribution, source.parameters);
      return values;
    }
    case 'classes':
      return Float32Array.from({ length: count }, (_, i) => i % source.count);
    case 'given': {
      const input = inputs.find(({ feeds }) => feeds.includes(name));
      throw new ModelError(`\`${input?.name ?? name}\` is data, and has to be given`);
    }
    default:
      return source satisfies never;
  }
}
