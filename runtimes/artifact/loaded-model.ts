/** A built model on an engine: runs its outputs on any number of examples. */
import type { Executable } from '../engine.js';
import { elementCount } from '../training/feeds.js';
import { likeliestSymbols, linesOfSymbols } from '../training/text-lines.js';
import type { LoadOptions, Model, ModelInput, ModelOutput, Picture, SampleOptions, Samples } from './api.js';
import type { ArtifactOutput, ArtifactProgram, InputDescription, ValueDescription } from './format.js';
import { drawInputs, fillFeeds } from './inputs.js';
import { forPages, ModelError, named } from './model-error.js';
import { pictureGrid } from './pixels.js';

export class LoadedModel implements Model {
  readonly title: string;
  readonly step: number;
  readonly backend: NonNullable<LoadOptions['backend']>;
  readonly engine: string;
  readonly outputs: readonly ModelOutput[];
  readonly #program: ArtifactProgram;
  readonly #executable: Executable;
  /** The last call: runs share the program's memory. */
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(
    program: ArtifactProgram,
    executable: Executable,
    { backend, engine }: Pick<Model, 'backend' | 'engine'>,
  ) {
    this.title = program.title;
    this.step = program.step;
    this.backend = backend;
    this.engine = engine;
    this.outputs = program.outputs.map(({ name, value, inputs }) => ({
      name,
      kind: value.kind,
      shape: value.shape,
      inputs: inputs.map(shownInput),
    }));
    this.#program = program;
    this.#executable = executable;
  }

  async sample(options: SampleOptions = {}): Promise<Samples> {
    const output = this.#output(options.output);
    const { count, feeds } = fillFeeds(output, options);
    const columns = options.columns ?? Math.ceil(Math.sqrt(count));
    if (!Number.isInteger(columns) || columns < 1)
      throw new ModelError(`\`columns\` must be a whole number above 0, and is ${columns}`);
    const run = this.#last.then(() => this.#run(output, count, feeds));
    // A call that fails is its caller's to know.
    this.#last = run.catch(() => undefined);
    const values = await run.catch((error: unknown) => {
      throw forPages(error);
    });
    return samplesOf(output.value, values, count, Math.min(columns, count));
  }

  draw(options: SampleOptions = {}): Readonly<Record<string, Float32Array>> {
    return drawInputs(this.#output(options.output), options);
  }

  dispose(): void {
    this.#disposed = true;
    this.#executable.dispose();
  }

  #output(name: string | undefined): ArtifactOutput {
    if (this.#disposed) throw new ModelError('The model was disposed of');
    const { outputs } = this.#program;
    const free = outputs.find(({ feeds }) => feeds.every(({ source }) => source.kind !== 'given'));
    const found = name === undefined ? (free ?? outputs[0]) : outputs.find((one) => one.name === name);
    if (found !== undefined) return found;
    const names = outputs.map((output) => output.name);
    throw new ModelError(`There is no output \`${name ?? ''}\`. Use ${named(names, 'or')}.`);
  }

  async #run(
    { graphs, scalars, value: { shape } }: ArtifactOutput,
    count: number,
    feeds: ReadonlyMap<string, Float32Array>,
  ): Promise<Float32Array> {
    const size = elementCount(shape);
    const values = new Float32Array(count * size);
    const numbers = new Map(Object.entries(scalars));
    for (let start = 0; start < count;) {
      const left = count - start;
      const { batch, graph, value } = suited(graphs, left);
      const present = Math.min(batch, left);
      const chunk = new Map(
        [...feeds].map(([name, all]) => [name, chunkOf(all, all.length / count, start, present, batch)]),
      );
      await this.#executable.run(graph, { feeds: chunk, scalars: numbers });
      const result = await this.#executable.read(graph, value);
      values.set(result.subarray(0, present * size), start * size);
      start += present;
    }
    return values;
  }
}

const shownInput = ({ name, kind, shape, classes }: InputDescription): ModelInput => ({
  name,
  kind,
  shape,
  ...(classes === undefined ? {} : { classes }),
});

/** The largest that is at least half filled, as an empty place costs as much as a full one; else the smallest. */
const suited = (graphs: ArtifactOutput['graphs'], left: number): ArtifactOutput['graphs'][number] =>
  graphs.findLast(({ batch }) => 2 * left >= batch) ?? graphs[0]!;

/** `batch` examples from `start`, of which `present` are there; the last is repeated for the rest. */
function chunkOf(
  all: Float32Array,
  size: number,
  start: number,
  present: number,
  batch: number,
): Float32Array {
  if (present === batch) return all.slice(start * size, (start + batch) * size);
  return Float32Array.from({ length: batch * size }, (_, i) => {
    const example = start + Math.min(Math.floor(i / size), present - 1);
    return all[example * size + (i % size)]!;
  });
}

const NOTHING: Picture = { pixels: new Uint8ClampedArray(0), width: 0, height: 0 };

function samplesOf(
  description: ValueDescription,
  values: Float32Array,
  count: number,
  columns: number,
): Samples {
  const shape = [count, ...description.shape];
  const common = { count, columns, values, shape };
  switch (description.kind) {
    case 'pictures': {
      const { height, width, channels } = description;
      const size = height * width * channels;
      return {
        ...common,
        ...pictureGrid(values, description, columns),
        lines: [],
        picture: (i) => {
          if (!Number.isInteger(i) || i < 0 || i >= count)
            throw new ModelError(`There is no picture ${i}: they are numbered 0 to ${count - 1}`);
          return pictureGrid(values.subarray(i * size, (i + 1) * size), description, 1);
        },
      };
    }
    case 'lines': {
      const symbols = likeliestSymbols(values, 1 + description.alphabet.length);
      return {
        ...common,
        ...NOTHING,
        lines: linesOfSymbols(symbols, description),
        picture: () => NOTHING,
      };
    }
    case 'points':
    case 'numbers':
      return { ...common, ...NOTHING, lines: [], picture: () => NOTHING };
    default:
      return description satisfies never;
  }
}
