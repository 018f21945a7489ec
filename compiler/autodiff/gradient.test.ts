import { describe, expect, test } from 'vitest';
import { evaluateGraph, type ReferenceInputs } from '../../runtimes/reference/evaluate-graph.js';
import { GraphBuilder } from '../graph/builder.js';
import {
  abs,
  add,
  argsort,
  broadcastTo,
  constant,
  conv,
  dot,
  elu,
  fill,
  floor,
  gather,
  greater,
  input,
  maximum,
  mean,
  minimum,
  mul,
  norm,
  reshape,
  scale,
  select,
  sign,
  sort,
  square,
  stop,
  sub,
  sum,
  div,
  max,
  log,
  sqrt,
  pow,
} from '../graph/construct.js';
import type { Graph, NodeId, OpName } from '../graph/graph.js';
import { verifyGraph } from '../graph/verify.js';
import { gradient } from './gradient.js';

function value(builder: GraphBuilder, node: NodeId, inputs: ReferenceInputs = {}): number[] {
  const graph = builder.build('t', [{ kind: 'value', name: 'y', node }]);
  verifyGraph(graph);
  return [...evaluateGraph(graph, inputs).values.get('y')!.data];
}

const feeds = (entries: Record<string, readonly number[]>): ReferenceInputs => ({
  feeds: new Map(Object.entries(entries)),
});

const count = (graph: Graph, op: OpName): number => graph.nodes.filter((node) => node.op === op).length;

describe('conventions at kinks', () => {
  const slope = (
    build: (b: GraphBuilder, x: NodeId, z: NodeId) => NodeId,
    x: number[],
    z: number[],
  ): number[][] => {
    const b = new GraphBuilder();
    const [first, second] = [input(b, 'feed', 'x', [x.length]), input(b, 'feed', 'z', [z.length])];
    return gradient(b, sum(b, build(b, first, second)), [first, second]).map((g) =>
      value(b, g, feeds({ x, z })),
    );
  };

  test('abs has slope 0 at 0', () => {
    expect(slope((b, x) => abs(b, x), [0, 2, -2], [0])[0]).toEqual([0, 1, -1]);
  });
  test('equal operands of maximum and minimum send the gradient to the first', () => {
    expect(slope(maximum, [1, 1, 2], [1, 2, 1])).toEqual([
      [1, 0, 1],
      [0, 1, 0],
    ]);
    expect(slope(minimum, [1, 1, 2], [1, 2, 1])).toEqual([
      [1, 1, 0],
      [0, 0, 1],
    ]);
  });
  test('equal largest values of reduce_max share the gradient', () => {
    expect(slope((b, x) => max(b, x), [3, 1, 3], [0])[0]).toEqual([0.5, 0, 0.5]);
  });
  test('the norm of a zero vector has gradient 0, and so has the penalty of its gradient', () => {
    expect(slope((b, x) => norm(b, x), [0, 0], [0])[0]).toEqual([0, 0]);
    const b = new GraphBuilder();
    const x = input(b, 'feed', 'x', [2]);
    const [g] = gradient(b, norm(b, square(b, x)), [x]);
    const [second] = gradient(b, sum(b, square(b, g!)), [x]);
    expect(value(b, second!, feeds({ x: [0, 0] }))).toEqual([0, 0]);
  });
  test('sqrt has slope 0 at 0 but keeps NaN', () => {
    expect(slope((b, x) => sqrt(b, x), [0, 4, NaN], [0])[0]).toEqual([0, 0.25, NaN]);
  });
  test('a power with a run-time exponent has finite slopes at 0', () => {
    expect(slope(pow, [0, 0, 2], [2, 0, 3])).toEqual([
      [0, 0, 12],
      [0, 0, 8 * Math.log(2)],
    ]);
  });
  test('what select does not choose sends no gradient, not even NaN', () => {
    const [x, z] = slope((b, p, q) => select(b, greater(b, p, constant(b, 0)), log(b, p), q), [2, 1], [1, 1]);
    expect(x).toEqual([0.5, 1]);
    expect(z).toEqual([0, 0]);
  });
  test('no gradient flows through stop, sign, floor and comparisons', () => {
    for (const blocked of [stop, sign, floor]) {
      expect(slope((b, x, z) => mul(b, blocked(b, x), z), [2.5], [3])[0]).toEqual([0]);
    }
    expect(slope((b, x, z) => mul(b, greater(b, x, z), z), [3], [2])).toEqual([[0], [1]]);
  });
  test('no gradient flows through indices, and that of a sorted list goes back to where its numbers were', () => {
    const ranked = (b: GraphBuilder, x: NodeId, z: NodeId): NodeId => mul(b, sort(b, x), z);
    expect(slope(ranked, [3, 1, 2], [10, 20, 30])).toEqual([
      [30, 10, 20],
      [1, 2, 3],
    ]);
    expect(slope((b, x, z) => gather(b, z, argsort(b, x)), [3, 1, 2], [0, 0, 0])[0]).toEqual([0, 0, 0]);
  });
  test('rows that are read twice get both gradients, rows beyond the table none', () => {
    const [table, indices] = slope((b, x, z) => mul(b, gather(b, x, z), z), [5, 6], [1, 1, 2]);
    expect(table).toEqual([0, 2]);
    expect(indices).toEqual([6, 6, 0]);
  });
});

describe('results', () => {
  test('what the loss does not depend on has gradient zero, of its own shape', () => {
    const b = new GraphBuilder();
    const [x, z] = [input(b, 'feed', 'x', [2]), input(b, 'feed', 'z', [2, 2])];
    const [gx, gz] = gradient(b, sum(b, square(b, x)), [x, z]);
    expect(value(b, gx!, feeds({ x: [1, 2] }))).toEqual([2, 4]);
    expect(b.shape(gz!)).toEqual([2, 2]);
    expect(value(b, gz!)).toEqual([0, 0, 0, 0]);
  });
  test('the gradient of a node in itself is 1', () => {
    const b = new GraphBuilder();
    const x = input(b, 'scalar', 'x', []);
    expect(value(b, gradient(b, x, [x])[0]!)).toEqual([1]);
  });
  test('a node that is asked for twice, or between another and the loss, gets its own gradient', () => {
    const b = new GraphBuilder();
    const x = input(b, 'feed', 'x', [2]);
    const y = square(b, x);
    const [gx, gy, again] = gradient(b, sum(b, square(b, y)), [x, y, x]);
    expect(again).toBe(gx);
    expect(value(b, gy!, feeds({ x: [1, 2] }))).toEqual([2, 8]);
    expect(value(b, gx!, feeds({ x: [1, 2] }))).toEqual([4, 32]);
  });
  test('a tensor cannot be differentiated', () => {
    const b = new GraphBuilder();
    const x = input(b, 'feed', 'x', [2]);
    expect(() => gradient(b, x, [x])).toThrowError(
      'gradient: can be taken of a single number, node 0 has shape [2]',
    );
  });
  test('factors of the whole loss are right, whatever they are made of', () => {
    const b = new GraphBuilder();
    const x = input(b, 'feed', 'x', [3]);
    const k = input(b, 'scalar', 'k', []);
    const m = input(b, 'scalar', 'm', []);
    const total = sum(b, mul(b, x, mul(b, k, x)));
    const parts = [
      scale(b, total, -0.25),
      div(b, total, mul(b, m, constant(b, 4))),
      mul(b, sub(b, m, k), mean(b, mul(b, broadcastTo(b, m, [3]), square(b, x)))),
      div(b, mul(b, k, sum(b, square(b, x))), m),
      sum(b, div(b, mul(b, x, x), broadcastTo(b, m, [3]))),
      scale(b, sum(b, x), 0),
    ];
    const loss = parts.reduce((left, right) => add(b, left, right));
    const [K, M] = [0.3, 2];
    const coefficient = -0.25 * K + K / (M * 4) + ((M - K) * M) / 3 + K / M + 1 / M;
    const [g] = gradient(b, loss, [x]);
    const got = value(b, g!, {
      ...feeds({ x: [1, -2, 5] }),
      scalars: new Map([
        ['k', K],
        ['m', M],
      ]),
    });
    [1, -2, 5].forEach((at, i) => expect(got[i]).toBeCloseTo(2 * coefficient * at, 12));
  });
  test('repeated squaring of a number stays small', () => {
    const b = new GraphBuilder();
    const x = input(b, 'scalar', 'x', []);
    let y = x;
    for (let i = 0; i < 24; i++) y = square(b, y);
    const [g] = gradient(b, y, [x]);
    expect(b.size).toBeLessThan(1000);
    expect(value(b, g!, { scalars: new Map([['x', 1]]) })).toEqual([2 ** 24]);
  });
});

/** A small auto-encoder: convolutions, a carry residual in their midst, a dense code and back. */
function autoencoder(b: GraphBuilder, name: string, x: NodeId): { y: NodeId; weights: NodeId[] } {
  const weights: NodeId[] = [];
  const weight = (part: string, shape: readonly number[]): NodeId => {
    const id = input(b, 'state', `${name}/${part}`, shape);
    if (!weights.includes(id)) weights.push(id);
    return id;
  };
  const [batch, height, width, channels] = b.shape(x) as [number, number, number, number];
  const padding = [
    [1, 1],
    [1, 1],
  ] as const;
  const carry = input(b, 'scalar', 'carry', []);
  const stem = elu(b, conv(b, x, weight('stem', [3, 3, channels, 4]), { padding }));
  const first = elu(b, conv(b, stem, weight('first', [3, 3, 4, 4]), { padding }));
  const second = elu(b, conv(b, first, weight('second', [3, 3, 4, 4]), { padding }));
  const joined = add(b, mul(b, carry, first), mul(b, sub(b, constant(b, 1), carry), second));
  const code = dot(
    b,
    reshape(b, joined, [batch, height * width * 4]),
    weight('code', [height * width * 4, 3]),
  );
  const decoded = reshape(b, dot(b, code, weight('decode', [3, height * width * 4])), [
    batch,
    height,
    width,
    4,
  ]);
  return { y: conv(b, decoded, weight('last', [3, 3, 4, channels]), { padding }), weights };
}

function began(separate: boolean): { graph: Graph; b: GraphBuilder } {
  const b = new GraphBuilder();
  const k = input(b, 'state', 'k', []);
  const x = input(b, 'feed', 'x', [2, 4, 4, 3]);
  const generated = (feed: string): { y: NodeId; weights: NodeId[] } => {
    const z = input(b, 'feed', feed, [2, 4, 4, 2]);
    const g = input(b, 'state', 'G/w', [3, 3, 2, 3]);
    return {
      y: conv(b, z, g, {
        padding: [
          [1, 1],
          [1, 1],
        ],
      }),
      weights: [g],
    };
  };
  const error = (of: NodeId): NodeId => mean(b, abs(b, sub(b, of, autoencoder(b, 'D', of).y)));
  const shared = generated('z');
  const other = separate ? generated('z2') : shared;
  const weights = autoencoder(b, 'D', x).weights;
  const discriminator = sub(b, error(x), mul(b, k, error(shared.y)));
  const gradients = [...gradient(b, discriminator, weights), ...gradient(b, error(other.y), shared.weights)];
  const graph = b.build(
    'began',
    gradients.map((node, i) => ({ kind: 'value', name: `g${i}`, node })),
  );
  return { graph, b };
}

describe('BEGAN', () => {
  const convolutions = (graph: Graph): Record<string, number> => ({
    conv: count(graph, 'conv'),
    input: count(graph, 'conv_input_gradient'),
    filter: count(graph, 'conv_filter_gradient'),
    dot: count(graph, 'dot'),
  });

  test('with one draw, the losses of both networks share one backward pass through D on the fakes', () => {
    // D has four convolutions. Forward: D twice, G once. Input gradients: three inside D per half (one of them
    // behind the join of the residual); the fourth, of the stem, only for the fakes on their way to G. Filter
    // gradients: four per half, one of G. Dense layers: two forward, two input and two weight gradients per half.
    expect(convolutions(began(false).graph)).toEqual({ conv: 9, input: 7, filter: 9, dot: 12 });
  });

  test('with separate draws, nothing can be shared but the weights', () => {
    // A third D forward with a second G, and a third backward chain of four input gradients instead of one of them.
    expect(convolutions(began(true).graph)).toEqual({ conv: 14, input: 10, filter: 9, dot: 16 });
  });

  test('the shared backward pass gives the gradients that separate calls give', () => {
    const values = (graph: Graph): number[][] => {
      const number = (i: number): number => Math.sin(12.9898 * (i + 1)) / 2;
      const given = {
        state: new Map<string, number[]>(),
        feeds: new Map<string, number[]>(),
        scalars: new Map([['carry', 0.3]]),
      };
      for (const node of graph.nodes) {
        if (node.op !== 'input' || node.attributes.source === 'scalar') continue;
        const { source, name, shape } = node.attributes;
        const length = shape.reduce((product, size) => product * size, 1);
        given[source === 'state' ? 'state' : 'feeds'].set(
          name,
          Array.from({ length }, (_, i) => number(i + name.length)),
        );
      }
      given.feeds.set('z2', given.feeds.get('z')!);
      return [...evaluateGraph(graph, given).values.values()].map(({ data }) => [...data]);
    };
    const [shared, separate] = [values(began(false).graph), values(began(true).graph)];
    shared.forEach((tensor, i) => {
      expect(Math.max(...tensor.map(Math.abs))).toBeGreaterThan(1e-4);
      tensor.forEach((x, j) => expect(x).toBeCloseTo(separate[i]![j]!, 13));
    });
  });

  test('no node of the gradients works on images only to scale them by a number', () => {
    const { graph } = began(false);
    for (const node of graph.nodes) {
      if (node.op !== 'mul') continue;
      const isImage = node.shape.length === 4 && node.shape[0] === 2;
      const scaled = node.inputs.some((id) => {
        const read = graph.nodes[id]!;
        return (
          read.op === 'broadcast' &&
          graph.nodes[read.inputs[0]!]!.op !== 'input' &&
          graph.nodes[read.inputs[0]!]!.op !== 'sub'
        );
      });
      expect(isImage && scaled).toBe(false);
    }
  });

  test('the data gets no gradient computed: only what lies between weights and loss is visited', () => {
    const b = new GraphBuilder();
    const x = input(b, 'feed', 'x', [1, 4, 4, 1]);
    const w = input(b, 'state', 'w', [3, 3, 1, 1]);
    const prepared = elu(b, conv(b, x, fill(b, [1, 1, 1, 1], 2)));
    const before = b.size;
    gradient(b, sum(b, conv(b, prepared, w)), [w]);
    const added = Array.from({ length: b.size - before }, (_, i) => b.node(before + i).op);
    expect(added.filter((op) => op === 'conv_input_gradient')).toEqual([]);
    expect(added.filter((op) => op === 'conv_filter_gradient')).toHaveLength(1);
  });
});
