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
