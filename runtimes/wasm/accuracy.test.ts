/** The vector functions against float64, over ordinary arguments, tails and special values, in units of the last place. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import type { PointwiseOp } from '../../compiler/plan/kernel.js';
import { programOf } from '../../test/ops/program-of.js';
import { WasmEngine } from './engine.js';

async function compute(op: PointwiseOp, ...operands: readonly (readonly number[])[]): Promise<Float32Array> {
  const b = new GraphBuilder();
  const ids = operands.map((values, i) =>
    b.emit('input', [], { source: 'feed', name: `x${i}`, shape: [values.length] }),
  );
  const graph = b.build('f', [{ kind: 'value', name: 'y', node: b.emit(op, ids, {}) }]);
  const executable = await new WasmEngine().load(programOf(graph));
  const feeds = new Map(operands.map((values, i) => [`x${i}`, Float32Array.from(values)]));
  await executable.run('f', { feeds, scalars: new Map() });
  return executable.read('f', 'y');
}

/** The distance in units of the last place of the float32 nearest to `expected`. */
function unitsOff(actual: number, expected: number): number {
  const nearest = Math.fround(expected);
  if (Object.is(actual, nearest) || (actual === 0 && nearest === 0)) return 0;
  if (!Number.isFinite(actual) || !Number.isFinite(nearest)) return Infinity;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(nearest) || 1e-45)));
  return Math.abs(actual - expected) / 2 ** (exponent - 23);
}

const spread = (low: number, high: number, count = 4000): number[] =>
  Array.from({ length: count }, (_, i) => Math.fround(low + ((high - low) * i) / (count - 1)));
/** Both signs, from the smallest normal numbers up, evenly in the exponent. */
const magnitudes = (low: number, high: number, count = 2000): number[] =>
  Array.from({ length: count }, (_, i) => Math.fround(2 ** (low + ((high - low) * i) / (count - 1)))).flatMap(
    (x) => [x, -x],
  );

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

describe('vector functions', () => {
  it.each([
    ['exp', Math.exp, [...spread(-110, 90), ...magnitudes(-126, 0)], 2.5],
    ['log', Math.log, [...magnitudes(-149, 127).map(Math.abs), ...spread(0.5, 2)], 2],
    ['tanh', Math.tanh, [...spread(-12, 12), ...magnitudes(-126, 4)], 4],
    ['sigmoid', sigmoid, [...spread(-88, 30), ...magnitudes(-126, 4)], 4],
    ['softplus', softplus, [...spread(-86, 90), ...magnitudes(-126, 4)], 4],
    ['elu', (x: number) => (x > 0 ? x : Math.expm1(x)), [...spread(-30, 3), ...magnitudes(-126, 4)], 3],
    ['sqrt', Math.sqrt, magnitudes(-149, 127).map(Math.abs), 0.5],
  ] as const)('%s is within its units of the last place', async (op, exact, values, limit) => {
    const actual = await compute(op, values);
    let worst = { x: 0, units: 0 };
    values.forEach((x, i) => {
      const units = unitsOff(actual[i]!, exact(x));
      if (units > worst.units) worst = { x, units };
    });
    expect(worst.units, `at ${worst.x}`).toBeLessThanOrEqual(limit);
  });

  const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -2.5, 3e38, -3e38, 1e-40, 89, -104];
  const UNARY = {
    neg: (x: number) => -x,
    abs: Math.abs,
    sign: Math.sign,
    exp: Math.exp,
    log: Math.log,
    sqrt: Math.sqrt,
    tanh: Math.tanh,
    sigmoid,
    softplus,
    elu: (x: number) => (x > 0 ? x : Math.expm1(x)),
    floor: Math.floor,
  };
  it.each(Object.entries(UNARY) as [keyof typeof UNARY, (x: number) => number][])(
    '%s of special values is that of ECMAScript',
    async (op, exact) => {
      const actual = await compute(op, SPECIAL);
      const wrong = SPECIAL.flatMap((x, i) => {
        const expected = exact(Math.fround(x));
        return unitsOff(actual[i]!, expected) <= 4 ? [] : [`${op}(${x}) = ${actual[i]}, not ${expected}`];
      });
      expect(wrong).toEqual([]);
    },
  );

  const PAIRS = SPECIAL.flatMap((x) =>
    [NaN, Infinity, -Infinity, 0, 1, 2, 3, -1, 0.5, -0.5].map((z) => [x, z] as const),
  );
  const BINARY = {
    add: (x: number, z: number) => x + z,
    sub: (x: number, z: number) => x - z,
    mul: (x: number, z: number) => x * z,
    div: (x: number, z: number) => x / z,
    pow: Math.pow,
    maximum: Math.max,
    minimum: Math.min,
    greater: (x: number, z: number) => Number(x > z),
    greater_equal: (x: number, z: number) => Number(x >= z),
    equal: (x: number, z: number) => Number(x === z),
  };
  it.each(Object.entries(BINARY) as [keyof typeof BINARY, (x: number, z: number) => number][])(
    '%s of special values is that of ECMAScript',
    async (op, exact) => {
      const actual = await compute(
        op,
        PAIRS.map(([x]) => x),
        PAIRS.map(([, z]) => z),
      );
      const wrong = PAIRS.flatMap(([x, z], i) => {
        const expected = exact(Math.fround(x), z);
        return unitsOff(actual[i]!, expected) <= 300
          ? []
          : [`${op}(${x}, ${z}) = ${actual[i]}, not ${expected}`];
      });
      expect(wrong).toEqual([]);
    },
  );

  it('select takes nothing of what was not chosen, not even NaN', async () => {
    const actual = await compute('select', [1, 0, 0.5, NaN, -0], [7, NaN, 7, 7, NaN], [NaN, 8, NaN, NaN, 8]);
    expect([...actual]).toEqual([7, 8, 7, 7, 8]);
  });

  it('pow of ordinary numbers is right to a few millionths', async () => {
    const values = magnitudes(-8, 8, 400).map(Math.abs);
    const exponents = values.map((_, i) => Math.fround(((i % 41) - 20) / 8));
    const actual = await compute('pow', values, exponents);
    const worst = Math.max(...values.map((x, i) => Math.abs(actual[i]! / x ** exponents[i]! - 1)));
    expect(worst).toBeLessThan(4e-6);
  });
});
