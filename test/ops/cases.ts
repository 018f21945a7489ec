/**
 * The op suite: one table of cases that every engine runs against the reference. Every op has several shapes: odd
 * sizes, axes of size 1, channel counts that leave tails in any vector width (1, 3, 5, 8, 17), strides 1 to 3,
 * padding that differs per side, kernels 1, 3, 5 and 1x3, batches 1 to 3 and long reductions.
 */
import {
  broadcast,
  broadcastTo,
  concat,
  constant,
  pad,
  slice,
  transpose,
} from '../../compiler/graph/construct.js';
import type { OpAttributes, OpName, Padding2D, Shape } from '../../compiler/graph/graph.js';
import { elementCount } from '../../compiler/ops/shape-checks.js';
import { awayFromZero, distinct, grid, mask, uniform, whole, type Draw } from './draws.js';
import { indexedCases } from './indexed-cases.js';
import { caseInput, type OpCase } from './op-case.js';

const show = (shape: Shape): string => `[${shape.join(',')}]`;

/** Rank 0 to 5, lengths around multiples of 4, 8 and 16, and one above any tile. */
const POINTWISE_SHAPES: readonly Shape[] = [
  [],
  [1],
  [3],
  [17],
  [37, 2],
  [2, 3, 5],
  [3, 1, 7, 2],
  [2, 1, 3, 2, 3],
  [4, 16, 16, 3],
];

type Unary = Extract<
  OpName,
  'neg' | 'abs' | 'sign' | 'exp' | 'log' | 'sqrt' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'floor' | 'stop'
>;
const UNARY: Readonly<Record<Unary, { readonly draw: Draw; readonly order: 1 | 2 }>> = {
  neg: { draw: uniform(-2, 2), order: 2 },
  abs: { draw: awayFromZero(), order: 2 },
  sign: { draw: awayFromZero(), order: 1 },
  exp: { draw: uniform(-3, 2), order: 2 },
  log: { draw: uniform(0.2, 3), order: 2 },
  sqrt: { draw: uniform(0.2, 3), order: 2 },
  tanh: { draw: uniform(-3, 3), order: 2 },
  sigmoid: { draw: uniform(-4, 4), order: 2 },
  softplus: { draw: uniform(-4, 4), order: 2 },
  elu: { draw: awayFromZero(0.05, 3), order: 2 },
  // 0.9 (n + 1/2) stays at least 0.05 away from whole numbers for these n.
  floor: { draw: grid(1, 0.5, 3), order: 1 },
  stop: { draw: uniform(-2, 2), order: 1 },
};

type Binary = Extract<
  OpName,
  'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum' | 'greater' | 'greater_equal' | 'equal'
>;
const BINARY: Readonly<Record<Binary, { readonly draws: readonly [Draw, Draw]; readonly order: 1 | 2 }>> = {
  add: { draws: [uniform(-2, 2), uniform(-2, 2)], order: 2 },
  sub: { draws: [uniform(-2, 2), uniform(-2, 2)], order: 2 },
  mul: { draws: [uniform(-2, 2), uniform(-2, 2)], order: 2 },
  div: { draws: [uniform(-2, 2), awayFromZero(0.4, 2)], order: 2 },
  pow: { draws: [uniform(0.3, 2), uniform(-2, 2)], order: 2 },
  maximum: { draws: [grid(0.25, 0), grid(0.25, 0.125)], order: 2 },
  minimum: { draws: [grid(0.25, 0), grid(0.25, 0.125)], order: 2 },
  greater: { draws: [grid(0.25, 0), grid(0.25, 0.125)], order: 1 },
  greater_equal: { draws: [grid(0.25, 0), grid(0.25, 0.125)], order: 1 },
  equal: { draws: [grid(0.25, 0), grid(0.25, 0.125)], order: 1 },
};

function pointwiseCases(): OpCase[] {
  const cases: OpCase[] = [];
  for (const shape of POINTWISE_SHAPES) {
    for (const [op, { draw, order }] of Object.entries(UNARY) as [Unary, (typeof UNARY)[Unary]][]) {
      cases.push({
        name: `${op} ${show(shape)}`,
        op,
        // The slope of stop is 1 and its gradient is 0, so differences cannot check it.
        inputs: [caseInput('x', shape, draw, op !== 'stop')],
        build: (b, [x]) => b.emit(op, [x!], {}),
        order,
      });
    }
    for (const [op, { draws, order }] of Object.entries(BINARY) as [Binary, (typeof BINARY)[Binary]][]) {
      cases.push({
        name: `${op} ${show(shape)}`,
        op,
        inputs: [caseInput('x', shape, draws[0]), caseInput('z', shape, draws[1])],
        build: (b, [x, z]) => b.emit(op, [x!, z!], {}),
        order,
      });
    }
    cases.push({
      name: `select ${show(shape)}`,
      op: 'select',
      inputs: [caseInput('mask', shape, mask, false), caseInput('a', shape), caseInput('b', shape)],
      build: (b, inputs) => b.emit('select', inputs, {}),
      order: 2,
    });
  }
  // Where the operands are often equal: undifferentiated, since every such point is a kink.
  for (const op of ['greater', 'greater_equal', 'equal', 'maximum', 'minimum'] as const) {
    cases.push({
      name: `${op} of equal numbers`,
      op,
      inputs: [caseInput('x', [7, 5], whole, false), caseInput('z', [7, 5], whole, false)],
      build: (b, [x, z]) => b.emit(op, [x!, z!], {}),
      order: 1,
    });
  }
  for (const exponent of [0, 1, 2, 3, 0.5, -1, -2.5]) {
    cases.push({
      name: `pow to the constant ${exponent}`,
      op: 'pow',
      inputs: [caseInput('x', [3, 7], uniform(0.3, 2))],
      build: (b, [x]) => b.emit('pow', [x!, broadcastTo(b, constant(b, exponent), [3, 7])], {}),
      order: 2,
    });
  }
  return cases;
}

function sourceCases(): OpCase[] {
  return [
    {
      name: 'input [3,5]',
      op: 'input',
      inputs: [caseInput('x', [3, 5])],
      build: (_b, [x]) => x!,
      order: 2,
    },
    {
      name: 'constant 2.5 over [3,5]',
      op: 'constant',
      inputs: [caseInput('x', [3, 5])],
      build: (b, [x]) => b.emit('mul', [x!, broadcastTo(b, constant(b, 2.5), [3, 5])], {}),
      order: 2,
    },
  ];
}

const BROADCASTS: readonly (readonly [from: Shape, to: Shape, axes: readonly number[]])[] = [
  [[], [5], []],
  [[], [2, 3, 4, 5], []],
  [[1], [7], [0]],
  [[5], [3, 4, 5], [2]],
  [[17], [2, 3, 3, 17], [3]],
  [[3], [3, 4, 5], [0]],
  [[4], [3, 4, 5], [1]],
  [
    [2, 5],
    [2, 3, 4, 5],
    [0, 3],
  ],
  [
    [2, 1, 5],
    [2, 6, 5],
    [0, 1, 2],
  ],
  [
    [2, 1, 1, 3],
    [2, 4, 5, 3],
    [0, 1, 2, 3],
  ],
  [
    [1, 1, 1],
    [3, 2, 1, 5],
    [0, 1, 3],
  ],
  // A number per sample, per place and per feature.
  [[3], [3, 4, 5, 2], [0]],
  [[3], [3, 2, 2, 1], [0]],
  [
    [2, 3, 4],
    [2, 3, 4, 5],
    [0, 1, 2],
  ],
  [[37], [37, 2], [0]],
  [[2], [37, 2], [1]],
  // Nearest-neighbour enlargement: [B, H, 1, W, 1, C] to [B, H, 2, W, 2, C].
  [
    [2, 3, 1, 5, 1, 3],
    [2, 3, 2, 5, 2, 3],
    [0, 1, 2, 3, 4, 5],
  ],
  [
    [1, 4, 4, 8],
    [1, 4, 4, 8],
    [0, 1, 2, 3],
  ],
];

const RESHAPES: readonly (readonly [from: Shape, to: Shape])[] = [
  [[], [1, 1]],
  [[1], []],
  [[6], [2, 3]],
  [[2, 3, 4], [24]],
  [
    [3, 4, 4, 5],
    [3, 80],
  ],
  [
    [2, 48],
    [2, 4, 4, 3],
  ],
  [
    [2, 6, 10, 3],
    [2, 3, 2, 5, 2, 3],
  ],
];

const TRANSPOSES: readonly (readonly [shape: Shape, permutation: readonly number[]])[] = [
  [[5], [0]],
  [
    [3, 5],
    [1, 0],
  ],
  [
    [17, 33],
    [1, 0],
  ],
  [
    [2, 3, 4],
    [2, 0, 1],
  ],
  [
    [2, 3, 4],
    [0, 2, 1],
  ],
  [
    [2, 1, 5, 3],
    [0, 3, 1, 2],
  ],
  [
    [2, 3, 5, 4],
    [3, 2, 1, 0],
  ],
  [
    [2, 3, 2, 5, 2],
    [0, 1, 3, 2, 4],
  ],
];

const SLICES: readonly OpAttributes['slice'][] = [
  { start: [0], limit: [9], stride: [1] },
  { start: [2], limit: [7], stride: [1] },
  { start: [1], limit: [9], stride: [3] },
  { start: [0, 3], limit: [3, 7], stride: [1, 1] },
  { start: [1, 0], limit: [3, 17], stride: [2, 4] },
  { start: [1, 0, 0, 0], limit: [2, 5, 6, 3], stride: [1, 1, 1, 1] },
  { start: [0, 0, 0, 0], limit: [2, 5, 6, 3], stride: [1, 2, 2, 1] },
  { start: [0, 1, 2, 1], limit: [2, 5, 5, 2], stride: [1, 3, 2, 1] },
  { start: [0, 0, 0, 8], limit: [2, 2, 2, 17], stride: [1, 1, 1, 1] },
];
const SLICED: readonly Shape[] = [
  [9],
  [9],
  [10],
  [3, 9],
  [4, 17],
  [3, 5, 6, 3],
  [2, 5, 6, 3],
  [2, 6, 6, 3],
  [2, 2, 2, 17],
];

const PADS: readonly (readonly [shape: Shape, attributes: OpAttributes['pad']])[] = [
  [[5], { low: [2], high: [3], interior: [0] }],
  [[5], { low: [0], high: [0], interior: [2] }],
  [[1], { low: [1], high: [0], interior: [4] }],
  [[3, 4], { low: [1, 0], high: [0, 2], interior: [1, 0] }],
  [[2, 4, 5, 3], { low: [0, 1, 1, 0], high: [0, 1, 1, 0], interior: [0, 0, 0, 0] }],
  [[2, 3, 2, 5], { low: [0, 0, 2, 0], high: [0, 1, 0, 0], interior: [0, 1, 2, 0] }],
  [[2, 3, 3, 2], { low: [1, 0, 0, 3], high: [0, 0, 0, 1], interior: [0, 0, 0, 1] }],
];

const CONCATS: readonly (readonly [axis: number, shapes: readonly Shape[]])[] = [
  [0, [[3], [5]]],
  [
    0,
    [
      [2, 3],
      [1, 3],
      [4, 3],
    ],
  ],
  [
    1,
    [
      [2, 3],
      [2, 1],
      [2, 5],
    ],
  ],
  [
    0,
    [
      [2, 4, 4, 3],
      [2, 4, 4, 3],
    ],
  ],
  [
    3,
    [
      [2, 3, 3, 5],
      [2, 3, 3, 8],
    ],
  ],
  [
    3,
    [
      [1, 2, 2, 1],
      [1, 2, 2, 17],
      [1, 2, 2, 3],
    ],
  ],
  [
    2,
    [
      [2, 3, 1, 4],
      [2, 3, 4, 4],
    ],
  ],
  [1, [[3, 4]]],
];

function layoutCases(): OpCase[] {
  return [
    ...BROADCASTS.map(([from, to, axes]): OpCase => ({
      name: `broadcast ${show(from)} to ${show(to)} by ${show(axes)}`,
      op: 'broadcast',
      inputs: [caseInput('x', from)],
      build: (b, [x]) => broadcast(b, x!, to, axes),
      order: 2,
    })),
    ...RESHAPES.map(([from, to]): OpCase => ({
      name: `reshape ${show(from)} to ${show(to)}`,
      op: 'reshape',
      inputs: [caseInput('x', from)],
      build: (b, [x]) => b.emit('reshape', [x!], { shape: to }),
      order: 2,
    })),
    ...TRANSPOSES.map(([shape, permutation]): OpCase => ({
      name: `transpose ${show(shape)} by ${show(permutation)}`,
      op: 'transpose',
      inputs: [caseInput('x', shape)],
      build: (b, [x]) => transpose(b, x!, permutation),
      order: 2,
    })),
    ...SLICES.map(({ start, limit, stride }, i): OpCase => ({
      name: `slice ${show(SLICED[i]!)} from ${show(start)} to ${show(limit)} by ${show(stride)}`,
      op: 'slice',
      inputs: [caseInput('x', SLICED[i]!)],
      build: (b, [x]) => slice(b, x!, start, limit, stride),
      order: 2,
    })),
    ...PADS.map(([shape, { low, high, interior }]): OpCase => ({
      name: `pad ${show(shape)} by ${show(low)} ${show(high)} ${show(interior)}`,
      op: 'pad',
      inputs: [caseInput('x', shape)],
      build: (b, [x]) => pad(b, x!, low, high, interior),
      order: 2,
    })),
    ...CONCATS.map(([axis, shapes]): OpCase => ({
      name: `concat ${shapes.map(show).join(' ')} along ${axis}`,
      op: 'concat',
      inputs: shapes.map((shape, i) => caseInput(`x${i}`, shape)),
      build: (b, inputs) => b.emit('concat', inputs, { axis }),
      order: 2,
    })),
    {
      name: 'concat of one tensor twice',
      op: 'concat',
      inputs: [caseInput('x', [2, 3])],
      build: (b, [x]) => concat(b, [x!, x!], 0),
      order: 2,
    },
  ];
}

const REDUCTIONS: readonly (readonly [shape: Shape, axes: readonly number[]])[] = [
  [[1], [0]],
  [[17], [0]],
  [[3, 5], []],
  [[3, 5], [0]],
  [[3, 5], [1]],
  [
    [3, 5],
    [0, 1],
  ],
  [
    [2, 3, 4, 5],
    [0, 1, 2],
  ],
  [
    [2, 3, 4, 5],
    [1, 2, 3],
  ],
  [
    [2, 3, 4, 5],
    [1, 2],
  ],
  [
    [2, 3, 4, 5],
    [0, 3],
  ],
  [[3, 7, 1, 8], [2]],
  [
    [2, 3, 2, 5, 2, 3],
    [2, 4],
  ],
  [
    [2, 16, 16, 17],
    [0, 1, 2],
  ],
  // Over the batch: points, features and channels.
  [[37, 2], [0]],
  [[37, 2], [1]],
  [[2, 37], [0]],
  [[70, 130], [0]],
  [
    [4, 5, 6, 3],
    [0, 1, 2],
  ],
  [
    [4, 5, 6, 1],
    [0, 1, 2],
  ],
  [
    [9, 1, 1, 2],
    [0, 1, 2],
  ],
  [
    [4, 5, 6, 3],
    [1, 2],
  ],
  // Windows of a pooling: 3 x 1, 1 x 2, 2 x 2 and the whole picture.
  [
    [2, 2, 3, 4, 1, 5],
    [2, 4],
  ],
  [
    [2, 1, 1, 6, 2, 5],
    [2, 4],
  ],
  [
    [2, 4, 2, 3, 2, 16],
    [2, 4],
  ],
  [
    [2, 1, 4, 1, 4, 3],
    [2, 4],
  ],
];

function reductionCases(): OpCase[] {
  const cases = (['reduce_sum', 'reduce_max'] as const).flatMap((op) =>
    REDUCTIONS.map(([shape, axes]): OpCase => ({
      name: `${op} ${show(shape)} over ${show(axes)}`,
      op,
      inputs: [caseInput('x', shape, op === 'reduce_max' ? distinct() : uniform(-1, 1))],
      build: (b, [x]) => b.emit(op, [x!], { axes }),
      order: 2,
    })),
  );
  const long: Shape = [3, 40, 40, 13];
  return [
    ...cases,
    {
      name: `reduce_sum of ${elementCount(long)} numbers`,
      op: 'reduce_sum',
      inputs: [caseInput('x', long)],
      build: (b, [x]) => b.emit('reduce_sum', [x!], { axes: [0, 1, 2, 3] }),
      order: 1,
    },
    // Cut into parts that are summed apart.
    ...[
      [20_000, 2],
      [200, 257],
    ].map((shape): OpCase => ({
      name: `reduce_sum ${show(shape)} over the batch`,
      op: 'reduce_sum',
      inputs: [caseInput('x', shape)],
      build: (b, [x]) => b.emit('reduce_sum', [x!], { axes: [0] }),
      order: 1,
    })),
    {
      name: `reduce_max of ${elementCount(long)} numbers`,
      op: 'reduce_max',
      inputs: [caseInput('x', long, distinct(0.001), false)],
      build: (b, [x]) => b.emit('reduce_max', [x!], { axes: [0, 1, 2, 3] }),
      order: 1,
    },
  ];
}

/** M, K, N. */
const PRODUCTS: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [1, 7, 3],
  [3, 1, 5],
  [5, 3, 1],
  [3, 17, 8],
  [16, 64, 17],
  [2, 300, 5],
  [33, 12, 29],
  // One or two rows or columns, and points in the plane.
  [1, 200, 1],
  [2, 33, 2],
  [1, 65, 70],
  [2, 5, 70],
  [70, 65, 1],
  [70, 5, 2],
  [37, 2, 64],
  [37, 1, 2],
  // Sums in one whole chunk, in chunks and a rest, in whole chunks.
  [5, 256, 19],
  [3, 515, 33],
  [9, 512, 18],
];

function dotCases(): OpCase[] {
  return PRODUCTS.flatMap(([m, k, n]) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB): OpCase => ({
        name: `dot [${m},${k}] x [${k},${n}]${transposeA ? ' first transposed' : ''}${transposeB ? ' second transposed' : ''}`,
        op: 'dot',
        inputs: [caseInput('a', transposeA ? [k, m] : [m, k]), caseInput('b', transposeB ? [n, k] : [k, n])],
        build: (b, inputs) => b.emit('dot', inputs, { transposeA, transposeB }),
        order: 2,
      })),
    ),
  );
}

export interface Convolution {
  readonly batch: number;
  readonly size: readonly [height: number, width: number];
  readonly channels: readonly [input: number, output: number];
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [number, number];
  readonly padding: Padding2D;
}

const geometry = (
  batch: number,
  size: Convolution['size'],
  channels: Convolution['channels'],
  kernel: Convolution['kernel'],
  strides: Convolution['strides'],
  padding: Padding2D,
): Convolution => ({ batch, size, channels, kernel, strides, padding });

const NONE: Padding2D = [
  [0, 0],
  [0, 0],
];
const ONE: Padding2D = [
  [1, 1],
  [1, 1],
];
const AFTER: Padding2D = [
  [0, 1],
  [0, 1],
];

const CONVOLUTIONS: readonly Convolution[] = [
  geometry(1, [1, 1], [1, 1], [1, 1], [1, 1], NONE),
  geometry(2, [4, 4], [3, 5], [1, 1], [1, 1], NONE),
  geometry(2, [5, 7], [3, 8], [3, 3], [1, 1], ONE),
  geometry(1, [8, 8], [8, 8], [3, 3], [1, 1], ONE),
  geometry(3, [6, 6], [5, 17], [3, 3], [1, 1], ONE),
  geometry(2, [7, 5], [17, 3], [3, 3], [1, 1], ONE),
  geometry(1, [3, 3], [8, 1], [3, 3], [1, 1], NONE),
  geometry(2, [8, 8], [3, 8], [3, 3], [2, 2], AFTER),
  geometry(2, [7, 7], [5, 5], [3, 3], [2, 2], ONE),
  geometry(1, [8, 6], [8, 3], [3, 3], [2, 2], ONE),
  geometry(2, [9, 10], [1, 5], [3, 3], [3, 3], AFTER),
  geometry(
    1,
    [9, 9],
    [3, 3],
    [5, 5],
    [1, 1],
    [
      [2, 2],
      [2, 2],
    ],
  ),
  geometry(
    2,
    [8, 9],
    [3, 5],
    [5, 5],
    [2, 2],
    [
      [1, 2],
      [2, 1],
    ],
  ),
  geometry(
    2,
    [4, 9],
    [5, 3],
    [1, 3],
    [1, 1],
    [
      [0, 0],
      [1, 1],
    ],
  ),
  geometry(
    1,
    [5, 8],
    [3, 17],
    [1, 3],
    [1, 2],
    [
      [0, 0],
      [0, 1],
    ],
  ),
  geometry(
    1,
    [6, 5],
    [3, 5],
    [3, 1],
    [2, 1],
    [
      [1, 0],
      [0, 0],
    ],
  ),
  geometry(
    2,
    [5, 5],
    [3, 3],
    [3, 3],
    [1, 1],
    [
      [2, 0],
      [0, 3],
    ],
  ),
  // A stride that leaves input rows and columns unread.
  geometry(1, [8, 8], [5, 8], [1, 1], [2, 2], NONE),
  geometry(1, [8, 11], [3, 5], [3, 3], [3, 3], NONE),
  // Padding as wide as the kernel: whole outputs see nothing but zeros.
  geometry(
    1,
    [3, 3],
    [1, 3],
    [2, 2],
    [1, 1],
    [
      [2, 2],
      [2, 2],
    ],
  ),
  // Lines of text: pictures of height 1.
  geometry(
    3,
    [1, 9],
    [28, 16],
    [1, 5],
    [1, 1],
    [
      [0, 0],
      [2, 2],
    ],
  ),
  geometry(
    2,
    [1, 12],
    [5, 8],
    [1, 4],
    [1, 2],
    [
      [0, 0],
      [1, 1],
    ],
  ),
  geometry(
    2,
    [1, 11],
    [3, 5],
    [1, 3],
    [1, 3],
    [
      [0, 0],
      [0, 1],
    ],
  ),
  geometry(2, [1, 8], [7, 2], [1, 1], [1, 1], NONE),
  // Halving with a kernel of 4, as networks of transposed convolutions do, to and from one channel.
  geometry(2, [8, 8], [3, 16], [4, 4], [2, 2], ONE),
  geometry(2, [14, 14], [1, 5], [4, 4], [2, 2], ONE),
  geometry(3, [4, 4], [17, 1], [4, 4], [1, 1], NONE),
  geometry(2, [16, 16], [16, 16], [3, 3], [1, 1], ONE),
  geometry(1, [12, 12], [32, 24], [3, 3], [1, 1], ONE),
];

/** The three convolution ops at one geometry. */
export function convolutionCases({ batch, size, channels, kernel, strides, padding }: Convolution): OpCase[] {
  const outputs = ([0, 1] as const).map(
    (axis) =>
      Math.floor((size[axis] + padding[axis][0] + padding[axis][1] - kernel[axis]) / strides[axis]) + 1,
  );
  const x: Shape = [batch, ...size, channels[0]];
  const filter: Shape = [...kernel, ...channels];
  const y: Shape = [batch, ...outputs, channels[1]];
  const what = `${show(x)} ${kernel.join('x')} to ${channels[1]} stride ${strides.join('x')} padding ${JSON.stringify(padding)}`;
  return [
    {
      name: `conv ${what}`,
      op: 'conv',
      inputs: [caseInput('x', x), caseInput('filter', filter)],
      build: (b, inputs) => b.emit('conv', inputs, { strides, padding }),
      order: 2,
    },
    {
      name: `conv_input_gradient ${what}`,
      op: 'conv_input_gradient',
      inputs: [caseInput('cotangent', y), caseInput('filter', filter)],
      build: (b, inputs) => b.emit('conv_input_gradient', inputs, { strides, padding, size }),
      order: 2,
    },
    {
      name: `conv_filter_gradient ${what}`,
      op: 'conv_filter_gradient',
      inputs: [caseInput('x', x), caseInput('cotangent', y)],
      build: (b, inputs) => b.emit('conv_filter_gradient', inputs, { strides, padding, kernel }),
      order: 2,
    },
  ];
}

/** Names are unique. */
export const OP_CASES: readonly OpCase[] = [
  ...sourceCases(),
  ...pointwiseCases(),
  ...layoutCases(),
  ...reductionCases(),
  ...dotCases(),
  ...CONVOLUTIONS.flatMap(convolutionCases),
  ...indexedCases(),
];
