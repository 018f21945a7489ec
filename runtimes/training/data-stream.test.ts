import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataStream } from './data-stream.js';
import type { DataStreamOptions } from './data-stream.js';
import type { ImageEncoding } from './example-writer.js';

/** Example i is the two pixels (i, 100 + i), so that both its number and its side can be read off. */
function stream(count: number, options: Partial<DataStreamOptions> & Partial<ImageEncoding> = {}) {
  const { range = [0, 255], flip = 'none', ...rest } = options;
  const pixels = Uint8Array.from({ length: count * 2 }, (_, i) => (i % 2 === 0 ? i / 2 : 100 + (i - 1) / 2));
  return new DataStream({
    name: 'x',
    examples: { count, height: 1, width: 2, channels: 1, pixels },
    encoding: { range, flip },
    seed: 3,
    ...rest,
  });
}

function draw(from: DataStream, examples: number): number[] {
  const out = new Float32Array(examples * 2);
  from.write(from.draw(examples), out);
  return [...out];
}
const numbers = (values: readonly number[]) => values.filter((_, i) => i % 2 === 0);

describe('a data stream', () => {
  it('shows every example once per epoch, in another order each time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(1000), (count, seed) => {
        const x = stream(count, { seed });
        const all = Array.from({ length: count }, (_, i) => i);
        const epochs = [0, 1, 2].map(() => numbers(draw(x, count)));
        for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual(all);
        if (count > 20) expect(new Set(epochs.map(String)).size).toBe(3);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('fills the last batch of an epoch from the next one', () => {
    const batches = stream(7);
    const inBatches = [0, 1, 2, 3].flatMap(() => numbers(draw(batches, 4)));
    const atOnce = numbers(draw(stream(7), 16));
    expect(inBatches).toEqual(atOnce);
    expect([...inBatches.slice(7, 14)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(batches.cursor).toEqual({ epoch: 2, position: 2 });
  });

  it('can reach beyond an epoch in one batch', () => {
    expect(numbers(draw(stream(3), 9)).sort()).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it('goes on from any cursor as if it had never stopped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(60), fc.nat(30), (count, before, after) => {
        const x = stream(count, { flip: 'horizontal' });
        draw(x, before);
        const cursor = JSON.parse(JSON.stringify(x.cursor)) as typeof x.cursor;
        const resumed = stream(count, { flip: 'horizontal' });
        resumed.seek(cursor);
        expect(draw(resumed, after)).toEqual(draw(x, after));
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it('mirrors half of the examples of an epoch, others in the next', () => {
    const x = stream(100, { flip: 'horizontal' });
    const mirrored = [0, 1].map(() => {
      const values = draw(x, 100);
      return new Map(numbers(values).map((first, i) => [Math.min(first, values[2 * i + 1]!), first >= 100]));
    });
    for (const epoch of mirrored) {
      const share = [...epoch.values()].filter(Boolean).length;
      expect(share).toBeGreaterThan(30);
      expect(share).toBeLessThan(70);
    }
    expect(
      [...mirrored[0]!].filter(([example, side]) => mirrored[1]!.get(example) !== side).length,
    ).toBeGreaterThan(20);
  });

  it('mirrors columns, not channels or rows', () => {
    const pixels = Uint8Array.from({ length: 2 * 2 * 3 }, (_, i) => i);
    const examples = { count: 1, height: 2, width: 2, channels: 3, pixels };
    const shown = new Set<string>();
    const x = stream(1, { examples, flip: 'horizontal' });
    for (let i = 0; i < 20; i++) {
      const out = new Float32Array(12);
      x.write(x.draw(1), out);
      shown.add(out.join());
    }
    expect([...shown].sort()).toEqual(['0,1,2,3,4,5,6,7,8,9,10,11', '3,4,5,0,1,2,9,10,11,6,7,8']);
  });

  it('maps bytes 0 and 255 to the ends of the range', () => {
    const pixels = Uint8Array.of(0, 255, 51);
    const x = stream(1, { examples: { count: 1, height: 1, width: 3, channels: 1, pixels }, range: [-1, 1] });
    expect([...x.examples([0])]).toEqual([-1, 1, Math.fround(-0.6)]);
  });

  it('orders by seed, name and epoch', () => {
    const first = numbers(draw(stream(50), 50));
    expect(numbers(draw(stream(50), 50))).toEqual(first);
    expect(numbers(draw(stream(50, { seed: 4 }), 50))).not.toEqual(first);
    expect(numbers(draw(stream(50, { name: 'y' }), 50))).not.toEqual(first);
  });

  it('gives examples by number, unmirrored, without moving', () => {
    const x = stream(3, { flip: 'horizontal' });
    expect([...x.examples([2, 0, 4])]).toEqual([2, 102, 0, 100, 1, 101]);
    expect(x.cursor).toEqual({ epoch: 0, position: 0 });
  });

  it('keeps its order from version to version', () => {
    expect(numbers(draw(stream(10), 10))).toMatchInlineSnapshot(`
      [
        8,
        6,
        3,
        1,
        2,
        0,
        9,
        7,
        4,
        5,
      ]
    `);
  });

  it('writes the class of each example that it drew, shuffled and mirrored or not', () => {
    const labels = {
      classes: ['even', 'odd', 'none'],
      of: Uint32Array.from({ length: 40 }, (_, i) => i % 2),
    };
    const pixels = Uint8Array.from({ length: 80 }, (_, i) => (i % 2 === 0 ? i / 2 : 100 + (i - 1) / 2));
    const examples = { count: 40, height: 1, width: 2, channels: 1, pixels, labels };
    const x = stream(40, { examples, flip: 'horizontal' });
    let mirrored = 0;
    // Batches of 7 cross the ends of three epochs.
    for (let batch = 0; batch < 18; batch++) {
      const drawn = x.draw(7);
      const values = new Float32Array(14);
      const classes = new Float32Array(7);
      x.write(drawn, values);
      x.writeClasses(drawn, classes);
      classes.forEach((label, i) => {
        expect(label).toBe(Math.min(values[2 * i]!, values[2 * i + 1]!) % 2);
        if (values[2 * i]! >= 100) mirrored++;
      });
    }
    expect(mirrored).toBeGreaterThan(30);
  });

  it('gives numbers that are no pictures as they stand', () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => i / 7 - 1);
    const x = new DataStream({ name: 'p', examples: { count: 6, shape: [2], values }, seed: 1 });
    expect(x).toMatchObject({ count: 6, shape: [2], exampleSize: 2, images: undefined });
    const out = new Float32Array(12);
    x.write(x.draw(6), out);
    const pairs = (of: Float32Array) => [0, 1, 2, 3, 4, 5].map((i) => of.slice(2 * i, 2 * i + 2).join());
    expect(pairs(out)).not.toEqual(pairs(values));
    expect(pairs(out).sort()).toEqual(pairs(values).sort());
    expect([...x.examples([5, 0])]).toEqual([...values.slice(10), ...values.slice(0, 2)]);
  });

  it('refuses labels it does not have, too few of them, and buffers of another size', () => {
    const x = stream(3);
    expect(() => x.writeClasses(x.draw(2), new Float32Array(2))).toThrow(
      new RangeError("data stream 'x' has no labels"),
    );
    expect(() => x.write(x.draw(2), new Float32Array(5))).toThrow(
      new RangeError("data stream 'x' gives 4 numbers, and was asked for 5"),
    );
    const labels = { classes: ['a'], of: new Uint32Array(2) };
    const values = new Float32Array(3);
    expect(
      () => new DataStream({ name: 'p', examples: { count: 3, shape: [1], values, labels }, seed: 1 }),
    ).toThrow(new RangeError("data stream 'p' has 2 labels for 3 examples"));
    expect(() => new DataStream({ name: 'p', examples: { count: 2, shape: [2], values }, seed: 1 })).toThrow(
      new RangeError("data stream 'p': 3 numbers are not 2 x 2"),
    );
  });

  it('refuses a cursor outside the data, missing bytes, and no example', () => {
    expect(() => stream(3).seek({ epoch: 0, position: 4 })).toThrow(
      new RangeError("data stream 'x' of 3 examples has no position 4 of epoch 0"),
    );
    const examples = { count: 2, height: 1, width: 2, channels: 1, pixels: new Uint8Array(3) };
    expect(() => stream(2, { examples })).toThrow(
      new RangeError("data stream 'x': 3 bytes are not 2 x 1 x 2 x 1"),
    );
    expect(() => stream(0)).toThrow(new RangeError("data stream 'x' has no example"));
  });
});
