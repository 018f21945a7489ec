import { describe, expect, test } from 'vitest';
import { evaluateGraph } from '../../runtimes/reference/evaluate-graph.js';
import { GraphBuilder } from '../graph/builder.js';
import * as c from '../graph/construct.js';
import type { Graph, NodeId } from '../graph/graph.js';
import { verifyGraph } from '../graph/verify.js';
import { eliminateCommonSubexpressions } from './cse.js';
import { simplify } from './simplify.js';

interface Operands {
  readonly b: GraphBuilder;
  /** [2, 3] */
  readonly x: NodeId;
  /** [2, 3] */
  readonly z: NodeId;
  /** [] */
  readonly k: NodeId;
  /** [3] */
  readonly row: NodeId;
  /** A number everywhere, [2, 3]. */
  readonly all: (value: number) => NodeId;
}

function graphOf(build: (operands: Operands) => NodeId): Graph {
  const b = new GraphBuilder();
  const node = build({
    b,
    x: c.input(b, 'feed', 'x', [2, 3]),
    z: c.input(b, 'feed', 'z', [2, 3]),
    k: c.input(b, 'scalar', 'k', []),
    row: c.input(b, 'feed', 'row', [3]),
    all: (value) => c.fill(b, [2, 3], value),
  });
  return b.build('g', [{ kind: 'value', name: 'y', node }]);
}

/** The output as one expression. */
function expression(graph: Graph, id: NodeId = graph.outputs[0]!.node): string {
  const node = graph.nodes[id]!;
  if (node.op === 'input') return node.attributes.name;
  if (node.op === 'constant') return String(node.attributes.value);
  const operands = node.inputs.map((input) => expression(graph, input)).join(', ');
  switch (node.op) {
    case 'broadcast':
    case 'reshape':
      return `${node.op} ${JSON.stringify(node.shape)}(${operands})`;
    case 'slice':
      return `slice ${JSON.stringify(node.attributes.start)}:${JSON.stringify(node.attributes.limit)}(${operands})`;
    default:
      return `${node.op}(${operands})`;
  }
}

const RULES: readonly (readonly [what: string, build: (o: Operands) => NodeId, becomes: string])[] = [
  ['x * 1', ({ b, x, all }) => c.mul(b, x, all(1)), 'x'],
  ['1 * x', ({ b, x, all }) => c.mul(b, all(1), x), 'x'],
  ['x * -1', ({ b, x, all }) => c.mul(b, x, all(-1)), 'neg(x)'],
  ['x + 0', ({ b, x, all }) => c.add(b, x, all(0)), 'x'],
  ['0 + x', ({ b, x, all }) => c.add(b, all(0), x), 'x'],
  ['x - 0', ({ b, x, all }) => c.sub(b, x, all(0)), 'x'],
  ['0 - x', ({ b, x, all }) => c.sub(b, all(0), x), 'neg(x)'],
  ['x / 1', ({ b, x, all }) => c.div(b, x, all(1)), 'x'],
  ['x ** 1', ({ b, x, all }) => c.pow(b, x, all(1)), 'x'],
  ['x ** 2', ({ b, x, all }) => c.pow(b, x, all(2)), 'mul(x, x)'],
  ['x ** 3', ({ b, x, all }) => c.pow(b, x, all(3)), 'mul(mul(x, x), x)'],
  ['x ** 0.5', ({ b, x, all }) => c.pow(b, x, all(0.5)), 'sqrt(x)'],
  ['x ** -1', ({ b, x, all }) => c.pow(b, x, all(-1)), 'div(broadcast [2,3](1), x)'],
  ['x ** 0', ({ b, x, all }) => c.pow(b, x, all(0)), 'broadcast [2,3](1)'],
  ['--x', ({ b, x }) => c.neg(b, c.neg(b, x)), 'x'],
  ['-(x - z)', ({ b, x, z }) => c.neg(b, c.sub(b, x, z)), 'sub(z, x)'],
  ['x + -z', ({ b, x, z }) => c.add(b, x, c.neg(b, z)), 'sub(x, z)'],
  ['-x + z', ({ b, x, z }) => c.add(b, c.neg(b, x), z), 'sub(z, x)'],
  ['x - -z', ({ b, x, z }) => c.sub(b, x, c.neg(b, z)), 'add(x, z)'],
  ['|-x|', ({ b, x }) => c.abs(b, c.neg(b, x)), 'abs(x)'],
  ['||x||', ({ b, x }) => c.abs(b, c.abs(b, x)), 'abs(x)'],
  ['max(x, x)', ({ b, x }) => c.maximum(b, x, x), 'x'],
  ['stop(x)', ({ b, x }) => c.stop(b, x), 'x'],
  ['(x * k) * 2', ({ b, x, k }) => c.scale(b, c.mul(b, x, k), 2), 'mul(x, broadcast [2,3](mul(k, 2)))'],
  ['-x * k', ({ b, x, k }) => c.mul(b, c.neg(b, x), k), 'mul(x, broadcast [2,3](neg(k)))'],
  ['2 * 3 + 1', ({ b }) => c.shift(b, c.scale(b, c.constant(b, 2), 3), 1), '7'],
  [
    'exp of a repeated number',
    ({ b, k }) => c.exp(b, c.broadcastTo(b, k, [2, 3])),
    'broadcast [2,3](exp(k))',
  ],
  [
    'the square root of a repeated row',
    ({ b, row }) => c.sqrt(b, c.shift(b, c.broadcastTo(b, row, [2, 3]), 1)),
    'broadcast [2,3](sqrt(add(row, broadcast [3](1))))',
  ],
  ['select by a mask of ones', ({ b, x, z, all }) => c.select(b, all(1), x, z), 'x'],
  ['select by a mask of zeros', ({ b, x, z, all }) => c.select(b, all(0), x, z), 'z'],
  ['select between equals', ({ b, x, z }) => c.select(b, z, x, x), 'x'],
  [
    'a broadcast of a broadcast',
    ({ b, row }) => c.broadcast(b, c.broadcastTo(b, row, [2, 3]), [4, 2, 5, 3], [1, 3]),
    'broadcast [4,2,5,3](row)',
  ],
  [
    'a broadcast that repeats nothing',
    ({ b, x }) => c.broadcast(b, x, [2, 1, 3], [0, 2]),
    'reshape [2,1,3](x)',
  ],
  ['a reshape to the same', ({ b, x }) => b.emit('reshape', [x], { shape: [2, 3] }), 'x'],
  ['a reshape of a reshape', ({ b, x }) => c.reshape(b, c.reshape(b, x, [6]), [3, 2]), 'reshape [3,2](x)'],
  ['a reshape and back', ({ b, x }) => c.reshape(b, c.reshape(b, x, [6]), [2, 3]), 'x'],
  ['a reshape of a number everywhere', ({ b, all }) => c.reshape(b, all(4), [6]), 'broadcast [6](4)'],
  ['a transpose and back', ({ b, x }) => c.transpose(b, c.transpose(b, x, [1, 0]), [1, 0]), 'x'],
  [
    'a transpose that moves an axis of size 1',
    ({ b, x }) => c.transpose(b, c.reshape(b, x, [2, 1, 3]), [1, 0, 2]),
    'reshape [1,2,3](x)',
  ],
  ['a slice of everything', ({ b, x }) => c.slice(b, x, [0, 0], [2, 3]), 'x'],
  [
    'a slice of a slice',
    ({ b, x }) => c.slice(b, c.slice(b, x, [0, 1], [2, 3]), [1, 1], [2, 2]),
    'slice [1,2]:[2,3](x)',
  ],
  [
    'a slice of one part of a concat',
    ({ b, x, z }) => c.slice(b, c.concat(b, [x, z], 0), [2, 0], [4, 2]),
    'slice [0,0]:[2,2](z)',
  ],
  ['a part of a concat', ({ b, x, z }) => c.sliceAxis(b, c.concat(b, [x, z], 1), 1, 3, 6), 'z'],
  [
    'rows of a repeated row',
    ({ b, row }) => c.sliceAxis(b, c.broadcastTo(b, row, [5, 3]), 0, 1, 3),
    'broadcast [2,3](row)',
  ],
  ['a pad by nothing', ({ b, x }) => c.pad(b, x, [0, 0], [0, 0]), 'x'],
  ['a concat of one', ({ b, x }) => b.emit('concat', [x], { axis: 0 }), 'x'],
  [
    'the two halves of a tensor',
    ({ b, x }) => c.concat(b, [c.sliceAxis(b, x, 0, 0, 1), c.sliceAxis(b, x, 0, 1, 2)], 0),
    'x',
  ],
  [
    'neighbouring slices among others',
    ({ b, x, z }) =>
      c.concat(b, [z, c.sliceAxis(b, x, 1, 0, 1), c.sliceAxis(b, x, 1, 1, 2), c.sliceAxis(b, z, 1, 1, 2)], 1),
    'concat(z, slice [0,0]:[2,2](x), slice [0,1]:[2,2](z))',
  ],
  [
    'slices that do not follow each other',
    ({ b, x }) => c.concat(b, [c.sliceAxis(b, x, 1, 1, 2), c.sliceAxis(b, x, 1, 0, 1)], 1),
    'concat(slice [0,1]:[2,2](x), slice [0,0]:[2,1](x))',
  ],
  ['a concat in a concat', ({ b, x, z }) => c.concat(b, [c.concat(b, [x, z], 0), x], 0), 'concat(x, z, x)'],
  [
    'a repeated row, twice',
    ({ b, row }) => c.concat(b, [c.broadcastTo(b, row, [2, 3]), c.broadcastTo(b, row, [4, 3])], 0),
    'broadcast [6,3](row)',
  ],
  ['a sum over nothing', ({ b, x }) => b.emit('reduce_sum', [x], { axes: [] }), 'x'],
  ['a sum of sums', ({ b, x }) => c.sum(b, c.sum(b, x, [0])), 'reduce_sum(x)'],
  ['the sum of a repeated number', ({ b, k }) => c.sum(b, c.broadcastTo(b, k, [2, 3])), 'mul(k, 6)'],
  [
    'the sum of a repeated row over its copies',
    ({ b, row }) => c.sum(b, c.broadcastTo(b, row, [2, 3]), [0]),
    'mul(row, broadcast [3](2))',
  ],
  ['the sum of everything, reshaped', ({ b, x }) => c.sum(b, c.reshape(b, x, [3, 2])), 'reduce_sum(x)'],
  ['a sum over an axis of size 1', ({ b, x }) => c.sum(b, c.reshape(b, x, [2, 1, 3]), [1]), 'x'],
  ['the largest of equals', ({ b, k }) => c.max(b, c.broadcastTo(b, k, [2, 3]), [0]), 'broadcast [3](k)'],
];

describe('simplification', () => {
  test.each(RULES)('%s', (_what, build, becomes) => {
    const graph = graphOf(build);
    const simple = simplify(graph);
    verifyGraph(simple);
    expect(expression(simple)).toBe(becomes);

    const inputs = {
      feeds: new Map([
        ['x', [0.5, 2, 3, 4, 5, 6]],
        ['z', [-1, 0, 1, 0, 2, 3]],
        ['row', [0.25, 7, 8]],
      ]),
      scalars: new Map([['k', 1.5]]),
    };
    const values = (g: Graph): number[] => [...evaluateGraph(g, inputs).values.get('y')!.data];
    values(simple).forEach((value, i) => expect(value).toBeCloseTo(values(graph)[i]!, 12));
  });

  const NAN: readonly (readonly [what: string, build: (o: Operands) => NodeId])[] = [
    ['x - x', ({ b, x }) => c.sub(b, x, x)],
    ['the sum of x - x', ({ b, x }) => c.sum(b, c.sub(b, x, x))],
    ['-x - -x', ({ b, x }) => c.sub(b, c.neg(b, x), c.neg(b, x))],
    ['x * 0', ({ b, x, all }) => c.mul(b, x, all(0))],
    ['0 * x', ({ b, x, all }) => c.mul(b, all(0), x)],
    ['(x * k) * 0', ({ b, x, k }) => c.scale(b, c.mul(b, x, k), 0)],
    ['0 / x', ({ b, x, all }) => c.div(b, all(0), x)],
    ['x / x', ({ b, x }) => c.div(b, x, x)],
    ['k - k, everywhere', ({ b, k }) => c.broadcastTo(b, c.sub(b, k, k), [2, 3])],
    [
      'a repeated row minus itself',
      ({ b, row }) => c.sum(b, c.sub(b, c.broadcastTo(b, row, [2, 3]), c.broadcastTo(b, row, [2, 3]))),
    ],
    ['log(-1) folded', ({ b, x }) => c.mul(b, x, c.log(b, c.constant(b, -1)))],
    [
      '1 / 0 - 1 / 0',
      ({ b, x }) =>
        c.add(
          b,
          x,
          c.sub(
            b,
            c.div(b, c.constant(b, 1), c.constant(b, 0)),
            c.div(b, c.constant(b, 1), c.constant(b, 0)),
          ),
        ),
    ],
  ];
  test.each(NAN)('a NaN is not hidden: %s', (_what, build) => {
    const inputs = {
      feeds: new Map(['x', 'z'].map((name) => [name, Array<number>(6).fill(NaN)])).set('row', [
        NaN,
        NaN,
        NaN,
      ]),
      scalars: new Map([['k', NaN]]),
    };
    const simple = eliminateCommonSubexpressions(simplify(graphOf(build)));
    expect([...evaluateGraph(simple, inputs).values.get('y')!.data].every(Number.isNaN)).toBe(true);
  });
});

describe('common subexpressions', () => {
  test('a sum and the same sum in the other order are one node, in the order that stands first', () => {
    const graph = graphOf(({ b, x, z }) => c.sub(b, c.add(b, z, x), c.add(b, x, z)));
    const shared = eliminateCommonSubexpressions(graph);
    expect(expression(shared)).toBe('sub(add(z, x), add(z, x))');
    expect(shared.nodes).toHaveLength(4);
  });

  test('differences keep their order', () => {
    const graph = graphOf(({ b, x, z }) => c.add(b, c.sub(b, z, x), c.sub(b, x, z)));
    expect(expression(eliminateCommonSubexpressions(graph))).toBe('add(sub(z, x), sub(x, z))');
  });
});
