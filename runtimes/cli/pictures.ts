/** What a program's outputs draw: grids of samples, and data above what a network makes of it. */
import type { Program, ProgramGraph } from '../../compiler/program.js';
import { bytesOfValues, encodePng, imageGrid } from '../node/png.js';
import type { Generated } from '../training/generate.js';
import type { TrainingSession } from '../training/session.js';

/** Columns of every grid; 64 samples are 8 x 8. */
export const GRID_COLUMNS = 8;
export const SAMPLE_COUNT = 64;
/** Data examples that are reconstructed: four rows of data, each above its own. */
const RECONSTRUCTED = 4 * GRID_COLUMNS;

/** Pictures smaller than this are enlarged by whole factors, so that a grid can be looked at as it is. */
const LEAST_SIDE = 64;

export interface PictureOutput {
  readonly name: string;
  /** The data stream it reads, where it reads one. */
  readonly stream: string | undefined;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The values of black and white. */
  readonly range: readonly [number, number];
}

/** The outputs that give one picture per example: B x height x width x 1 or 3. */
export function pictureOutputs(program: Program): readonly PictureOutput[] {
  return program.outputs.flatMap((output) => {
    const shape = valueShape(output);
    if (shape === undefined) return [];
    const [, height, width, channels] = shape as readonly [number, number, number, number];
    if (channels !== 1 && channels !== 3) return [];
    const stream = output.feeds.map(({ source }) => source).find((source) => source.kind === 'data')?.stream;
    return [{ name: output.name, stream, height, width, channels, range: rangeOf(program, stream) }];
  });
}

function valueShape(output: ProgramGraph): readonly number[] | undefined {
  const values = output.graph.outputs.filter(({ kind }) => kind === 'value');
  const value = values.find(({ name }) => name === output.name) ?? values[0];
  const shape = value && output.graph.nodes[value.node]?.shape;
  return shape?.length === 4 ? shape : undefined;
}

/** Of the stream it reads, or of the first one: what is generated imitates the data. */
function rangeOf(program: Program, stream: string | undefined): readonly [number, number] {
  const streams = stream === undefined ? [...program.streams.values()][0] : program.streams.get(stream);
  return streams?.data.range ?? [-1, 1];
}

const zoomOf = ({ height, width }: { height: number; width: number }): number =>
  Math.max(1, Math.floor(LEAST_SIDE / Math.max(height, width)));

/** Samples, row by row. */
export function sampleGrid(output: PictureOutput, { values }: Generated): Uint8Array {
  const { height, width, channels, range } = output;
  const pixels = bytesOfValues(values, range);
  return encodePng(
    imageGrid({ pixels, height, width, channels, columns: GRID_COLUMNS, zoom: zoomOf(output) }),
  );
}

/** One sample at its own size. */
export function singlePicture(output: PictureOutput, { values }: Generated, index: number): Uint8Array {
  const { height, width, channels, range } = output;
  const size = height * width * channels;
  const data = bytesOfValues(values.subarray(index * size, (index + 1) * size), range);
  return encodePng({ height, width, channels, data });
}

/** Runs an output that reads data on the first examples, and lays each row of data above what came out. */
export async function reconstructionGrid(
  session: TrainingSession,
  output: PictureOutput & { readonly stream: string },
): Promise<Uint8Array> {
  const stream = session.streams.get(output.stream);
  if (stream === undefined) throw new RangeError(`no data was given for stream '${output.stream}'`);
  const { height, width, channels, range } = output;
  const { images } = stream;
  const count = Math.min(RECONSTRUCTED, images.count);
  const { values } = await session.generate(output.name, { count });
  const made = bytesOfValues(values, range);
  const size = height * width * channels;
  // The data's own picture size may differ from the output's (an enlarging network): then only what came out is shown.
  const paired = images.height === height && images.width === width && images.channels === channels;
  const rows: Uint8Array[] = [];
  for (let start = 0; start < count; start += GRID_COLUMNS) {
    const end = Math.min(count, start + GRID_COLUMNS);
    const fill = new Uint8Array((GRID_COLUMNS - (end - start)) * size).fill(255);
    if (paired) rows.push(images.pixels.subarray(start * size, end * size), fill);
    rows.push(made.subarray(start * size, end * size), fill);
  }
  const pixels = new Uint8Array(Buffer.concat(rows));
  return encodePng(
    imageGrid({ pixels, height, width, channels, columns: GRID_COLUMNS, zoom: zoomOf(output) }),
  );
}
