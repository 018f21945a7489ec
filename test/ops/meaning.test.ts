/** What each op means, in numbers worked out by hand: the reference itself has nothing else to be checked against. */
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import type { NodeId, OpAttributes, OpName, Shape } from '../../compiler/graph/graph.js';
import { rowMajorStrides } from '../../compiler/ops/strided.js';
import { evaluateGraph } from '../../runtimes/reference/evaluate-graph.js';
import { OP_CASES } from './cases.js';
import { fuzzCases } from './fuzz-cases.js';
import { caseFeeds, caseGraph } from './op-case.js';

/** Nested lists, innermost axis last; a plain number is a tensor of rank 0. */
type Nested = number | readonly Nested[];

interface Example<K extends OpName> {
  readonly inputs: readonly Nested[];
  readonly attributes: OpAttributes[K];
  readonly result: Nested;
}

function shapeOf(value: Nested): Shape {
  return typeof value === 'number' ? [] : [value.length, ...shapeOf(value[0]!)];
}

function flat(value: Nested): number[] {
  return typeof value === 'number' ? [value] : value.flatMap(flat);
}

function run(op: OpName, inputs: readonly Nested[], attributes: OpAttributes[OpName]): [Shape, number[]] {
  const builder = new GraphBuilder();
  const feeds = new Map(inputs.map((value, i) => [`x${i}`, flat(value)]));
  const ids = inputs.map((value, i) =>
    builder.emit('input', [], { source: 'feed', name: `x${i}`, shape: shapeOf(value) }),
  );
  const y: NodeId = builder.emit(op, ids, attributes);
  const { shape, data } = evaluateGraph(builder.build('t', [{ kind: 'value', name: 'y', node: y }]), {
    feeds,
  }).values.get('y')!;
  return [shape, [...data]];
}

const none = {};
const e = Math.E;
const third = [
  [
    [[1], [2], [3]],
    [[4], [5], [6]],
    [[7], [8], [9]],
  ],
];

const EXAMPLES: { readonly [K in Exclude<OpName, 'input'>]: readonly Example<K>[] } = {
  constant: [{ inputs: [], attributes: { value: -2.5 }, result: -2.5 }],
  neg: [{ inputs: [[1, -2, 0]], attributes: none, result: [-1, 2, -0] }],
  abs: [{ inputs: [[1, -2, 0]], attributes: none, result: [1, 2, 0] }],
  sign: [{ inputs: [[3, -0.5, 0]], attributes: none, result: [1, -1, 0] }],
  exp: [{ inputs: [[0, 1, -Infinity]], attributes: none, result: [1, e, 0] }],
  log: [{ inputs: [[1, e, 0, -1]], attributes: none, result: [0, 1, -Infinity, NaN] }],
  sqrt: [{ inputs: [[0, 9, 0.25, -1]], attributes: none, result: [0, 3, 0.5, NaN] }],
  tanh: [{ inputs: [[0, 1000, -1000]], attributes: none, result: [0, 1, -1] }],
  sigmoid: [{ inputs: [[0, 1000, -1000, Math.log(3)]], attributes: none, result: [0.5, 1, 0, 0.75] }],
  softplus: [{ inputs: [[0, 1000, -1000]], attributes: none, result: [Math.log(2), 1000, 0] }],
  elu: [{ inputs: [[2, 0, -1, -1000]], attributes: none, result: [2, 0, 1 / e - 1, -1] }],
  floor: [{ inputs: [[1.5, -1.5, 2]], attributes: none, result: [1, -2, 2] }],
  stop: [{ inputs: [[1, 2]], attributes: none, result: [1, 2] }],
  add: [
    {
      inputs: [
        [1, 2],
        [10, 20],
      ],
      attributes: none,
      result: [11, 22],
    },
  ],
  sub: [
    {
      inputs: [
        [1, 2],
        [10, 20],
      ],
      attributes: none,
      result: [-9, -18],
    },
  ],
  mul: [
    {
      inputs: [
        [3, 2],
        [10, -20],
      ],
      attributes: none,
      result: [30, -40],
    },
  ],
  div: [
    {
      inputs: [
        [3, 1],
        [2, 0],
      ],
      attributes: none,
      result: [1.5, Infinity],
    },
  ],
  pow: [
    {
      inputs: [
        [3, 2, 0, -2],
        [2, -1, 0, 3],
      ],
      attributes: none,
      result: [9, 0.5, 1, -8],
    },
  ],
  maximum: [
    {
      inputs: [
        [1, 5, NaN],
        [2, 3, 1],
      ],
      attributes: none,
      result: [2, 5, NaN],
    },
  ],
  minimum: [
    {
      inputs: [
        [1, 5, NaN],
        [2, 3, 1],
      ],
      attributes: none,
      result: [1, 3, NaN],
    },
  ],
  greater: [
    {
      inputs: [
        [1, 2, 3, NaN],
        [2, 2, 2, 2],
      ],
      attributes: none,
      result: [0, 0, 1, 0],
    },
  ],
  greater_equal: [
    {
      inputs: [
        [1, 2, 3, NaN],
        [2, 2, 2, 2],
      ],
      attributes: none,
      result: [0, 1, 1, 0],
    },
  ],
  equal: [
    {
      inputs: [
        [1, 2, 3, NaN],
        [2, 2, 2, NaN],
      ],
      attributes: none,
      result: [0, 1, 0, 0],
    },
  ],
  select: [
    {
      inputs: [
        [1, 0, 2],
        [1, NaN, 3],
        [NaN, 20, 30],
      ],
      attributes: none,
      result: [1, 20, 3],
    },
  ],
  broadcast: [
    {
      inputs: [7],
      attributes: { shape: [2, 2], axes: [] },
      result: [
        [7, 7],
        [7, 7],
      ],
    },
    {
      inputs: [[1, 2]],
      attributes: { shape: [2, 2], axes: [1] },
      result: [
        [1, 2],
        [1, 2],
      ],
    },
    {
      inputs: [[1, 2]],
      attributes: { shape: [2, 2], axes: [0] },
      result: [
        [1, 1],
        [2, 2],
      ],
    },
    {
      inputs: [[[1], [2]]],
      attributes: { shape: [2, 1, 3], axes: [0, 2] },
      result: [[[1, 1, 1]], [[2, 2, 2]]],
    },
  ],
  reshape: [
    {
      inputs: [[1, 2, 3, 4, 5, 6]],
      attributes: { shape: [2, 3] },
      result: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    },
  ],
  transpose: [
    {
      inputs: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      attributes: { permutation: [1, 0] },
      result: [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    },
    // Output axis i is input axis permutation[i]: the shape [1, 2, 3] becomes [3, 1, 2], not [2, 3, 1].
    {
      inputs: [
        [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ],
      ],
      attributes: { permutation: [2, 0, 1] },
      result: [[[1, 4]], [[2, 5]], [[3, 6]]],
    },
  ],
  slice: [
    { inputs: [[0, 1, 2, 3, 4, 5]], attributes: { start: [1], limit: [6], stride: [2] }, result: [1, 3, 5] },
    { inputs: [[0, 1, 2, 3, 4, 5]], attributes: { start: [1], limit: [5], stride: [3] }, result: [1, 4] },
    {
      inputs: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      attributes: { start: [1, 0], limit: [2, 2], stride: [1, 1] },
      result: [[4, 5]],
    },
  ],
  pad: [
    { inputs: [[1, 2]], attributes: { low: [1], high: [2], interior: [1] }, result: [0, 1, 0, 2, 0, 0] },
    {
      inputs: [[[1], [2]]],
      attributes: { low: [0, 1], high: [1, 0], interior: [0, 3] },
      result: [
        [0, 1],
        [0, 2],
        [0, 0],
      ],
    },
  ],
  concat: [
    {
      inputs: [
        [[1], [2]],
        [
          [3, 4],
          [5, 6],
        ],
      ],
      attributes: { axis: 1 },
      result: [
        [1, 3, 4],
        [2, 5, 6],
      ],
    },
    {
      inputs: [
        [[1, 2]],
        [
          [3, 4],
          [5, 6],
        ],
      ],
      attributes: { axis: 0 },
      result: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    },
  ],
  reduce_sum: [
    {
      inputs: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      attributes: { axes: [0] },
      result: [5, 7, 9],
    },
    {
      inputs: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      attributes: { axes: [1] },
      result: [6, 15],
    },
    {
      inputs: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      attributes: { axes: [0, 1] },
      result: 21,
    },
  ],
  reduce_max: [
    {
      inputs: [
        [
          [1, 9, 3],
          [4, 5, 6],
        ],
      ],
      attributes: { axes: [0] },
      result: [4, 9, 6],
    },
    {
      inputs: [
        [
          [-1, -9],
          [-4, -5],
        ],
      ],
      attributes: { axes: [0, 1] },
      result: -1,
    },
    { inputs: [[1, NaN, 3]], attributes: { axes: [0] }, result: NaN },
  ],
  dot: [
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
      attributes: { transposeA: false, transposeB: false },
      result: [
        [19, 22],
        [43, 50],
      ],
    },
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
      attributes: { transposeA: true, transposeB: false },
      result: [
        [26, 30],
        [38, 44],
      ],
    },
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
      attributes: { transposeA: false, transposeB: true },
      result: [
        [17, 23],
        [39, 53],
      ],
    },
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
      attributes: { transposeA: true, transposeB: true },
      result: [
        [23, 31],
        [34, 46],
      ],
    },
  ],
  conv: [
    // Cross-correlation, not convolution: the filter is not turned.
    {
      inputs: [
        third,
        [
          [[[1]], [[10]]],
          [[[100]], [[1000]]],
        ],
      ],
      attributes: {
        strides: [1, 1],
        padding: [
          [0, 0],
          [0, 0],
        ],
      },
      result: [
        [
          [[5421], [6532]],
          [[8754], [9865]],
        ],
      ],
    },
    {
      inputs: [
        third,
        [
          [[[1]], [[10]]],
          [[[100]], [[1000]]],
        ],
      ],
      attributes: {
        strides: [2, 2],
        padding: [
          [1, 0],
          [0, 1],
        ],
      },
      result: [
        [
          [[2100], [300]],
          [[8754], [0 + 6 + 900]],
        ],
      ],
    },
    // Two input channels to two output channels: HWIO.
    {
      inputs: [
        [[[[1, 2]]]],
        [
          [
            [
              [3, 4],
              [5, 6],
            ],
          ],
        ],
      ],
      attributes: {
        strides: [1, 1],
        padding: [
          [0, 0],
          [0, 0],
        ],
      },
      result: [[[[13, 16]]]],
    },
  ],
  conv_input_gradient: [
    {
      inputs: [
        [
          [
            [[1], [2]],
            [[3], [4]],
          ],
        ],
        [
          [[[1]], [[10]]],
          [[[100]], [[1000]]],
        ],
      ],
      attributes: {
        strides: [1, 1],
        padding: [
          [0, 0],
          [0, 0],
        ],
        size: [3, 3],
      },
      result: [
        [
          [[1], [12], [20]],
          [[103], [1234], [2040]],
          [[300], [3400], [4000]],
        ],
      ],
    },
  ],
  conv_filter_gradient: [
    {
      inputs: [
        third,
        [
          [
            [[1], [10]],
            [[100], [1000]],
          ],
        ],
      ],
      attributes: {
        strides: [1, 1],
        padding: [
          [0, 0],
          [0, 0],
        ],
        kernel: [2, 2],
      },
      result: [
        [[[5421]], [[6532]]],
        [[[8754]], [[9865]]],
      ],
    },
  ],
  gather: [
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [2, 0, 2, -0],
      ],
      attributes: none,
      result: [
        [5, 6],
        [1, 2],
        [5, 6],
        [1, 2],
      ],
    },
    // Numbers that are no index of a row.
    {
      inputs: [
        [1, 2, 3],
        [-1, 3, 0.5, NaN, Infinity, -Infinity, 2],
      ],
      attributes: none,
      result: [0, 0, 0, 0, 0, 0, 3],
    },
  ],
  scatter: [
    {
      inputs: [
        [
          [1, 2],
          [10, 20],
          [100, 200],
          [NaN, Infinity],
        ],
        [1, 2, 1, 3],
      ],
      attributes: { rows: 3 },
      result: [
        [0, 0],
        [101, 202],
        [10, 20],
      ],
    },
    {
      inputs: [
        [1, 2, 4, 8, 16, 32],
        [0, 0.5, NaN, -1, 2, 0],
      ],
      attributes: { rows: 2 },
      result: [33, 0],
    },
  ],
  argsort: [
    { inputs: [[3, 1, 2]], attributes: none, result: [1, 2, 0] },
    { inputs: [[1, 0, 1, -0, 0]], attributes: none, result: [1, 3, 4, 0, 2] },
    {
      inputs: [[NaN, 1, Infinity, NaN, Infinity, -Infinity]],
      attributes: none,
      result: [5, 1, 2, 4, 0, 3],
    },
    { inputs: [[7]], attributes: none, result: [0] },
  ],
};

describe.each(Object.entries(EXAMPLES))('%s', (op, examples) => {
  test.each(examples.map((example, i) => [i + 1, example] as const))('example %i', (_i, example) => {
    const [shape, data] = run(op as OpName, example.inputs, example.attributes);
    expect(shape).toEqual(shapeOf(example.result));
    const expected = flat(example.result);
    data.forEach((value, i) => {
      if (Number.isFinite(expected[i])) expect(value).toBeCloseTo(expected[i]!, 12);
      else expect(value).toBe(expected[i]);
    });
  });
});

/** An element of a tensor, zero outside it. */
function at({ shape, data }: { shape: Shape; data: ArrayLike<number> }, ...index: number[]): number {
  if (index.some((i, axis) => i < 0 || i >= shape[axis]!)) return 0;
  const strides = rowMajorStrides(shape);
  return data[index.reduce((offset, i, axis) => offset + i * strides[axis]!, 0)]!;
}

describe('convolution by its definition: one sum per output element, at every shape of the suite', () => {
  const cases = [...OP_CASES, ...fuzzCases(2, 90)].filter(({ op }) => op === 'conv');
  test.each(cases)('$name', (opCase) => {
    const graph = caseGraph(opCase);
    const feeds = caseFeeds(opCase);
    const node = graph.nodes.find(({ op }) => op === 'conv')!;
    if (node.op !== 'conv') throw new Error('no convolution in the graph');
    const [x, filter] = ['x', 'filter'].map((name, i) => ({
      shape: opCase.inputs[i]!.shape,
      data: feeds.get(name)!,
    }));
    const { strides, padding } = node.attributes;
    const y = evaluateGraph(graph, { feeds }).values.get('y')!;
    const [batch, height, width, channels] = y.shape as [number, number, number, number];
    for (let n = 0; n < batch; n++) {
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          for (let o = 0; o < channels; o++) {
            let sum = 0;
            for (let ky = 0; ky < filter!.shape[0]!; ky++) {
              for (let kx = 0; kx < filter!.shape[1]!; kx++) {
                for (let c = 0; c < filter!.shape[2]!; c++) {
                  const pixel = at(
                    x!,
                    n,
                    row * strides[0] + ky - padding[0][0],
                    column * strides[1] + kx - padding[1][0],
                    c,
                  );
                  sum += pixel * at(filter!, ky, kx, c, o);
                }
              }
            }
            expect(at(y, n, row, column, o)).toBeCloseTo(sum, 11);
          }
        }
      }
    }
  });
});
