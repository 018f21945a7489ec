/**
 * A program over labelled points and labelled pictures that only shows what it was given: phase `critic` of twice the
 * batch reads points and their classes, phase `generator` the classes of pictures alone; outputs give back their feeds.
 */
import type { FeedDeclaration, HostExpression, Program } from '../../compiler/program.js';
import type { Executable, GraphInputs } from '../../runtimes/engine.js';
import type { PackedExamples, PackedImages, PackedVectors } from '../../runtimes/training/example-source.js';
import type { MnistData, PointsData } from '../../spec/spec.js';
import { outputsOnly } from './tiny-program.js';

const file = { name: 'labelled.yaml', text: 'data: { p: points }\n' };
const span = { file, start: 8, end: 9 };
const zero = { kind: 'number', value: 0, span } as const;
const once: HostExpression = { kind: 'number', value: 1 };

export const BATCH = 4;
const points: PointsData = { kind: 'points', span, set: 'two_gaussians', count: 12, seed: 1 };
export const digits: MnistData = {
  kind: 'mnist',
  span,
  size: { height: zero, width: zero },
  channels: zero,
  range: [0, 255],
  flip: 'horizontal',
};

const pointsFeed = (batch: number): FeedDeclaration => ({
  name: 'p',
  shape: [batch, 2],
  source: { kind: 'data', stream: 'p' },
});
const pointClasses = (batch: number): FeedDeclaration => ({
  name: 'side',
  shape: [batch],
  source: { kind: 'labels', of: 'p' },
});
const digitClasses: FeedDeclaration = {
  name: 'digit',
  shape: [BATCH],
  source: { kind: 'labels', of: 'x' },
};
const both = [pointsFeed(BATCH), pointClasses(BATCH)];

export const labelledProgram: Program = {
  batch: BATCH,
  steps: 30,
  seed: 5,
  hyper: new Map(),
  metrics: ['loss'],
  streams: new Map([
    ['p', { shape: [2], data: points }],
    ['x', { shape: [1, 2, 1], data: digits }],
  ]),
  state: [],
  phases: [
    {
      name: 'critic',
      repeat: once,
      batch: 2 * BATCH,
      graph: outputsOnly('critic', { finite: [] }),
      feeds: [pointClasses(2 * BATCH), pointsFeed(2 * BATCH)],
      scalars: [],
    },
    {
      name: 'generator',
      repeat: once,
      batch: BATCH,
      graph: outputsOnly('generator', { finite: [] }),
      feeds: [digitClasses],
      scalars: [],
    },
    {
      name: 'controller',
      repeat: once,
      batch: BATCH,
      graph: outputsOnly('controller', { finite: [], 'metric/loss': [], stop: [] }),
      feeds: [],
      scalars: [],
    },
  ],
  outputs: [
    { name: 'digits', graph: outputsOnly('digits', { digits: [BATCH] }), feeds: [digitClasses], scalars: [] },
    { name: 'sides', graph: outputsOnly('sides', { sides: [BATCH] }), feeds: both, scalars: [] },
    { name: 'moved', graph: outputsOnly('moved', { moved: [BATCH, 2] }), feeds: both, scalars: [] },
  ],
};

/** `count` points; the class is the sign of x. */
export const somePoints = (count = 12): PackedVectors => ({
  count,
  shape: [2],
  values: Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? ((i / 2) % 2) * 2 - 1 : i)),
  labels: { classes: ['0', '1'], of: Uint32Array.from({ length: count }, (_, i) => i % 2) },
});

/** `count` pictures of the two pixels (i, 100 + i), of class i mod 10. */
export const someDigits = (count = 20): PackedImages => ({
  count,
  height: 1,
  width: 2,
  channels: 1,
  pixels: Uint8Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? i / 2 : 100 + (i - 1) / 2)),
  labels: {
    classes: Array.from({ length: 10 }, (_, k) => String(k)),
    of: Uint32Array.from({ length: count }, (_, i) => i % 10),
  },
});

export const someExamples = (): ReadonlyMap<string, PackedExamples> =>
  new Map<string, PackedExamples>([
    ['p', somePoints()],
    ['x', someDigits()],
  ]);

/** Gives feeds back, and `stop` = 1 after so many runs of the controller. */
export class EchoExecutable implements Executable {
  readonly runs: { readonly name: string; readonly feeds: ReadonlyMap<string, Float32Array> }[] = [];
  readonly #stopAfter: number;

  constructor(stopAfter = Infinity) {
    this.#stopAfter = stopAfter;
  }

  run(name: string, inputs: GraphInputs): Promise<void> {
    this.runs.push({
      name,
      feeds: new Map([...inputs.feeds].map(([feed, values]) => [feed, values.slice()])),
    });
    return Promise.resolve();
  }

  read(name: string, value: string): Promise<Float32Array> {
    const give = (...values: readonly number[]) => Promise.resolve(Float32Array.from(values));
    const { feeds } = this.runs.findLast((run) => run.name === name)!;
    switch (value) {
      case 'finite':
      case 'metric/loss':
        return give(1);
      case 'stop':
        return give(this.runs.filter((run) => run.name === 'controller').length >= this.#stopAfter ? 1 : 0);
      case 'digits':
        return give(...feeds.get('digit')!);
      case 'sides':
        return give(...feeds.get('side')!);
      case 'moved':
        return give(...feeds.get('p')!);
      default:
        return Promise.reject(new RangeError(`'${name}' gave no value '${value}'`));
    }
  }

  readState(): Promise<Float32Array> {
    return Promise.reject(new RangeError('there is no state'));
  }

  writeState(): Promise<void> {
    return Promise.reject(new RangeError('there is no state'));
  }

  dispose(): void {
    this.runs.length = 0;
  }
}
