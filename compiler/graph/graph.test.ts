import { describe, expect, test } from 'vitest';
import { GraphBuilder } from './builder.js';
import { add, broadcastTo, constant, conv, dot, input, mul, neg, select, sum } from './construct.js';
import { dumpGraph } from './dump.js';
import type { Graph, Node } from './graph.js';
import { rebuild } from './rebuild.js';
import { verifyGraph } from './verify.js';

const none = {};

describe('the builder', () => {
  test('gives equal nodes one id, whatever the order of their attributes', () => {
    const b = new GraphBuilder();
    const x = input(b, 'feed', 'x', [2, 3]);
    expect(neg(b, x)).toBe(neg(b, x));
    expect(b.emit('broadcast', [x], { shape: [4, 2, 3], axes: [1, 2] })).toBe(
      b.emit('broadcast', [x], { axes: [1, 2], shape: [4, 2, 3] }),
    );
    expect(b.size).toBe(3);
  });

  test('keeps nodes apart that differ in an attribute, an input, its order or the sign of a zero', () => {
    const b = new GraphBuilder();
    const [x, z] = [input(b, 'feed', 'x', [2]), input(b, 'feed', 'z', [2])];
    const ids = [
      add(b, x, z),
      add(b, z, x),
      input(b, 'state', 'x', [2]),
      ...[0, -0, NaN, Infinity, -Infinity, 1e-320].map((value) => constant(b, value)),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(constant(b, NaN)).toBe(constant(b, NaN));
  });

  test('drops what no output needs and renumbers the rest', () => {
    const b = new GraphBuilder();
    const x = input(b, 'feed', 'x', [2]);
    input(b, 'feed', 'unused', [2]);
    const y = neg(b, x);
    sum(b, y);
    expect(b.build('g', [{ kind: 'value', name: 'y', node: y }])).toEqual({
      name: 'g',
      nodes: [
        { op: 'input', inputs: [], attributes: { source: 'feed', name: 'x', shape: [2] }, shape: [2] },
        { op: 'neg', inputs: [0], attributes: {}, shape: [2] },
      ],
      outputs: [{ kind: 'value', name: 'y', node: 1 }],
    });
  });

  test('a node keeps the origin it was first emitted under, and origins nest', () => {
    const b = new GraphBuilder();
    const x = input(b, 'feed', 'x', [2]);
    const [outer, inner] = b.withOrigin({ label: 'outer' }, () => {
      const nested = b.withOrigin({ label: 'inner' }, () => neg(b, x));
      return [sum(b, x), nested];
    });
    b.withOrigin({ label: 'later' }, () => sum(b, x));
    expect([x, outer, inner].map((id) => b.node(id).origin?.label)).toEqual([undefined, 'outer', 'inner']);
  });

  test('stretches numbers, and nothing else, to the other operand', () => {
    const b = new GraphBuilder();
    const x = input(b, 'feed', 'x', [2, 3]);
    const k = input(b, 'scalar', 'k', []);
    expect(b.shape(mul(b, k, x))).toEqual([2, 3]);
    expect(b.shape(select(b, k, x, k))).toEqual([2, 3]);
    expect(b.shape(add(b, k, k))).toEqual([]);
    expect(() => add(b, x, input(b, 'feed', 'row', [3]))).toThrowError(
      'add: operands have the shapes [2, 3] and [3], they must be equal',
    );
    expect(() => broadcastTo(b, x, [3])).toThrowError('broadcast: [2, 3] has more axes than [3]');
  });
});

function sample(): Graph {
  const b = new GraphBuilder();
  const x = input(b, 'feed', 'x', [2, 4, 4, 3]);
  const w = b.withOrigin({ label: 'D/first' }, () => input(b, 'state', 'w', [3, 3, 3, 5]));
  const y = b.withOrigin({ label: 'D/first' }, () =>
    conv(b, x, w, {
      strides: [2, 2],
      padding: [
        [0, 1],
        [0, 1],
      ],
    }),
  );
  const moved = mul(b, w, constant(b, 0.5));
  return b.build('step', [
    { kind: 'value', name: 'loss', node: sum(b, y) },
    { kind: 'state', name: 'w', node: moved },
  ]);
}

test('a dump has one line per node, with attributes, shape and origin', () => {
  expect(dumpGraph(sample())).toMatchInlineSnapshot(`
    "graph step (7 nodes)
      %0 = input feed 'x' : [2, 4, 4, 3]
      %1 = input state 'w' : [3, 3, 3, 5]  # D/first
      %2 = conv(%0, %1) strides=[2,2] padding=[[0,1],[0,1]] : [2, 2, 2, 5]  # D/first
      %3 = constant 0.5 : []
      %4 = broadcast(%3) axes=[] : [3, 3, 3, 5]
      %5 = mul(%1, %4) : [3, 3, 3, 5]
      %6 = reduce_sum(%2) axes=[0,1,2,3] : []
    outputs
      value 'loss' = %6
      state 'w' = %5
    "
  `);
});

test('rebuilding changes nothing where the rule changes nothing', () => {
  const graph = sample();
  expect(rebuild(graph)).toEqual(graph);
});

test('rebuilding puts what the rule emits in place of a node, for all its readers', () => {
  const doubled = rebuild(sample(), (b, node, inputs) =>
    node.op === 'constant'
      ? constant(b, 2 * node.attributes.value)
      : b.emit(node.op, inputs, node.attributes),
  );
  expect(doubled.nodes.filter(({ op }) => op === 'constant').map(({ attributes }) => attributes)).toEqual([
    { value: 1 },
  ]);
});

describe('verification', () => {
  const x: Node = {
    op: 'input',
    inputs: [],
    attributes: { source: 'feed', name: 'x', shape: [2] },
    shape: [2],
  };
  const graph = (nodes: readonly Node[], outputs: Graph['outputs'] = []): Graph => ({
    name: 'g',
    nodes,
    outputs,
  });

  test('accepts what the builder builds', () => {
    expect(() => verifyGraph(sample())).not.toThrow();
  });

  test.each<[string, Graph, string]>([
    [
      'a node that reads a later one',
      graph([{ op: 'neg', inputs: [1], attributes: none, shape: [2] }, x]),
      'graph g: node 0 (neg) reads node 1, which does not stand before it',
    ],
    [
      'a node that reads itself',
      graph([{ op: 'neg', inputs: [0], attributes: none, shape: [2] }]),
      'graph g: node 0 (neg) reads node 0, which does not stand before it',
    ],
    [
      'a wrong shape',
      graph([x, { op: 'neg', inputs: [0], attributes: none, shape: [3] }]),
      'graph g: node 1 (neg) says shape [3], its inputs give [2]',
    ],
    [
      'inputs the op refuses',
      graph([x, { op: 'reshape', inputs: [0], attributes: { shape: [3] }, shape: [3] }]),
      'graph g: node 1: reshape: [2] holds 2 numbers, [3] needs 3',
    ],
    ['an input that stands twice', graph([x, x]), "graph g: the feed 'x' is read by two nodes"],
    [
      'an input of two shapes',
      graph([x, { ...x, attributes: { source: 'feed', name: 'x', shape: [3] }, shape: [3] }]),
      "graph g: the feed 'x' is read as [2] and as [3]",
    ],
    [
      'a scalar that is none',
      graph([{ ...x, attributes: { source: 'scalar', name: 'k', shape: [2] } }]),
      "graph g: the scalar 'k' has shape [2]",
    ],
    [
      'an output that does not exist',
      graph([x], [{ kind: 'value', name: 'y', node: 1 }]),
      "graph g: the value output 'y' is node 1, which does not exist",
    ],
    [
      'two outputs of one name',
      graph(
        [x],
        [
          { kind: 'value', name: 'y', node: 0 },
          { kind: 'value', name: 'y', node: 0 },
        ],
      ),
      "graph g: the value output 'y' stands twice",
    ],
    [
      'state that changes its shape',
      graph(
        [{ ...x, attributes: { source: 'state', name: 'w', shape: [3] }, shape: [3] }, x],
        [{ kind: 'state', name: 'w', node: 1 }],
      ),
      "graph g: the state 'w' is read as [3] and written as [2]",
    ],
  ])('refuses %s', (_what, wrong, message) => {
    let said = 'nothing';
    try {
      verifyGraph(wrong);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said).toBe(message);
  });

  test('a value and a state output may share a name', () => {
    expect(() =>
      verifyGraph(
        graph(
          [x],
          [
            { kind: 'value', name: 'y', node: 0 },
            { kind: 'state', name: 'y', node: 0 },
          ],
        ),
      ),
    ).not.toThrow();
  });
});

test('a matrix product is refused with both shapes, as they are stored', () => {
  const b = new GraphBuilder();
  const [x, w] = [input(b, 'feed', 'x', [2, 3]), input(b, 'state', 'w', [5, 4])];
  expect(() => dot(b, x, w, { transposeB: true })).toThrowError(
    'dot: [2, 3] times [5, 4] transposed: the inner sizes 3 and 4 must be equal',
  );
});
