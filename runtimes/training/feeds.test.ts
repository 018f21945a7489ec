import { expect, it } from 'vitest';
import type { ProgramGraph } from '../../compiler/program.js';
import { DataStream } from './data-stream.js';
import { PhaseFeeds } from './feeds.js';

const scope = { hyper: new Map([['width', 2]]), step: 0, steps: 10, execution: 0 };
const phase = (feeds: ProgramGraph['feeds']): ProgramGraph => ({
  name: 'phase',
  graph: { name: 'phase', nodes: [], outputs: [] },
  feeds,
  scalars: [],
});
const stream = () =>
  new DataStream({
    name: 'x',
    examples: { count: 8, height: 1, width: 1, channels: 1, pixels: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7) },
    encoding: { range: [0, 255], flip: 'none' },
    seed: 1,
  });

it('gives two feeds of one stream the same examples, and moves on once', () => {
  const shape = [3, 1, 1, 1];
  const source = { kind: 'data', stream: 'x' } as const;
  const x = stream();
  const feeds = new PhaseFeeds(
    phase([
      { name: 'a', shape, source },
      { name: 'b', shape, source },
    ]),
    new Map([['x', x]]),
  );
  const inputs = feeds.fill(1, scope);
  expect(inputs.feeds.get('a')).toEqual(inputs.feeds.get('b'));
  expect(x.cursor.position).toBe(3);
});

const labelled = () => {
  const of = Uint32Array.of(0, 1, 2, 3, 0, 1, 2, 3);
  const pixels = Uint8Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? i / 2 : 100 + (i - 1) / 2));
  return new DataStream({
    name: 'x',
    examples: {
      count: 8,
      height: 1,
      width: 2,
      channels: 1,
      pixels,
      labels: { classes: ['a', 'b', 'c', 'd'], of },
    },
    encoding: { range: [0, 255], flip: 'horizontal' },
    seed: 1,
  });
};
const classes = { name: 'y', shape: [3], source: { kind: 'labels', of: 'x' } } as const;
const pictures = { name: 'x', shape: [3, 1, 2, 1], source: { kind: 'data', stream: 'x' } } as const;

it.each([
  ['before', [classes, pictures]],
  ['after', [pictures, classes]],
])('gives the classes of the same examples, asked for %s them', (_order, declared) => {
  const x = labelled();
  const feeds = new PhaseFeeds(phase(declared), new Map([['x', x]]));
  for (let execution = 0; execution < 12; execution++) {
    const inputs = feeds.fill(1, { ...scope, execution }).feeds;
    const examples = [0, 1, 2].map((i) => Math.min(...inputs.get('x')!.slice(2 * i, 2 * i + 2)));
    expect([...inputs.get('y')!]).toEqual(examples.map((example) => example % 4));
  }
  expect(x.cursor).toEqual({ epoch: 4, position: 4 });
});

it('gives classes alone, of the examples that are next', () => {
  const [alone, together] = [labelled(), labelled()];
  const onlyClasses = new PhaseFeeds(phase([classes]), new Map([['x', alone]]));
  const both = new PhaseFeeds(phase([classes, pictures]), new Map([['x', together]]));
  for (let execution = 0; execution < 5; execution++) {
    const y = [...onlyClasses.fill(1, scope).feeds.get('y')!];
    expect(y).toEqual([...both.fill(1, scope).feeds.get('y')!]);
    expect(alone.cursor).toEqual(together.cursor);
  }
});

it('draws classes and yes or no as their noise says', () => {
  const source = (distribution: 'categorical' | 'bernoulli', value: number) => {
    const parameter = { kind: 'number', value } as const;
    return { kind: 'noise', site: distribution, distribution, parameters: [parameter, parameter] } as const;
  };
  const feeds = new PhaseFeeds(
    phase([
      { name: 'c', shape: [400], source: source('categorical', 5) },
      { name: 'm', shape: [200, 2], source: source('bernoulli', 0.25) },
    ]),
    new Map(),
  );
  const inputs = feeds.fill(1, scope).feeds;
  expect(new Set(inputs.get('c'))).toEqual(new Set([0, 1, 2, 3, 4]));
  expect(new Set(inputs.get('m'))).toEqual(new Set([0, 1]));
  const share = inputs.get('m')!.reduce((sum, value) => sum + value, 0) / 400;
  expect(Math.abs(share - 0.25)).toBeLessThan(0.09);
});

it('draws noise with parameters as they stand now', () => {
  const feeds = new PhaseFeeds(
    phase([
      {
        name: 'z',
        shape: [50, 2],
        source: {
          kind: 'noise',
          site: 'phase/z',
          distribution: 'uniform',
          parameters: [
            { kind: 'number', value: 1 },
            { kind: 'hyper', name: 'width' },
          ],
        },
      },
    ]),
    new Map(),
  );
  const values = () => [...feeds.fill(1, scope).feeds.get('z')!];
  const first = values();
  expect(Math.min(...first)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...first)).toBeLessThanOrEqual(2);
  expect(values()).toEqual(first);
});

it('says which stream has no data', () => {
  const feeds = new PhaseFeeds(
    phase([{ name: 'x', shape: [3, 1, 1, 1], source: { kind: 'data', stream: 'x' } }]),
    new Map(),
  );
  expect(() => feeds.fill(1, scope)).toThrow(new RangeError("no data was given for stream 'x'"));
});
