import { describe, expect, test } from 'vitest';
import { drawnInputs } from '../../test/ops/began-graph.js';
import { integer, pick, seededRandom } from '../../test/ops/random.js';
import { evaluateGraph } from '../../runtimes/reference/evaluate-graph.js';
import { gradient } from '../autodiff/gradient.js';
import { GraphBuilder } from '../graph/builder.js';
import * as c from '../graph/construct.js';
import type { Graph, NodeId, OpName } from '../graph/graph.js';
import { contractionCount } from './contraction-count.js';
import { optimize } from './optimize.js';

const ROWS = 3;
const WIDTH = 4;

/** A little language for networks of dense layers of one width. */
class Net {
  readonly b = new GraphBuilder();

  feed(name: string): NodeId {
    return c.input(this.b, 'feed', name, [ROWS, WIDTH]);
  }

  weight(name: string): NodeId {
    return c.input(this.b, 'state', name, [WIDTH, WIDTH]);
  }

  layer(name: string, x: NodeId): NodeId {
    return c.tanh(this.b, c.dot(this.b, x, this.weight(name)));
  }

  network(name: string, x: NodeId, depth = 2): NodeId {
    return Array.from({ length: depth }).reduce<NodeId>((h, _, i) => this.layer(`${name}${i}`, h), x);
  }

  /** Per feature, over the batch: mean 0 and variance 1. */
  normalised(x: NodeId): NodeId {
    const centred = c.sub(this.b, x, c.broadcastTo(this.b, c.mean(this.b, x, [0]), [ROWS, WIDTH]));
    const variance = c.shift(this.b, c.mean(this.b, c.square(this.b, centred), [0]), 0.1);
    return c.div(this.b, centred, c.broadcastTo(this.b, c.sqrt(this.b, variance), [ROWS, WIDTH]));
  }

  error(x: NodeId): NodeId {
    return c.mean(this.b, c.square(this.b, x));
  }

  /** The losses, and their sum's gradients in the weights. */
  graph(losses: readonly NodeId[], weights: readonly string[]): Graph {
    const total = losses.reduce((sum, loss, i) => c.add(this.b, sum, c.scale(this.b, loss, i + 0.5)));
    const gradients = gradient(
      this.b,
      total,
      weights.map((name) => this.weight(name)),
    );
    return this.b.build('g', [
      { kind: 'value', name: 'total', node: total },
      ...gradients.map((node, i) => ({ kind: 'value', name: weights[i]!, node }) as const),
    ]);
  }
}

/** Contractions without and with merging; the values must be the same. */
function merged(graph: Graph): [before: number, after: number] {
  const inputs = drawnInputs(graph);
  const expected = evaluateGraph(graph, inputs).values;
  const plain = optimize(graph, { mergeBatches: false });
  const together = optimize(graph);
  const actual = evaluateGraph(together, inputs).values;
  for (const [name, { data }] of expected) {
    const size = Math.max(...data.map(Math.abs));
    const error = Math.max(...data.map((value, i) => Math.abs(value - actual.get(name)!.data[i]!)));
    // The floor is for gradients that are zero but for rounding, such as behind a normalisation of equal rows.
    expect(error).toBeLessThanOrEqual(1e-12 * size + 1e-16);
  }
  return [contractionCount(plain), contractionCount(together)];
}

/** What takes [ROWS, WIDTH] to the same shape while rows see each other. */
const MIXERS: readonly (readonly [what: string, mix: (net: Net, x: NodeId) => NodeId])[] = [
  ['a sum over the batch', ({ b }, x) => c.broadcast(b, c.sum(b, x, [0]), [ROWS, WIDTH], [1])],
  ['the largest of the batch', ({ b }, x) => c.broadcast(b, c.max(b, x, [0]), [ROWS, WIDTH], [1])],
  ['a transpose', ({ b }, x) => c.reshape(b, c.transpose(b, x, [1, 0]), [ROWS, WIDTH])],
  [
    'a product over the batch',
    ({ b }, x) => {
      const weight = c.input(b, 'state', 'over rows', [ROWS, ROWS]);
      return c.transpose(b, c.dot(b, x, weight, { transposeA: true }), [1, 0]);
    },
  ],
  [
    'the first row for all',
    ({ b }, x) => b.emit('broadcast', [c.sliceAxis(b, x, 0, 0, 1)], { shape: [ROWS, WIDTH], axes: [0, 1] }),
  ],
  [
    'rows moved on by one',
    ({ b }, x) => c.concat(b, [c.sliceAxis(b, x, 0, 1, ROWS), c.sliceAxis(b, x, 0, 0, 1)], 0),
  ],
  [
    'rows in the order of their first numbers',
    ({ b }, x) => c.gather(b, x, c.argsort(b, c.reshape(b, c.sliceAxis(b, x, 1, 0, 1), [ROWS]))),
  ],
  [
    'rows summed by the sign of their first numbers',
    ({ b }, x) => {
      const first = c.reshape(b, c.sliceAxis(b, x, 1, 0, 1), [ROWS]);
      return c.scatter(b, x, c.greater(b, first, c.constant(b, 0)), ROWS);
    },
  ],
  ['rows padded and cut', ({ b }, x) => c.sliceAxis(b, c.pad(b, x, [1, 0], [0, 0], [1, 0]), 0, 1, 1 + ROWS)],
];

describe('batch merging', () => {
  test('two batches through one network', () => {
    const net = new Net();
    const losses = ['x', 'y'].map((name) => net.error(net.network('D', net.feed(name), 3)));
    // 3 forward, 2 input gradients and 3 weight gradients per batch; weight gradients stay.
    expect(merged(net.graph(losses, ['D0', 'D1', 'D2']))).toEqual([16, 11]);
  });

  test('five batches through one network', () => {
    const net = new Net();
    const losses = ['a', 'b', 'c', 'd', 'e'].map((name) => net.error(net.network('D', net.feed(name), 3)));
    expect(merged(net.graph(losses, ['D0', 'D1', 'D2']))).toEqual([40, 20]);
  });

  test('rows of one table chosen by each sample are read at once, and their gradients summed batch by batch', () => {
    const net = new Net();
    const { b } = net;
    const table = c.input(b, 'state', 'table', [3, WIDTH]);
    const losses = ['x', 'y'].map((name) => {
      const hidden = net.layer('D0', net.feed(name));
      const first = c.reshape(b, c.sliceAxis(b, hidden, 1, 0, 1), [ROWS]);
      // Of tanh in (-1, 1): rows -1 (none), 0, 1 and 2.
      const chosen = c.gather(b, table, c.floor(b, c.scale(b, c.shift(b, first, 0.5), 2)));
      return net.error(net.layer('D1', c.add(b, chosen, hidden)));
    });
    const total = c.add(b, losses[0]!, c.scale(b, losses[1]!, 0.5));
    const [inTable, inWeight] = gradient(b, total, [table, net.weight('D0')]);
    const graph = b.build('g', [
      { kind: 'value', name: 'total', node: total },
      { kind: 'value', name: 'table', node: inTable! },
      { kind: 'value', name: 'weight', node: inWeight! },
    ]);
    // Per batch two layers, one input gradient and one weight gradient.
    expect(merged(graph)).toEqual([8, 5]);
    const count = (op: OpName): number => optimize(graph).nodes.filter((node) => node.op === op).length;
    expect([count('gather'), count('scatter')]).toEqual([1, 2]);
  });

  test('a network applied to its own output: first applications merge, then second ones', () => {
    const net = new Net();
    const losses = ['x', 'y'].map((name) => {
      const once = net.network('D', net.feed(name));
      return net.error(net.network('D', once));
    });
    // Per batch 4 forward, 3 input gradients, 4 weight gradients.
    expect(merged(net.graph(losses, ['D0', 'D1']))).toEqual([22, 15]);
  });

  test('a network applied to its own output alone cannot merge with itself', () => {
    const net = new Net();
    const once = net.network('D', net.feed('x'));
    const [before, after] = merged(
      net.graph([net.error(once), net.error(net.network('D', once))], ['D0', 'D1']),
    );
    expect(after).toBe(before);
  });

  test('two networks that each read the other', () => {
    const net = new Net();
    const [x, y] = [net.feed('x'), net.feed('y')];
    const losses = [net.network('F', net.network('G', x)), net.network('G', net.network('F', y))].map((out) =>
      net.error(out),
    );
    const [before, after] = merged(net.graph(losses, ['F0', 'F1', 'G0', 'G1']));
    expect(after).toBeLessThanOrEqual(before);
  });

  test('batch statistics keep the batches apart', () => {
    const net = new Net();
    const losses = ['x', 'y'].map((name) => {
      const first = net.normalised(c.dot(net.b, net.feed(name), net.weight('D0')));
      return net.error(net.normalised(c.dot(net.b, c.tanh(net.b, first), net.weight('D1'))));
    });
    const [before, after] = merged(net.graph(losses, ['D0', 'D1']));
    expect(after).toBe(before);
  });

  test('batch statistics behind a merged network stay per batch', () => {
    const net = new Net();
    const losses = ['x', 'y'].map((name) => net.error(net.normalised(net.network('D', net.feed(name), 3))));
    expect(merged(net.graph(losses, ['D0', 'D1', 'D2']))).toEqual([16, 11]);
  });

  test('dropout masks, which are inputs, do not keep batches apart', () => {
    const net = new Net();
    const losses = ['x', 'y'].map((name) => {
      const first = c.mul(net.b, net.layer('D0', net.feed(name)), net.feed(`mask ${name}`));
      return net.error(net.network('E', first));
    });
    expect(merged(net.graph(losses, ['D0', 'E0', 'E1']))).toEqual([16, 11]);
  });

  test('a gradient penalty: real, fake and mixed batches merge, the second derivatives stay right', () => {
    const net = new Net();
    const { b } = net;
    const critic = (x: NodeId): NodeId => c.sum(b, net.network('D', x, 3), [1]);
    const [real, fake] = [net.feed('x'), c.stop(b, net.network('G', net.feed('z')))];
    const share = c.broadcast(b, c.input(b, 'feed', 'u', [ROWS]), [ROWS, WIDTH], [0]);
    const mixed = c.add(b, real, c.mul(b, share, c.sub(b, fake, real)));
    const [slope] = gradient(b, c.sum(b, critic(mixed)), [mixed]);
    const penalty = c.mean(b, c.square(b, c.shift(b, c.norm(b, slope!, [1]), -1)));
    const losses = [c.mean(b, critic(fake)), c.neg(b, c.mean(b, critic(real))), penalty];
    const [before, after] = merged(net.graph(losses, ['D0', 'D1', 'D2']));
    expect(before - after).toBeGreaterThanOrEqual(8);
  });

  test('outputs that are one half of a merged batch', () => {
    const net = new Net();
    const [x, y] = ['x', 'y'].map((name) => net.network('D', net.feed(name), 3));
    const graph = net.b.build('g', [
      { kind: 'value', name: 'x', node: x! },
      { kind: 'value', name: 'y', node: y! },
    ]);
    expect(merged(graph)).toEqual([6, 3]);
  });

  test('a weight that is computed from one of the batches', () => {
    const net = new Net();
    const x = net.network('D', net.feed('x'), 3);
    const made = c.dot(net.b, x, x, { transposeA: true });
    const losses = ['x', 'y', 'w'].map((name) =>
      net.error(c.dot(net.b, net.network('D', net.feed(name), 3), made)),
    );
    const [before, after] = merged(net.graph(losses, ['D0', 'D1', 'D2']));
    expect(after).toBeLessThan(before);
  });

  test('weights that each batch makes for itself', () => {
    const net = new Net();
    const losses = ['x', 'y'].map((name) => {
      const h = net.network('D', net.feed(name), 3);
      return net.error(c.dot(net.b, h, c.dot(net.b, h, h, { transposeA: true })));
    });
    const [before, after] = merged(net.graph(losses, ['D0', 'D1', 'D2']));
    // The three layers of D forward; what comes back through different weights is no longer congruent.
    expect(before - after).toBe(3);
  });

  test('batches that are each one repeated row', () => {
    const net = new Net();
    const losses = ['x', 'y'].map((name) => {
      const row = c.input(net.b, 'feed', name, [WIDTH]);
      return net.error(net.network('D', c.broadcastTo(net.b, row, [ROWS, WIDTH]), 3));
    });
    expect(merged(net.graph(losses, ['D0', 'D1', 'D2']))).toEqual([16, 11]);
  });

  test.each(MIXERS)('%s between two layers keeps its batch', (_what, mix) => {
    const net = new Net();
    const losses = ['x', 'y'].map((name) => {
      const before = net.network('D', net.feed(name), 3);
      return net.error(net.network('E', mix(net, before), 3));
    });
    const graph = net.graph(losses, ['D0', 'D1', 'D2', 'E0', 'E1', 'E2']);
    const [before, after] = merged(graph);
    // Both networks merge on their own side of the mixing op: three layers forward and more than one back each.
    expect(before - after).toBeGreaterThanOrEqual(9);
  });

  test.each<[what: string, rows: number, mix: (b: GraphBuilder, x: NodeId) => NodeId]>([
    ['summed to one row', ROWS, (b, x) => c.reshape(b, c.sum(b, x, [0]), [1, WIDTH])],
    ['whose largest make one row', ROWS, (b, x) => c.reshape(b, c.max(b, x, [0]), [1, WIDTH])],
    ['doubled', ROWS, (b, x) => c.concat(b, [x, c.tanh(b, x)], 0)],
    ['of one row that is repeated', 1, (b, x) => c.broadcast(b, x, [ROWS, WIDTH], [0, 1])],
    ['spread apart', ROWS, (b, x) => c.pad(b, x, [1, 0], [0, 0], [2, 0])],
    ['thinned out', ROWS, (b, x) => c.slice(b, x, [0, 0], [ROWS, WIDTH], [2, 1])],
  ])('batches %s between two networks', (_what, rows, mix) => {
    const net = new Net();
    const losses = ['x', 'y'].map((name) => {
      const x = c.input(net.b, 'feed', name, [rows, WIDTH]);
      return net.error(net.network('E', mix(net.b, net.network('D', x, 3)), 3));
    });
    const [before, after] = merged(net.graph(losses, ['D0', 'D1', 'D2', 'E0', 'E1', 'E2']));
    // Six layers forward, five back, per batch.
    expect(before - after).toBe(11);
  });

  test('a single row is merged like any other number of them', () => {
    const b = new GraphBuilder();
    const outputs = ['x', 'y'].map((name) => {
      const x = c.input(b, 'feed', name, [1, 2, 2, 1]);
      const [v, w] = [c.input(b, 'state', 'v', [1, 1, 1, 2]), c.input(b, 'state', 'w', [1, 1, 2, 2])];
      const padded = c.pad(b, c.conv(b, x, v), [0, 1, 0, 0], [0, 0, 1, 0], [3, 1, 0, 0]);
      const taken = c.slice(b, padded, [0, 0, 0, 0], [1, 4, 3, 2], [2, 1, 2, 1]);
      return c.conv(b, c.elu(b, taken), w);
    });
    const graph = b.build(
      'g',
      outputs.map((node, i) => ({ kind: 'value', name: `y${i}`, node })),
    );
    expect(merged(graph)).toEqual([4, 2]);
  });

  const seeds = Array.from({ length: process.env.HEAVY === undefined ? 40 : 2000 }, (_, i) => i);
  test.each(seeds)('random networks with shared weights compute the same, seed %i', (seed) => {
    const random = seededRandom(`merge ${seed}`);
    const net = new Net();
    const { b } = net;
    const pool = ['x', 'y', 'z'].map((name) => net.feed(name));
    const weights = ['A', 'B', 'C'];
    const one = (): NodeId => pool[pool.length - 1 - Math.floor(random() ** 2 * pool.length)]!;
    for (let i = 0; i < 24; i++) {
      const make = pick(random, [
        () => net.layer(pick(random, weights), one()),
        () => net.layer(pick(random, weights), one()),
        () => net.layer(pick(random, weights), one()),
        () => c.add(b, one(), one()),
        () => c.mul(b, one(), c.tanh(b, one())),
        () => c.scale(b, one(), integer(random, 1, 3) / 2),
        () => net.normalised(one()),
        () => pick(random, MIXERS)[1](net, one()),
        () => c.reshape(b, c.sliceAxis(b, c.concat(b, [one(), one()], 1), 1, 2, 2 + WIDTH), [ROWS, WIDTH]),
      ]);
      pool.push(make());
    }
    const losses = Array.from({ length: 3 }, () => net.error(one()));
    const [before, after] = merged(net.graph(losses, weights));
    expect(after).toBeLessThanOrEqual(before);
  });
});
