/** What layers and losses are lowered to, each with its gradients and mostly their gradients. */
import { gradient } from '../../compiler/autodiff/gradient.js';
import type { GraphBuilder } from '../../compiler/graph/builder.js';
import {
  add,
  broadcast,
  broadcastTo,
  concat,
  constant,
  conv,
  div,
  dot,
  equal,
  exp,
  gather,
  greater,
  iota,
  log,
  max,
  mean,
  mul,
  neg,
  norm,
  reshape,
  samePadding,
  scale,
  select,
  shift,
  sort,
  sqrt,
  square,
  stop,
  sub,
  sum,
  tanh,
} from '../../compiler/graph/construct.js';
import type { NodeId, Shape } from '../../compiler/graph/graph.js';
import { distinct, integers, uniform } from './draws.js';
import { caseInput, type OpCase } from './op-case.js';

const EPSILON = 1e-5;

const layer = (name: string, rest: Omit<OpCase, 'name' | 'op'>): OpCase => ({
  name,
  op: 'composite',
  ...rest,
});

/** x with mean 0 and variance 1 over `axes`. */
function normalised(b: GraphBuilder, x: NodeId, axes: readonly number[]): NodeId {
  const shape = b.shape(x);
  const kept = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const spread = (statistic: NodeId): NodeId => broadcast(b, statistic, shape, kept);
  const centred = sub(b, x, spread(mean(b, x, axes)));
  const variance = mean(b, square(b, centred), axes);
  return div(b, centred, spread(sqrt(b, shift(b, variance, EPSILON))));
}

/** A gain and an offset per channel. */
function rescaled(b: GraphBuilder, x: NodeId, gain: NodeId, offset: NodeId): NodeId {
  const shape = b.shape(x);
  return add(b, mul(b, x, broadcastTo(b, gain, shape)), broadcastTo(b, offset, shape));
}

function leakyRelu(b: GraphBuilder, x: NodeId): NodeId {
  return select(b, greater(b, x, constant(b, 0)), x, scale(b, x, 0.2));
}

function logSoftmax(b: GraphBuilder, logits: NodeId): NodeId {
  const shape = b.shape(logits);
  const largest = stop(b, max(b, logits, [1]));
  const shifted = sub(b, logits, broadcast(b, largest, shape, [0]));
  return sub(b, shifted, broadcast(b, log(b, sum(b, exp(b, shifted), [1])), shape, [0]));
}

/** 1 at the class of each sample, else 0. */
function oneHot(b: GraphBuilder, labels: NodeId, classes: number): NodeId {
  const shape = [b.shape(labels)[0]!, classes];
  return equal(b, broadcast(b, labels, shape, [0]), broadcast(b, iota(b, classes), shape, [1]));
}

/** Twice the size: the gradient of a stride 2 convolution in its input. */
function doubled(b: GraphBuilder, x: NodeId, filter: NodeId, bias: NodeId): NodeId {
  const [, height, width] = b.shape(x) as [number, number, number, number];
  const [kernelHeight, kernelWidth] = b.shape(filter) as [number, number, number, number];
  const size = [height * 2, width * 2] as const;
  const padding = samePadding(size, [kernelHeight, kernelWidth], [2, 2]);
  const y = b.emit('conv_input_gradient', [x, filter], { strides: [2, 2], padding, size });
  return add(b, y, broadcastTo(b, bias, b.shape(y)));
}

/** One number per sample: convolution, leaky ramp, dense. */
function critic(b: GraphBuilder, x: NodeId, filter: NodeId, bias: NodeId, weight: NodeId): NodeId {
  const [batch, height, width] = b.shape(x) as [number, number, number, number];
  const padding = samePadding([height, width], [3, 3], [2, 2]);
  const convolved = conv(b, x, filter, { strides: [2, 2], padding });
  const hidden = leakyRelu(b, add(b, convolved, broadcastTo(b, bias, b.shape(convolved))));
  const flat = reshape(b, hidden, [batch, b.shape(weight)[0]!]);
  return dot(b, flat, weight);
}

const affine = (channels: number) => [
  caseInput('gain', [channels], uniform(0.5, 1.5)),
  caseInput('offset', [channels]),
];

function normalisations(): OpCase[] {
  const kinds: readonly (readonly [what: string, shape: Shape, axes: readonly number[]])[] = [
    ['batch norm', [7, 2], [0]],
    ['batch norm', [5, 17], [0]],
    ['batch norm', [3, 4, 5, 3], [0, 1, 2]],
    ['batch norm', [2, 4, 4, 16], [0, 1, 2]],
    ['layer norm', [5, 17], [1]],
    ['layer norm', [3, 4, 2, 5], [1, 2, 3]],
    ['instance norm', [3, 4, 5, 3], [1, 2]],
    ['instance norm', [2, 4, 4, 16], [1, 2]],
  ];
  return kinds.map(([what, shape, axes]) =>
    layer(`${what} of [${shape.join()}]`, {
      inputs: [caseInput('x', shape), ...affine(shape.at(-1)!)],
      build: (b, [x, gain, offset]) => rescaled(b, normalised(b, x!, axes), gain!, offset!),
      order: 2,
    }),
  );
}

function classification(): OpCase[] {
  const logits = caseInput('logits', [6, 5], distinct(0.1));
  const labels = caseInput('labels', [6], integers(0, 4), false);
  const far = caseInput('logits', [6, 5], (random, count) => distinct(0.1)(random, count).map((x) => x + 90));
  return [
    layer('cross entropy of logits with one-hot classes', {
      inputs: [logits, labels],
      build: (b, [x, y]) => neg(b, sum(b, mul(b, logSoftmax(b, x!), oneHot(b, y!, 5)), [1])),
      order: 2,
    }),
    layer('cross entropy of logits by reading the class', {
      inputs: [logits, labels],
      build(b, [x, y]) {
        const places = add(b, scale(b, iota(b, 6), 5), y!);
        return neg(b, gather(b, reshape(b, logSoftmax(b, x!), [30]), places));
      },
      order: 2,
    }),
    layer('cross entropy of logits beyond the reach of exp', {
      inputs: [far, labels],
      build: (b, [x, y]) => neg(b, sum(b, mul(b, logSoftmax(b, x!), oneHot(b, y!, 5)), [1])),
      order: 2,
    }),
    layer('a softmax', {
      inputs: [caseInput('logits', [4, 10], distinct(0.1))],
      build: (b, [x]) => exp(b, logSoftmax(b, x!)),
      order: 2,
    }),
    layer('a logsumexp through its maximum', {
      inputs: [caseInput('x', [4, 9], distinct())],
      build(b, [x]) {
        const largest = max(b, x!, [1]);
        const shifted = exp(b, sub(b, x!, broadcast(b, largest, [4, 9], [0])));
        return add(b, log(b, sum(b, shifted, [1])), largest);
      },
      order: 2,
    }),
    layer('the embedding of a class, tiled and joined to a picture, convolved', {
      inputs: [
        caseInput('x', [3, 4, 4, 3]),
        caseInput('table', [5, 2]),
        caseInput('labels', [3], integers(0, 4), false),
        caseInput('filter', [3, 3, 5, 4]),
      ],
      build(b, [x, table, y, filter]) {
        const tiled = broadcast(b, gather(b, table!, y!), [3, 4, 4, 2], [0, 3]);
        return tanh(b, conv(b, concat(b, [x!, tiled], 3), filter!));
      },
      order: 2,
    }),
    layer('a projection of features on the embedding of a class', {
      inputs: [
        caseInput('features', [4, 7]),
        caseInput('table', [3, 7]),
        caseInput('labels', [4], integers(0, 2), false),
      ],
      build: (b, [x, table, y]) => sum(b, mul(b, x!, gather(b, table!, y!)), [1]),
      order: 2,
    }),
  ];
}

function transposedConvolutions(): OpCase[] {
  return (
    [
      [4, 3, 5],
      [4, 8, 1],
      [3, 5, 3],
      [5, 17, 8],
    ] as const
  ).flatMap(([kernel, from, to]) => [
    layer(`a transposed convolution ${kernel}x${kernel}, ${from} to ${to}`, {
      inputs: [
        caseInput('x', [2, 3, 4, from]),
        caseInput('filter', [kernel, kernel, to, from]),
        caseInput('bias', [to]),
      ],
      build: (b, [x, filter, bias]) => tanh(b, doubled(b, x!, filter!, bias!)),
      order: 2,
    }),
    layer(`two transposed convolutions ${kernel}x${kernel} with a batch norm, ${from} to ${to}`, {
      inputs: [
        caseInput('x', [2, 2, 2, from]),
        caseInput('first', [kernel, kernel, 4, from]),
        caseInput('second', [kernel, kernel, to, 4]),
        caseInput('bias', [to]),
        ...affine(4),
      ],
      build(b, [x, first, second, bias, gain, offset]) {
        const wide = normalised(b, doubled(b, x!, first!, offset!), [0, 1, 2]);
        return tanh(b, doubled(b, leakyRelu(b, rescaled(b, wide, gain!, offset!)), second!, bias!));
      },
      order: 1,
    }),
  ]);
}

function penalties(): OpCase[] {
  const network = [
    caseInput('filter', [3, 3, 3, 5]),
    caseInput('bias', [5]),
    caseInput('weight', [2 * 3 * 5, 1]),
  ];
  return [
    layer('a gradient penalty through a convolution, a leaky ramp and a dense layer', {
      inputs: [caseInput('x', [3, 4, 5, 3]), ...network],
      build(b, [x, filter, bias, weight]) {
        const [slopes] = gradient(b, sum(b, critic(b, x!, filter!, bias!, weight!)), [x!]);
        return square(b, shift(b, norm(b, slopes!, [1, 2, 3]), -1));
      },
      order: 1,
    }),
    layer('a gradient penalty between real and made, each sample at its own place', {
      inputs: [
        caseInput('x', [3, 4, 5, 3]),
        caseInput('made', [3, 4, 5, 3]),
        caseInput('place', [3], uniform(0, 1), false),
        ...network,
      ],
      build(b, [x, made, place, filter, bias, weight]) {
        const blend = broadcast(b, place!, [3, 4, 5, 3], [0]);
        const between = add(b, x!, mul(b, blend, sub(b, made!, x!)));
        // Smooth, so that the penalty depends on where it is taken.
        const scores = tanh(b, critic(b, between, filter!, bias!, weight!));
        const [slopes] = gradient(b, sum(b, scores), [between]);
        return mean(b, square(b, shift(b, norm(b, slopes!, [1, 2, 3]), -1)));
      },
      order: 1,
    }),
    layer('a zero-centred gradient penalty through a normalised dense layer', {
      inputs: [caseInput('x', [5, 3]), caseInput('first', [3, 6]), caseInput('second', [6, 1]), ...affine(6)],
      build(b, [x, first, second, gain, offset]) {
        const hidden = tanh(b, rescaled(b, normalised(b, dot(b, x!, first!), [1]), gain!, offset!));
        const [slopes] = gradient(b, sum(b, dot(b, hidden, second!)), [x!]);
        return sum(b, square(b, slopes!), [1]);
      },
      order: 2,
    }),
  ];
}

/** Losses on the whole batch. */
function batchStatistics(): OpCase[] {
  return [
    layer('a gram matrix', {
      inputs: [caseInput('x', [6, 11])],
      build: (b, [x]) => dot(b, x!, x!, { transposeB: true }),
      order: 2,
    }),
    layer('a gaussian kernel of all pairs of a batch of points', {
      inputs: [caseInput('x', [7, 2])],
      build(b, [x]) {
        const gram = dot(b, x!, x!, { transposeB: true });
        const squares = sum(b, square(b, x!), [1]);
        const distances = sub(
          b,
          add(b, broadcast(b, squares, [7, 7], [0]), broadcast(b, squares, [7, 7], [1])),
          scale(b, gram, 2),
        );
        return exp(b, scale(b, distances, -0.5));
      },
      order: 2,
    }),
    layer('the deviation over the batch, averaged and joined to the features', {
      inputs: [caseInput('x', [4, 3, 3, 5])],
      build(b, [x]) {
        const centred = sub(b, x!, broadcast(b, mean(b, x!, [0]), [4, 3, 3, 5], [1, 2, 3]));
        const deviation = mean(b, sqrt(b, shift(b, mean(b, square(b, centred), [0]), 1e-3)));
        return concat(b, [x!, broadcast(b, deviation, [4, 3, 3, 1], [])], 3);
      },
      order: 2,
    }),
    layer('a sliced distance of two batches of points', {
      inputs: [
        caseInput('x', [9, 2], distinct(0.13)),
        caseInput('z', [9, 2], distinct(0.11)),
        caseInput('direction', [2, 1], uniform(0.4, 1), false),
      ],
      build(b, [x, z, direction]) {
        const [p, q] = [x!, z!].map((points) => sort(b, reshape(b, dot(b, points, direction!), [9])));
        return mean(b, square(b, sub(b, p!, q!)));
      },
      order: 2,
    }),
    layer('a dense maxout', {
      inputs: [caseInput('x', [3, 5]), caseInput('weight', [5, 8]), caseInput('bias', [8], distinct(0.5))],
      build(b, [x, weight, bias]) {
        const y = dot(b, x!, weight!);
        return max(b, reshape(b, add(b, y, broadcastTo(b, bias!, [3, 8])), [3, 4, 2]), [2]);
      },
      order: 2,
    }),
  ];
}

export const LAYER_CASES: readonly OpCase[] = [
  ...normalisations(),
  ...classification(),
  ...transposedConvolutions(),
  ...penalties(),
  ...batchStatistics(),
];
