import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { add, constant, input, mul, scale, sum } from '../../compiler/graph/construct.js';
import type { Graph } from '../../compiler/graph/graph.js';
import { programOf } from '../../test/ops/program-of.js';
import { referenceEngine } from './engine.js';
import { evaluateGraph } from './evaluate-graph.js';

/** a and b swap, and a value reads both as they were. */
function swap(): Graph {
  const builder = new GraphBuilder();
  const [a, b] = [input(builder, 'state', 'a', [2]), input(builder, 'state', 'b', [2])];
  return builder.build('swap', [
    { kind: 'state', name: 'a', node: b },
    { kind: 'state', name: 'b', node: a },
    { kind: 'value', name: 'sum', node: sum(builder, add(builder, a, scale(builder, b, 10))) },
  ]);
}

/** w + k * x */
function step(): Graph {
  const builder = new GraphBuilder();
  const w = input(builder, 'state', 'w', [2]);
  const moved = add(
    builder,
    w,
    mul(builder, input(builder, 'scalar', 'k', []), input(builder, 'feed', 'x', [2])),
  );
  return builder.build('step', [
    { kind: 'state', name: 'w', node: moved },
    { kind: 'value', name: 'moved', node: moved },
  ]);
}

const nothing = { feeds: new Map(), scalars: new Map() };

describe('the reference engine', () => {
  test('reads of state see the old content: all writes happen at the end of the run', async () => {
    const program = await referenceEngine.load(programOf(swap()));
    await program.writeState('a', [1, 2]);
    await program.writeState('b', [3, 4]);
    await program.run('swap', nothing);
    expect([...(await program.readState('a'))]).toEqual([3, 4]);
    expect([...(await program.readState('b'))]).toEqual([1, 2]);
    expect([...(await program.read('swap', 'sum'))]).toEqual([73]);
  });

  test('state starts at zero, and what is read is a copy', async () => {
    const program = await referenceEngine.load(programOf(swap()));
    const read = await program.readState('a');
    expect([...read]).toEqual([0, 0]);
    read[0] = 7;
    expect([...(await program.readState('a'))]).toEqual([0, 0]);
  });

  test('state is kept in float64 between runs and rounded only when it is read', async () => {
    const program = await referenceEngine.load(programOf(step()));
    await program.writeState('w', [1, 1]);
    const inputs = { feeds: new Map([['x', Float32Array.of(1, -1)]]), scalars: new Map([['k', 1e-9]]) };
    for (let i = 0; i < 1000; i++) await program.run('step', inputs);
    expect(program.readState64('w')[0]).toBeCloseTo(1 + 1e-6, 12);
    expect((await program.readState('w'))[0]).toBe(Math.fround(1 + 1e-6));
    expect(program.read64('step', 'moved')[1]).toBeCloseTo(1 - 1e-6, 12);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'a phase that does not exist',
      async () => (await referenceEngine.load(programOf(step()))).run('stop', nothing),
      "there is no phase or output 'stop'",
    ],
    [
      'a feed that is missing',
      async () =>
        (await referenceEngine.load(programOf(step()))).run('step', {
          ...nothing,
          scalars: new Map([['k', 1]]),
        }),
      "input: the feed 'x' was not given",
    ],
    [
      'a feed of the wrong size',
      async () =>
        (await referenceEngine.load(programOf(step()))).run('step', {
          feeds: new Map([['x', Float32Array.of(1)]]),
          scalars: new Map([['k', 1]]),
        }),
      "input: the feed 'x' has 1 numbers, its shape [2] needs 2",
    ],
    [
      'a value before any run',
      async () => (await referenceEngine.load(programOf(step()))).read('step', 'moved'),
      "there is no finished run of 'step'",
    ],
    [
      'a value that is none',
      async () => {
        const program = await referenceEngine.load(programOf(swap()));
        await program.run('swap', nothing);
        return program.read('swap', 'difference');
      },
      "there is no value 'difference'",
    ],
    [
      'state of the wrong size',
      async () => (await referenceEngine.load(programOf(step()))).writeState('w', [1]),
      "the state 'w' holds 2 numbers, 1 were given",
    ],
    [
      'state that is not declared',
      () => referenceEngine.load({ ...programOf(step()), state: [] }),
      "graph step: writes [2] to the state 'w', which is not declared",
    ],
  ])('refuses %s', async (_what, act, message) => {
    await expect(act()).rejects.toThrowError(message);
  });

  test('a refused run leaves the state as it was', async () => {
    const program = await referenceEngine.load(programOf(step()));
    await program.writeState('w', [5, 6]);
    await expect(program.run('step', nothing)).rejects.toThrowError();
    expect([...(await program.readState('w'))]).toEqual([5, 6]);
  });
});

test('a graph can be evaluated alone, and inputs are not changed', () => {
  const builder = new GraphBuilder();
  const x = input(builder, 'feed', 'x', [2]);
  const graph = builder.build('g', [
    { kind: 'value', name: 'y', node: mul(builder, x, constant(builder, 3)) },
    { kind: 'value', name: 'x', node: x },
  ]);
  const given = Float64Array.of(1, 2);
  const { values } = evaluateGraph(graph, { feeds: new Map([['x', given]]) });
  expect([...values.get('y')!.data]).toEqual([3, 6]);
  values.get('x')!.data[0] = 9;
  expect([...given]).toEqual([1, 2]);
});
