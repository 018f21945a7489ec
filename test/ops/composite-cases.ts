/** Several ops in a row, as networks and losses use them: what fusion, layout changes and memory planning get wrong. */
import {
  abs,
  add,
  broadcast,
  broadcastTo,
  concat,
  constant,
  conv,
  div,
  dot,
  elu,
  exp,
  log,
  max,
  maximum,
  mean,
  minimum,
  mul,
  norm,
  reshape,
  samePadding,
  scale,
  select,
  greater,
  shift,
  slice,
  square,
  stop,
  sub,
  sum,
  tanh,
  transpose,
} from '../../compiler/graph/construct.js';
import type { GraphBuilder } from '../../compiler/graph/builder.js';
import type { NodeId } from '../../compiler/graph/graph.js';
import { awayFromZero, distinct, uniform } from './draws.js';
import { JOINED_CASES } from './joined-cases.js';
import { LAYER_CASES } from './layer-cases.js';
import { caseInput, type OpCase } from './op-case.js';
import { upsample } from './upsample.js';

function convolution(b: GraphBuilder, x: NodeId, filter: NodeId, bias: NodeId, stride: number): NodeId {
  const [, height, width] = b.shape(x) as [number, number, number, number];
  const [kh, kw] = b.shape(filter) as [number, number, number, number];
  const padding = samePadding([height, width], [kh, kw], [stride, stride]);
  const y = conv(b, x, filter, { strides: [stride, stride], padding });
  return add(b, y, broadcastTo(b, bias, b.shape(y)));
}

const composite = (name: string, rest: Omit<OpCase, 'name' | 'op'>): OpCase => ({
  name,
  op: 'composite',
  ...rest,
});

export const COMPOSITE_CASES: readonly OpCase[] = [
  ...([1, 2] as const).flatMap((stride) =>
    (
      [
        [3, 5],
        [8, 8],
        [16, 17],
      ] as const
    ).map(([from, to]) =>
      composite(`convolution ${from} to ${to} stride ${stride}, bias and elu`, {
        inputs: [
          caseInput('x', [2, 7, 6, from]),
          caseInput('filter', [3, 3, from, to]),
          caseInput('bias', [to]),
        ],
        build: (b, [x, filter, bias]) => elu(b, convolution(b, x!, filter!, bias!, stride)),
        order: 1,
      }),
    ),
  ),
  composite('two convolutions with a carry residual', {
    inputs: [
      caseInput('x', [2, 6, 6, 5]),
      caseInput('first', [3, 3, 5, 5]),
      caseInput('second', [3, 3, 5, 5]),
      caseInput('bias', [5]),
      caseInput('carry', [], uniform(0.2, 0.8)),
    ],
    build(b, [x, first, second, bias, carry]) {
      const inner = elu(b, convolution(b, elu(b, convolution(b, x!, first!, bias!, 1)), second!, bias!, 1));
      return add(b, mul(b, carry!, x!), mul(b, sub(b, constant(b, 1), carry!), inner));
    },
    order: 1,
  }),
  composite('an average of 2x2 windows', {
    inputs: [caseInput('x', [2, 6, 4, 5])],
    build: (b, [x]) => mean(b, reshape(b, x!, [2, 3, 2, 2, 2, 5]), [2, 4]),
    order: 2,
  }),
  composite('the largest of 2x2 windows', {
    inputs: [caseInput('x', [2, 6, 4, 3], distinct())],
    build: (b, [x]) => max(b, reshape(b, x!, [2, 3, 2, 2, 2, 3]), [2, 4]),
    order: 2,
  }),
  composite('an enlargement by 2 behind a convolution', {
    inputs: [caseInput('x', [2, 3, 5, 3]), caseInput('filter', [3, 3, 3, 8]), caseInput('bias', [8])],
    build: (b, [x, filter, bias]) => convolution(b, upsample(b, x!, 2), filter!, bias!, 1),
    order: 2,
  }),
  composite('a skip: channels of a small map appended to a large one', {
    inputs: [caseInput('small', [2, 2, 3, 5]), caseInput('large', [2, 4, 6, 3])],
    build: (b, [small, large]) => concat(b, [large!, upsample(b, small!, 2)], 3),
    order: 2,
  }),
  composite('every second pixel of a convolution', {
    inputs: [caseInput('x', [1, 6, 6, 3]), caseInput('filter', [3, 3, 3, 5]), caseInput('bias', [5])],
    build: (b, [x, filter, bias]) =>
      slice(b, convolution(b, x!, filter!, bias!, 1), [0, 0, 0, 0], [1, 6, 6, 5], [1, 2, 2, 1]),
    order: 2,
  }),
  composite('a dense layer over flattened pixels', {
    inputs: [caseInput('x', [3, 2, 2, 5]), caseInput('weight', [20, 7]), caseInput('bias', [7])],
    build(b, [x, weight, bias]) {
      const y = dot(b, reshape(b, x!, [3, 20]), weight!);
      return tanh(b, add(b, y, broadcastTo(b, bias!, [3, 7])));
    },
    order: 2,
  }),
  composite('a dense layer from many features to few, in tiles narrower than its results', {
    inputs: [caseInput('x', [16, 2200]), caseInput('weight', [2200, 40]), caseInput('bias', [40])],
    build: (b, [x, weight, bias]) =>
      tanh(b, add(b, scale(b, dot(b, x!, weight!), 0.02), broadcastTo(b, bias!, [16, 40]))),
    order: 1,
  }),
  composite('a mean absolute error', {
    inputs: [
      caseInput('x', [3, 8, 8, 3], awayFromZero(0.6, 1.5)),
      caseInput('z', [3, 8, 8, 3], uniform(-0.4, 0.4)),
    ],
    build: (b, [x, z]) => mean(b, abs(b, sub(b, x!, z!))),
    order: 1,
  }),
  composite('the distance of per-sample norms from 1', {
    inputs: [caseInput('x', [3, 4, 5, 2], awayFromZero())],
    build: (b, [x]) => mean(b, square(b, shift(b, norm(b, x!, [1, 2, 3]), -1))),
    order: 2,
  }),
  composite('a logsumexp with a stopped maximum', {
    inputs: [caseInput('x', [4, 9], distinct())],
    build(b, [x]) {
      const largest = stop(b, max(b, x!, [1]));
      const shifted = exp(b, sub(b, x!, broadcast(b, largest, [4, 9], [0])));
      return add(b, log(b, sum(b, shifted, [1])), largest);
    },
    order: 2,
  }),
  composite('a normalisation over the batch', {
    inputs: [caseInput('x', [3, 4, 4, 5]), caseInput('scale', [5]), caseInput('offset', [5])],
    build(b, [x, gain, offset]) {
      const shape = b.shape(x!);
      const centred = sub(b, x!, broadcastTo(b, mean(b, x!, [0, 1, 2]), shape));
      const variance = mean(b, square(b, centred), [0, 1, 2]);
      const unit = div(
        b,
        centred,
        broadcastTo(b, exp(b, scale(b, log(b, shift(b, variance, 1e-2)), 0.5)), shape),
      );
      return add(b, mul(b, unit, broadcastTo(b, gain!, shape)), broadcastTo(b, offset!, shape));
    },
    order: 2,
  }),
  composite('a leaky ramp, clipped', {
    inputs: [caseInput('x', [3, 7], awayFromZero(0.1, 0.8))],
    build(b, [x]) {
      const leaky = select(b, greater(b, x!, constant(b, 0)), x!, scale(b, x!, 0.2));
      return minimum(b, maximum(b, leaky, constant(b, -2)), constant(b, 2));
    },
    order: 2,
  }),
  composite('channels first and back', {
    inputs: [caseInput('x', [2, 3, 5, 4])],
    build: (b, [x]) => transpose(b, square(b, transpose(b, x!, [0, 3, 1, 2])), [0, 2, 3, 1]),
    order: 2,
  }),
  composite('one value read by five readers', {
    inputs: [caseInput('x', [5, 13], uniform(0.2, 1.2))],
    build(b, [x]) {
      const y = tanh(b, x!);
      const parts = [y, square(b, y), exp(b, y), log(b, y), mul(b, y, x!)];
      return parts.reduce((left, right) => add(b, left, right));
    },
    order: 2,
  }),
  ...JOINED_CASES,
  ...LAYER_CASES,
];
