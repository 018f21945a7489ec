import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import type { Graph, GraphOutput, Node, Shape } from '../../compiler/graph/graph.js';
import type { FeedDeclaration, Program, ProgramGraph } from '../../compiler/program.js';
import type { DataSpec, PointsData } from '../../spec/spec.js';
import type { Executable, GraphInputs } from '../engine.js';
import type { PackedExamples } from '../training/example-source.js';
import { TrainingSession } from '../training/session.js';
import { pictureOutputs, reconstructionPicture, sampleCount, samplePicture, sampleSize } from './pictures.js';

const span = { file: { name: 'a.yaml', text: '' }, start: 0, end: 0 };
const zero = { kind: 'number', value: 0, span } as const;
const points: PointsData = { kind: 'points', span, set: 'ring', count: 50, seed: 1 };
const faces: DataSpec = {
  kind: 'mnist',
  span,
  size: { height: zero, width: zero },
  channels: zero,
  range: [0, 1],
  flip: 'none',
};
const BATCH = 5;

const data = (stream: string, shape: Shape): FeedDeclaration => ({
  name: stream,
  shape,
  source: { kind: 'data', stream },
});
function output(name: string, shape: Shape, feeds: readonly FeedDeclaration[] = []): ProgramGraph {
  const node: Node = { op: 'input', inputs: [], attributes: { source: 'feed', name, shape }, shape };
  const value: GraphOutput = { kind: 'value', name, node: 0 };
  const graph: Graph = { name, nodes: [node], outputs: [value] };
  return { name, graph, feeds, scalars: [] };
}

const program = (streams: Program['streams'], outputs: readonly ProgramGraph[]): Program => ({
  batch: BATCH,
  steps: 1,
  seed: 1,
  hyper: new Map(),
  metrics: [],
  state: [],
  phases: [],
  streams,
  outputs,
});

const plane = program(new Map([['x', { shape: [2], data: points }]]), [
  output('generate', [BATCH, 2]),
  output('critic', [BATCH, 1], [data('x', [BATCH, 2])]),
  output('encode', [BATCH, 2], [data('x', [BATCH, 2])]),
  output('single', []),
]);

/** `critic` is x + y; `encode` gives back what it reads. */
class PlaneExecutable implements Executable {
  #inputs: GraphInputs | undefined;
  run(_name: string, inputs: GraphInputs): Promise<void> {
    this.#inputs = inputs;
    return Promise.resolve();
  }
  read(name: string): Promise<Float32Array> {
    const x = this.#inputs!.feeds.get('x') ?? new Float32Array(2 * BATCH);
    if (name === 'encode') return Promise.resolve(x);
    return Promise.resolve(Float32Array.from({ length: BATCH }, (_, i) => x[2 * i]! + x[2 * i + 1]!));
  }
  readState = () => Promise.reject(new RangeError('no state'));
  writeState = () => Promise.reject(new RangeError('no state'));
  dispose = () => undefined;
}

/** Points at the corners of the square of side 2, ten times. */
const corners: PackedExamples = {
  count: 40,
  shape: [2],
  values: Float32Array.from({ length: 80 }, (_, i) => [-1, -1, -1, 1, 1, -1, 1, 1][i % 8]!),
};

const open = (examples: ReadonlyMap<string, PackedExamples>) =>
  TrainingSession.create({ program: plane, executable: new PlaneExecutable(), examples });

function pixel(png: Uint8Array, x: number, y: number) {
  const { width, data: rgba } = PNG.sync.read(Buffer.from(png));
  return [...rgba.subarray(4 * (y * width + x), 4 * (y * width + x) + 3)];
}

describe('outputs that can be drawn', () => {
  it('are points where the data are points, and pictures elsewhere', () => {
    expect(pictureOutputs(plane)).toEqual([
      { kind: 'plane', name: 'generate', stream: undefined },
      { kind: 'plane', name: 'encode', stream: 'x' },
    ]);
    const pictures = program(new Map([['x', { shape: [4, 4, 1], data: faces }]]), [
      output('generate', [BATCH, 4, 4, 1]),
      output('guess', [BATCH, 2], [data('x', [BATCH, 4, 4, 1])]),
      output('pair', [BATCH, 2]),
    ]);
    expect(pictureOutputs(pictures)).toEqual([
      {
        kind: 'grid',
        name: 'generate',
        stream: undefined,
        height: 4,
        width: 4,
        channels: 1,
        range: [0, 1],
        columns: 8,
      },
    ]);
  });

  it('have columns for every class that comes in turn, where these are few', () => {
    const columns = (classes: number) => {
      const path = { value: 'folders', span };
      const labelled: DataSpec = { ...faces, kind: 'images', crop: 'centre', path, labels: path, classes };
      const feed: FeedDeclaration = { name: 'x/labels', shape: [BATCH], source: { kind: 'labels', of: 'x' } };
      const streams = new Map([['x', { shape: [4, 4, 1], data: labelled }]]);
      const [drawn] = pictureOutputs(program(streams, [output('generate', [BATCH, 4, 4, 1], [feed])]));
      return [drawn?.kind === 'grid' && drawn.columns, sampleCount(drawn!)];
    };
    expect([1, 2, 3, 10, 16, 17].map(columns)).toEqual([
      [8, 64],
      [8, 64],
      [9, 72],
      [10, 80],
      [16, 128],
      [8, 64],
    ]);
  });

  it('that are two numbers of pictures are no points, also beside a stream of points', () => {
    const mixed = program(
      new Map<string, { shape: Shape; data: DataSpec }>([
        ['p', { shape: [2], data: points }],
        ['x', { shape: [4, 4, 1], data: faces }],
      ]),
      [output('guess', [BATCH, 2], [data('x', [BATCH, 4, 4, 1])])],
    );
    expect(pictureOutputs(mixed)).toEqual([]);
  });

  it('know how many samples they show and how large these are', () => {
    const [points2] = pictureOutputs(plane);
    expect([sampleCount(points2!), sampleSize(points2!)]).toEqual([1024, 2]);
  });
});

describe('a picture of points', () => {
  const [generate, encode] = pictureOutputs(plane);
  const WHITE = [255, 255, 255];

  it('shows samples over data over what the critic says', async () => {
    const session = await open(new Map([['x', corners]]));
    const png = await samplePicture(session, generate!, { values: Float32Array.of(0, 0), shape: [1, 2] });
    // 384 pixels reach from -1.2 to 1.2.
    expect(pixel(png, 192, 192)).toEqual([20, 90, 200]);
    expect(pixel(png, 352, 32)).toEqual([150, 150, 150]);
    expect(pixel(png, 380, 4)).toEqual([252, 178, 106]);
    expect(pixel(png, 4, 380)).toEqual(WHITE);
  });

  it('shows samples alone where there are no data', async () => {
    const session = await open(new Map());
    const values = Float32Array.of(-1, -1, 1, 1);
    const png = await samplePicture(session, generate!, { values, shape: [2, 2] });
    expect(pixel(png, 352, 32)).toEqual([20, 90, 200]);
    expect(pixel(png, 192, 192)).not.toEqual([20, 90, 200]);
  });

  it('shows what a network makes of the data over the data', async () => {
    const session = await open(new Map([['x', corners]]));
    const png = await reconstructionPicture(session, { ...encode!, stream: 'x' });
    expect(pixel(png, 352, 32)).toEqual([20, 90, 200]);
  });
});
