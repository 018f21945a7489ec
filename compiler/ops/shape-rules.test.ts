/** What every shape rule refuses, word for word: these messages are all one has when a graph goes wrong. */
import { describe, expect, test } from 'vitest';
import type { OpAttributes, OpName, Shape } from '../graph/graph.js';
import { GraphError } from './op.js';
import { OPS } from './ops.js';

interface Refusal<Attributes> {
  readonly inputs: readonly Shape[];
  readonly attributes: Attributes;
  readonly message: string;
}

const none = {};
const plain = {
  strides: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
} as const;

const unary = (op: OpName): readonly Refusal<typeof none>[] => [
  { inputs: [[1], [1]], attributes: none, message: `${op}: takes 1 input but was given 2` },
];
const binary = (op: OpName): readonly Refusal<typeof none>[] => [
  { inputs: [[1]], attributes: none, message: `${op}: takes 2 inputs but was given 1` },
  {
    inputs: [[2], []],
    attributes: none,
    message: `${op}: operands have the shapes [2] and [], they must be equal`,
  },
];

const REFUSALS: { readonly [K in OpName]: readonly Refusal<OpAttributes[K]>[] } = {
  input: [
    {
      inputs: [],
      attributes: { source: 'feed', name: 'x', shape: [2, 0] },
      message: 'input: the shape [2, 0] has a size that is not a whole number of at least 1',
    },
  ],
  constant: [{ inputs: [[]], attributes: { value: 1 }, message: 'constant: takes 0 inputs but was given 1' }],
  neg: unary('neg'),
  abs: unary('abs'),
  sign: unary('sign'),
  exp: unary('exp'),
  log: unary('log'),
  sqrt: unary('sqrt'),
  tanh: unary('tanh'),
  sigmoid: unary('sigmoid'),
  softplus: unary('softplus'),
  elu: unary('elu'),
  floor: unary('floor'),
  stop: unary('stop'),
  add: binary('add'),
  sub: binary('sub'),
  mul: binary('mul'),
  div: binary('div'),
  pow: binary('pow'),
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  greater: binary('greater'),
  greater_equal: binary('greater_equal'),
  equal: binary('equal'),
  select: [
    { inputs: [[2], [2]], attributes: none, message: 'select: takes 3 inputs but was given 2' },
    {
      inputs: [[2], [2], [3]],
      attributes: none,
      message: 'select: operands have the shapes [2] and [2] and [3], they must be equal',
    },
  ],
  broadcast: [
    {
      inputs: [[2]],
      attributes: { shape: [2, 3], axes: [] },
      message: 'broadcast: axes [] must name one output axis for each axis of [2]',
    },
    {
      inputs: [[2]],
      attributes: { shape: [2, 3], axes: [1] },
      message: 'broadcast: axis 0 of [2] cannot become axis 1 of [2, 3]: only a size of 1 can be stretched',
    },
    {
      inputs: [[2, 3]],
      attributes: { shape: [3, 2], axes: [1, 0] },
      message: 'broadcast: axes [1, 0] must be ascending without repetition',
    },
    {
      inputs: [[2]],
      attributes: { shape: [2], axes: [1] },
      message: 'broadcast: axis 1 is not an axis of [2]',
    },
  ],
  reshape: [
    { inputs: [[2, 3]], attributes: { shape: [5] }, message: 'reshape: [2, 3] holds 6 numbers, [5] needs 5' },
    {
      inputs: [[2, 3]],
      attributes: { shape: [-2, -3] },
      message: 'reshape: the shape [-2, -3] has a size that is not a whole number of at least 1',
    },
  ],
  transpose: [
    {
      inputs: [[2, 3]],
      attributes: { permutation: [0] },
      message: 'transpose: permutation [0] has 1 entries, the input [2, 3] has 2 axes',
    },
    {
      inputs: [[2, 3]],
      attributes: { permutation: [1, 1] },
      message: 'transpose: permutation [1, 1] must name every axis of [2, 3] once',
    },
  ],
  slice: [
    {
      inputs: [[4]],
      attributes: { start: [2], limit: [5], stride: [1] },
      message:
        'slice: cannot take 2 to 5 by 1 of axis 0 of [4]: 0 <= start < limit <= 4 and stride >= 1 must hold',
    },
    {
      inputs: [[4]],
      attributes: { start: [2], limit: [2], stride: [1] },
      message:
        'slice: cannot take 2 to 2 by 1 of axis 0 of [4]: 0 <= start < limit <= 4 and stride >= 1 must hold',
    },
    {
      inputs: [[4]],
      attributes: { start: [0, 0], limit: [2], stride: [1] },
      message: 'slice: start [0, 0] has 2 entries, the input [4] has 1 axes',
    },
  ],
  pad: [
    {
      inputs: [[4]],
      attributes: { low: [-1], high: [0], interior: [0] },
      message: 'pad: low [-1] must be whole numbers of at least 0',
    },
    {
      inputs: [[4]],
      attributes: { low: [0], high: [0], interior: [] },
      message: 'pad: interior [] has 0 entries, the input [4] has 1 axes',
    },
  ],
  concat: [
    { inputs: [], attributes: { axis: 0 }, message: 'concat: takes at least 1 input but was given 0' },
    { inputs: [[2]], attributes: { axis: 1 }, message: 'concat: axis 1 is not an axis of [2]' },
    {
      inputs: [
        [2, 3],
        [2, 4],
      ],
      attributes: { axis: 0 },
      message: 'concat: [2, 3] and [2, 4] cannot be joined along axis 0: all other sizes must be equal',
    },
  ],
  reduce_sum: [
    { inputs: [[2]], attributes: { axes: [1] }, message: 'reduce_sum: axis 1 is not an axis of [2]' },
    {
      inputs: [[2, 3]],
      attributes: { axes: [0, 0] },
      message: 'reduce_sum: axes [0, 0] must be ascending without repetition',
    },
  ],
  reduce_max: [
    { inputs: [[2]], attributes: { axes: [-1] }, message: 'reduce_max: axis -1 is not an axis of [2]' },
  ],
  dot: [
    {
      inputs: [
        [2, 3],
        [4, 5],
      ],
      attributes: { transposeA: false, transposeB: false },
      message: 'dot: [2, 3] times [4, 5]: the inner sizes 3 and 4 must be equal',
    },
    {
      inputs: [
        [2, 3, 1],
        [3, 5],
      ],
      attributes: { transposeA: false, transposeB: false },
      message: 'dot: the first operand [2, 3, 1] has rank 3, it must be 2',
    },
  ],
  conv: [
    {
      inputs: [
        [1, 8, 8, 3],
        [3, 3, 4, 8],
      ],
      attributes: plain,
      message: 'conv: the input [1, 8, 8, 3] has 3 channels, the filter [3, 3, 4, 8] takes 4',
    },
    {
      inputs: [
        [1, 2, 8, 3],
        [3, 3, 3, 8],
      ],
      attributes: plain,
      message: 'conv: a kernel of height 3 does not fit into 2 with padding 0 and 0',
    },
    {
      inputs: [
        [1, 8, 8, 3],
        [3, 3, 3, 8],
      ],
      attributes: { strides: [1, 0], padding: plain.padding },
      message: 'conv: strides [1, 0] must be whole numbers of at least 1',
    },
    {
      inputs: [
        [1, 8, 8, 3],
        [3, 3, 3, 8],
      ],
      attributes: {
        strides: [1, 1],
        padding: [
          [0, 0],
          [-1, 0],
        ],
      },
      message: 'conv: padding [-1, 0] of the width must be whole numbers of at least 0',
    },
  ],
  conv_input_gradient: [
    {
      inputs: [
        [1, 6, 6, 4],
        [3, 3, 3, 8],
      ],
      attributes: { ...plain, size: [8, 8] },
      message:
        'conv_input_gradient: the cotangent [1, 6, 6, 4] has 4 channels, the filter [3, 3, 3, 8] gives 8',
    },
    {
      inputs: [
        [1, 5, 6, 8],
        [3, 3, 3, 8],
      ],
      attributes: { ...plain, size: [8, 8] },
      message:
        'conv_input_gradient: the cotangent [1, 5, 6, 8] has height and width 5 x 6, the convolution gives 6 x 6',
    },
  ],
  conv_filter_gradient: [
    {
      inputs: [
        [1, 8, 8, 3],
        [2, 6, 6, 8],
      ],
      attributes: { ...plain, kernel: [3, 3] },
      message:
        'conv_filter_gradient: the input [1, 8, 8, 3] and the cotangent [2, 6, 6, 8] have batches of 1 and 2',
    },
    {
      inputs: [
        [1, 8, 8, 3],
        [1, 6, 7, 8],
      ],
      attributes: { ...plain, kernel: [3, 3] },
      message:
        'conv_filter_gradient: the cotangent [1, 6, 7, 8] has height and width 6 x 7, the convolution gives 6 x 6',
    },
  ],
  gather: [
    { inputs: [[5, 2]], attributes: none, message: 'gather: takes 2 inputs but was given 1' },
    { inputs: [[], [3]], attributes: none, message: 'gather: the table [] has no rows' },
    {
      inputs: [
        [5, 2],
        [3, 1],
      ],
      attributes: none,
      message: 'gather: the list of indices [3, 1] has rank 2, it must be 1',
    },
  ],
  scatter: [
    {
      inputs: [[5, 2], [3]],
      attributes: { rows: 4 },
      message: 'scatter: the updates [5, 2] and the indices [3] differ in length',
    },
    { inputs: [[], [1]], attributes: { rows: 4 }, message: 'scatter: the tensor of updates [] has no rows' },
    { inputs: [[3, 2], [3]], attributes: { rows: 0 }, message: 'scatter: cannot make 0 rows' },
  ],
  argsort: [
    { inputs: [[2, 3]], attributes: none, message: 'argsort: the input [2, 3] has rank 2, it must be 1' },
    { inputs: [[2], [2]], attributes: none, message: 'argsort: takes 1 input but was given 2' },
  ],
};

describe.each(Object.keys(REFUSALS) as OpName[])('%s', (op) => {
  test.each(REFUSALS[op].map(({ message, inputs, attributes }) => ({ message, inputs, attributes })))(
    'refuses: $message',
    ({ message, inputs, attributes }) => {
      const rule = OPS[op].shape as (inputs: readonly Shape[], attributes: OpAttributes[OpName]) => Shape;
      let said: unknown;
      try {
        rule(inputs, attributes);
      } catch (error) {
        said = error;
      }
      expect(said).toBeInstanceOf(GraphError);
      expect((said as GraphError).message).toBe(message);
    },
  );

  test('says what it does', () => {
    expect(OPS[op].doc).toMatch(/\.$/);
  });
});
