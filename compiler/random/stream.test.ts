import { describe, expect, it } from 'vitest';
import { initialState } from './initialise.js';
import {
  drawKey,
  fillBernoulli,
  fillBits,
  fillCategorical,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  fnv1a32,
  word,
} from './stream.js';
import { threefry2x32 } from './threefry.js';

const moments = (values: Float32Array) => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
};

describe('fnv1a32', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('hashes %j to the published value', (text, hash) => {
    expect(fnv1a32(text)).toBe(hash);
  });
});

describe('drawKey', () => {
  it('separates seeds, sites and executions, and uses the high word of the seed', () => {
    const keys = [
      drawKey(1, 'z', 0),
      drawKey(2, 'z', 0),
      drawKey(1, 'u', 0),
      drawKey(1, 'z', 1),
      drawKey(1 + 2 ** 32, 'z', 0),
    ];
    expect(new Set(keys.map((k) => k.join())).size).toBe(keys.length);
  });

  it('is the block of (site hash, execution) under the seed words', () => {
    expect(drawKey(5 + 7 * 2 ** 32, 'z', 9)).toEqual(threefry2x32([5, 7], [fnv1a32('z'), 9]));
  });

  it.each([-1, 1.5, NaN, 2 ** 53])('refuses the seed %d', (seed) => {
    expect(() => drawKey(seed, 'z', 0)).toThrow(
      new RangeError(`a seed is an integer of 0 to 2^53 - 1, not ${seed}`),
    );
  });

  it('refuses an execution count that does not fit a counter word', () => {
    expect(() => drawKey(1, 'z', 2 ** 32)).toThrow(
      new RangeError('an execution count is an integer of 0 to 2^32 - 1, not 4294967296'),
    );
  });
});

describe('draws', () => {
  const key = drawKey(42, 'z', 3);

  it('take word i & 1 of block i >> 1', () => {
    const bits = new Uint32Array(5);
    fillBits(bits, key);
    const blocks = [0, 1, 2].flatMap((j) => threefry2x32(key, [j, 0]));
    expect([...bits]).toEqual(blocks.slice(0, 5));
    expect([0, 1, 2, 3, 4].map((i) => word(key, i))).toEqual([...bits]);
  });

  it('use the high counter word beyond block 2^32', () => {
    expect(word(key, 2 * (2 ** 32 + 5) + 1)).toBe(threefry2x32(key, [5, 1])[1]);
  });

  it('agree on a prefix whatever the length', () => {
    const long = new Float32Array(9);
    const short = new Float32Array(4);
    for (const fill of [
      (out: Float32Array) => fillUniform(out, key, -1, 1),
      (out: Float32Array) => fillNormal(out, key, 0, 1),
      (out: Float32Array) => fillTruncatedNormal(out, key, 1),
    ]) {
      fill(long);
      fill(short);
      expect([...short]).toEqual([...long.subarray(0, 4)]);
    }
  });

  it('map bits to uniforms by the definition', () => {
    const out = new Float32Array(6);
    fillUniform(out, key, -3, 5);
    const expected = Array.from(out, (_, i) => Math.fround(-3 + (word(key, i) >>> 8) * 2 ** -24 * 8));
    expect([...out]).toEqual(expected);
  });

  it('map blocks to normals by Box-Muller', () => {
    const out = new Float32Array(3);
    fillNormal(out, key, 2, 0.5);
    const [a, b] = threefry2x32(key, [0, 0]);
    const radius = Math.sqrt(-2 * Math.log(((a >>> 8) + 1) / 2 ** 24));
    const angle = (2 * Math.PI * (b >>> 8)) / 2 ** 24;
    expect(out[0]).toBeCloseTo(2 + 0.5 * radius * Math.cos(angle), 6);
    expect(out[1]).toBeCloseTo(2 + 0.5 * radius * Math.sin(angle), 6);
  });

  it('redraw a truncated normal with counter (index, attempt)', () => {
    const out = new Float32Array(4096);
    fillTruncatedNormal(out, key, 3);
    let redrawn = 0;
    out.forEach((value, i) => {
      for (let attempt = 0; ; attempt++) {
        const [a, b] = threefry2x32(key, [i, attempt]);
        const n =
          Math.sqrt(-2 * Math.log(((a >>> 8) + 1) / 2 ** 24)) * Math.cos((2 * Math.PI * (b >>> 8)) / 2 ** 24);
        if (Math.abs(n) > 2) continue;
        if (attempt > 0) redrawn++;
        expect(value).toBe(Math.fround(3 * n));
        break;
      }
    });
    // 4.55 % of a normal lies beyond two deviations: about 186 of 4096.
    expect(redrawn).toBeGreaterThan(140);
    expect(redrawn).toBeLessThan(240);
  });

  it('map bits to classes and to yes or no by the definition', () => {
    const unit = (i: number) => (word(key, i) >>> 8) * 2 ** -24;
    const classes = new Float32Array(50);
    fillCategorical(classes, key, 10);
    expect([...classes]).toEqual(Array.from(classes, (_, i) => Math.floor(unit(i) * 10)));
    const yes = new Float32Array(50);
    fillBernoulli(yes, key, 0.3);
    expect([...yes]).toEqual(Array.from(yes, (_, i) => (unit(i) < 0.3 ? 1 : 0)));
  });

  it('give every class equally often, and never a class beyond the last', () => {
    const out = new Float32Array(70_000);
    fillCategorical(out, key, 7);
    const counts = new Map<number, number>();
    for (const label of out) counts.set(label, (counts.get(label) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    // 10,000 each, with a deviation of 93.
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it('say yes always at 1, never at 0, and as often as asked between', () => {
    const out = new Float32Array(20_000);
    const share = (p: number) => {
      fillBernoulli(out, key, p);
      return moments(out).mean;
    };
    expect([share(0), share(1)]).toEqual([0, 1]);
    expect(Math.abs(share(0.3) - 0.3)).toBeLessThan(0.015);
  });

  it.each([0, -1, 2.5, NaN, 2 ** 24 + 1])('refuse %d classes', (classes) => {
    expect(() => fillCategorical(new Float32Array(1), key, classes)).toThrow(
      new RangeError(`a number of classes is an integer of 1 to 2^24, not ${classes}`),
    );
  });

  it.each([-0.1, 1.1, NaN])('refuse the probability %d', (p) => {
    expect(() => fillBernoulli(new Float32Array(1), key, p)).toThrow(
      new RangeError(`a probability lies between 0 and 1, and not at ${p}`),
    );
  });

  it('have the moments of their distributions', () => {
    const out = new Float32Array(100_000);
    fillUniform(out, key, -1, 1);
    expect(moments(out).mean).toBeCloseTo(0, 1.8);
    expect(moments(out).deviation).toBeCloseTo(1 / Math.sqrt(3), 2);
    fillNormal(out, key, 0, 1);
    expect(moments(out).mean).toBeCloseTo(0, 1.8);
    expect(moments(out).deviation).toBeCloseTo(1, 1.8);
    fillTruncatedNormal(out, key, 1);
    expect(moments(out).deviation).toBeCloseTo(0.8796, 2);
  });

  it('do not change from version to version', () => {
    const uniform = new Float32Array(3);
    fillUniform(uniform, drawKey(1, 'z', 0), -1, 1);
    const normal = new Float32Array(3);
    fillNormal(normal, drawKey(1, 'z', 0), 0, 1);
    expect({ key: drawKey(1, 'z', 0), uniform: [...uniform], normal: [...normal] }).toMatchInlineSnapshot(`
      {
        "key": [
          2904091268,
          2519536961,
        ],
        "normal": [
          0.42253297567367554,
          0.07286155968904495,
          1.365157127380371,
        ],
        "uniform": [
          0.8243534564971924,
          -0.9456452131271362,
          -0.26391351222991943,
        ],
      }
    `);
  });
});

describe('initialState', () => {
  it('gives every name its own values and the same name the same values', () => {
    const declaration = (name: string) =>
      ({ name, shape: [4, 3], role: 'parameter', init: { kind: 'normal', mean: 0, deviation: 1 } }) as const;
    const weight = initialState(declaration('G/dense/weight'), 1);
    expect(weight).toHaveLength(12);
    expect(initialState(declaration('G/dense/weight'), 1)).toEqual(weight);
    expect(initialState(declaration('D/dense/weight'), 1)).not.toEqual(weight);
    expect(initialState(declaration('G/dense/weight'), 2)).not.toEqual(weight);
  });

  it.each([
    [{ kind: 'constant', value: 0.3 } as const, (v: number) => v === Math.fround(0.3)],
    [{ kind: 'uniform', low: -0.1, high: 0.1 } as const, (v: number) => Math.abs(v) <= Math.fround(0.1)],
    [{ kind: 'normal', mean: 100, deviation: 1 } as const, (v: number) => v > 90],
    [{ kind: 'truncated_normal', deviation: 0.02 } as const, (v: number) => Math.abs(v) <= Math.fround(0.04)],
  ])('obeys %j', (init, holds) => {
    expect(initialState({ name: 'w', shape: [500], role: 'parameter', init }, 7).every(holds)).toBe(true);
  });

  it('gives a scalar one element', () => {
    const scalar = {
      name: 'state/k',
      shape: [],
      role: 'controller',
      init: { kind: 'constant', value: 0 },
    } as const;
    expect(initialState(scalar, 1)).toHaveLength(1);
  });
});
