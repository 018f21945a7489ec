/** What a program's outputs draw or write: grids of samples, lines of text, and data above what a network makes of it. */
import type { Program, ProgramGraph } from '../../compiler/program.js';
import { classCount } from '../../spec/data-classes.js';
import { bytesOfValues, encodePng, imageGrid } from '../node/png.js';
import type { DataStream } from '../training/data-stream.js';
import type { Generated } from '../training/generate.js';
import type { TrainingSession } from '../training/session.js';
import { valueShape } from './output-value.js';
import { drawPlane, PLANE_SAMPLES } from './plane-pictures.js';
import { linesFile, sampledLines, type TextOutput } from './sampled-lines.js';

/** Columns of a grid; 64 samples are 8 x 8. */
const GRID_COLUMNS = 8;
const GRID_ROWS = 8;
/** Where the classes of samples come in turn and are no more than this, each has columns of its own. */
const MOST_CLASS_COLUMNS = 16;
const SAMPLED_LINES = 64;
/** Data examples that are reconstructed: four rows of data, each above its own. */
const RECONSTRUCTED = 4 * GRID_COLUMNS;

/** Pictures smaller than this are enlarged by whole factors, so that a grid can be looked at as it is. */
const LEAST_SIDE = 64;

interface OutputFacts {
  readonly name: string;
  /** The data stream it reads, where it reads one. */
  readonly stream: string | undefined;
}

/** One picture per example: B x height x width x 1, 3 or 4. */
export interface GridOutput extends OutputFacts {
  readonly kind: 'grid';
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The values of black and white. */
  readonly range: readonly [number, number];
  readonly columns: number;
}

/** One point of the plane per example, B x 2, in a program whose data are points: all of them are one picture. */
export interface PlaneOutput extends OutputFacts {
  readonly kind: 'plane';
}

export type PictureOutput = GridOutput | PlaneOutput | TextOutput;

export const pictureOutputs = (program: Program): readonly PictureOutput[] =>
  program.outputs.flatMap((output) => pictureOutput(program, output) ?? []);

function pictureOutput(program: Program, output: ProgramGraph): PictureOutput | undefined {
  const shape = valueShape(output);
  const { name } = output;
  const stream = output.feeds.map(({ source }) => source).find((source) => source.kind === 'data')?.stream;
  // Before pictures: an alphabet of two characters has as many symbols as a picture has colours.
  const text = shape && textOutput(program, name, stream, shape.slice(1));
  if (text !== undefined) return text;
  if (shape?.length === 4) {
    const [, height, width, channels] = shape as readonly [number, number, number, number];
    if (![1, 3, 4].includes(channels)) return undefined;
    const range = rangeOf(program, stream);
    return {
      kind: 'grid',
      name,
      stream,
      height,
      width,
      channels,
      range,
      columns: columnsOf(program, output),
    };
  }
  const streams = stream === undefined ? [...program.streams.values()] : [program.streams.get(stream)!];
  const inPlane = shape?.length === 2 && shape[1] === 2 && streams.some(({ data }) => data.kind === 'points');
  return inPlane ? { kind: 'plane', name, stream } : undefined;
}

/** What has the shape of a text that it reads, or, where it reads none, of the first that has this shape. */
function textOutput(
  program: Program,
  name: string,
  stream: string | undefined,
  shape: readonly number[],
): TextOutput | undefined {
  for (const [like, { shape: own, data }] of program.streams) {
    if (data.kind !== 'text' || (stream !== undefined && stream !== like)) continue;
    if (own.slice(-3).join() !== shape.join()) continue;
    return { kind: 'text', name, stream, like, length: own.at(-2)!, alphabet: data.alphabet };
  }
  return undefined;
}

function columnsOf({ streams }: Program, { feeds }: ProgramGraph): number {
  const sources = feeds.map(({ source }) => source);
  const labels = sources.find((source) => source.kind === 'labels');
  if (labels === undefined || sources.some(({ kind }) => kind === 'data')) return GRID_COLUMNS;
  const stream = streams.get(labels.of);
  const classes = stream && classCount(stream.data);
  if (classes === undefined || classes > MOST_CLASS_COLUMNS) return GRID_COLUMNS;
  return classes * Math.ceil(GRID_COLUMNS / classes);
}

/** Of the stream it reads, or of the first one that has a range: what is generated imitates the data. */
function rangeOf(program: Program, stream: string | undefined): readonly [number, number] {
  const streams = stream === undefined ? [...program.streams.values()] : [program.streams.get(stream)!];
  const ranges = streams.flatMap(({ data }) => ('range' in data ? [data.range] : []));
  return ranges[0] ?? [-1, 1];
}

/** Numbers of one sample. */
export function sampleSize(output: PictureOutput): number {
  switch (output.kind) {
    case 'plane':
      return 2;
    case 'text':
      return output.length * (1 + output.alphabet.length);
    case 'grid':
      return output.height * output.width * output.channels;
    default:
      return output satisfies never;
  }
}

/** Of the file that shows an output. */
export const fileEnding = ({ kind }: PictureOutput): '.png' | '.txt' => (kind === 'text' ? '.txt' : '.png');

/** How many samples one picture shows, or one file of lines. */
export function sampleCount(output: PictureOutput): number {
  switch (output.kind) {
    case 'plane':
      return PLANE_SAMPLES;
    case 'text':
      return SAMPLED_LINES;
    case 'grid':
      return GRID_ROWS * output.columns;
    default:
      return output satisfies never;
  }
}

const zoomOf = ({ height, width }: { height: number; width: number }): number =>
  Math.max(1, Math.floor(LEAST_SIDE / Math.max(height, width)));

/** Samples, row by row, or all in one plane: the bytes of a PNG file, or of text. */
export async function samplePicture(
  session: TrainingSession,
  output: PictureOutput,
  generated: Generated,
): Promise<Uint8Array> {
  const { values } = generated;
  if (output.kind === 'plane') return drawPlane(session, values);
  if (output.kind === 'text') return linesFile(sampledLines(output, generated));
  const { height, width, channels, range, columns } = output;
  const pixels = bytesOfValues(values, range);
  return encodePng(imageGrid({ pixels, height, width, channels, columns, zoom: zoomOf(output) }));
}

/** One sample at its own size. */
export function singlePicture(output: GridOutput, { values }: Generated, index: number): Uint8Array {
  const { height, width, channels, range } = output;
  const size = height * width * channels;
  const data = bytesOfValues(values.subarray(index * size, (index + 1) * size), range);
  return encodePng({ height, width, channels, data });
}

/** Runs an output that reads data on the first examples, and lays each row of data above what came out. */
export async function reconstructionPicture(
  session: TrainingSession,
  output: PictureOutput & { readonly stream: string },
): Promise<Uint8Array> {
  const stream = session.streams.get(output.stream);
  if (stream === undefined) throw new RangeError(`no data was given for stream '${output.stream}'`);
  if (output.kind === 'plane') {
    const { values } = await session.generate(output.name, { count: Math.min(PLANE_SAMPLES, stream.count) });
    return drawPlane(session, values);
  }
  const count = Math.min(RECONSTRUCTED, stream.count);
  const generated = await session.generate(output.name, { count });
  if (output.kind === 'text') return reconstructedLines(stream, output, generated);
  const { values } = generated;
  const { height, width, channels, range } = output;
  const { images } = stream;
  const made = bytesOfValues(values, range);
  const size = height * width * channels;
  // The data's own picture size may differ from the output's (an enlarging network): then only what came out is shown.
  const paired = stream.shape.join() === [height, width, channels].join() ? images : undefined;
  const rows: Uint8Array[] = [];
  for (let start = 0; start < count; start += GRID_COLUMNS) {
    const end = Math.min(count, start + GRID_COLUMNS);
    const fill = new Uint8Array((GRID_COLUMNS - (end - start)) * size).fill(255);
    if (paired !== undefined) rows.push(paired.pixels.subarray(start * size, end * size), fill);
    rows.push(made.subarray(start * size, end * size), fill);
  }
  const pixels = new Uint8Array(Buffer.concat(rows));
  return encodePng(
    imageGrid({ pixels, height, width, channels, columns: GRID_COLUMNS, zoom: zoomOf(output) }),
  );
}

/** Each line of the data beside what came out of it. */
function reconstructedLines(stream: DataStream, output: TextOutput, generated: Generated): Uint8Array {
  const made = sampledLines(output, generated);
  const values = stream.examples(made.map((_, i) => i));
  const data = sampledLines(output, { ...generated, values });
  const width = Math.max(...data.map((line) => [...line].length));
  const filled = (line: string) => line + ' '.repeat(width - [...line].length);
  return linesFile(made.map((line, i) => `${filled(data[i]!)} | ${line}`));
}
