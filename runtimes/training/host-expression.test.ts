import { describe, expect, it } from 'vitest';
import type { HostExpression, HostFunction } from '../../compiler/program.js';
import { evaluateHostExpression } from './host-expression.js';

const scope = { hyper: new Map([['gamma', 0.5]]), step: 3, steps: 40, execution: 7 };
const number = (value: number): HostExpression => ({ kind: 'number', value });

const CASES: Readonly<Record<HostFunction, readonly (readonly [readonly number[], number])[]>> = {
  neg: [[[2], -2]],
  abs: [[[-2], 2]],
  exp: [[[1], Math.E]],
  log: [[[Math.E], 1]],
  log2: [[[8], 3]],
  sqrt: [[[9], 3]],
  floor: [[[-1.5], -2]],
  cos: [[[Math.PI], -1]],
  not: [
    [[0], 1],
    [[2], 0],
  ],
  add: [[[2, 3], 5]],
  sub: [[[2, 3], -1]],
  mul: [[[2, 3], 6]],
  div: [[[3, 2], 1.5]],
  mod: [
    [[7, 3], 1],
    [[-1, 3], 2],
    [[5.5, 2], 1.5],
  ],
  pow: [[[2, 10], 1024]],
  min: [[[2, 3], 2]],
  max: [[[2, 3], 3]],
  less: [
    [[2, 3], 1],
    [[3, 3], 0],
  ],
  less_equal: [
    [[3, 3], 1],
    [[4, 3], 0],
  ],
  equal: [
    [[3, 3], 1],
    [[2, 3], 0],
  ],
  and: [
    [[1, 2], 1],
    [[1, 0], 0],
  ],
  or: [
    [[0, 2], 1],
    [[0, 0], 0],
  ],
  where: [
    [[1, 2, 3], 2],
    [[0, 2, 3], 3],
  ],
};

describe('a host expression', () => {
  const rows = Object.entries(CASES).flatMap(([name, cases]) =>
    cases.map(([values, expected]) => [name as HostFunction, values, expected] as const),
  );
  it.each(rows)('%s of %j is %d', (name, values, expected) => {
    const expression = { kind: 'apply', function: name, arguments: values.map(number) } as const;
    expect(evaluateHostExpression(expression, scope)).toBe(expected);
  });

  it('reads the step, the steps, the execution and hyper values', () => {
    const kinds = [
      { kind: 'step' },
      { kind: 'steps' },
      { kind: 'execution' },
      { kind: 'hyper', name: 'gamma' },
    ] as const;
    expect(kinds.map((expression) => evaluateHostExpression(expression, scope))).toEqual([3, 40, 7, 0.5]);
  });

  it('computes in float64: a bias correction does not round to float32', () => {
    const power: HostExpression = {
      kind: 'apply',
      function: 'pow',
      arguments: [number(0.999), { kind: 'execution' }],
    };
    expect(evaluateHostExpression(power, scope)).toBe(0.999 ** 7);
  });

  it('refuses a hyper value that is not there', () => {
    expect(() => evaluateHostExpression({ kind: 'hyper', name: 'k' }, scope)).toThrow(
      new RangeError("the program has no hyper value 'k'"),
    );
  });
});
