/** Functions over the last axis (logits and probabilities) and of class numbers. */
import type { GraphBuilder } from '../../graph/builder.js';
import {
  add,
  broadcast,
  equal,
  exp,
  iota,
  log,
  max,
  maximum,
  mul,
  neg,
  sub,
  sum,
  constant,
} from '../../graph/construct.js';
import type { NodeId } from '../../graph/graph.js';
import type { SymbolicShape } from '../symbolic-shape.js';
import type { FunctionRule } from './rule.js';

const last = (builder: GraphBuilder, x: NodeId): number => builder.shape(x).length - 1;

/** What was reduced over the last axis, stretched back over it. */
function overLast(builder: GraphBuilder, x: NodeId, like: NodeId): NodeId {
  const shape = builder.shape(like);
  return broadcast(
    builder,
    x,
    shape,
    shape.slice(0, -1).map((_, axis) => axis),
  );
}

/** log sum exp with the maximum taken out, through which no gradient need flow. */
export function logSumExp(builder: GraphBuilder, x: NodeId): NodeId {
  const top = builder.emit('stop', [max(builder, x, [last(builder, x)])], {});
  const shifted = exp(builder, sub(builder, x, overLast(builder, top, x)));
  return add(builder, log(builder, sum(builder, shifted, [last(builder, x)])), top);
}

export function logSoftmax(builder: GraphBuilder, x: NodeId): NodeId {
  return sub(builder, x, overLast(builder, logSumExp(builder, x), x));
}

/** [B] class numbers -> [B, classes]: 1 at the class. */
export function oneHot(builder: GraphBuilder, labels: NodeId, classes: number): NodeId {
  const shape = [...builder.shape(labels), classes];
  const numbers = broadcast(builder, iota(builder, classes), shape, [shape.length - 1]);
  const own = broadcast(
    builder,
    labels,
    shape,
    builder.shape(labels).map((_, axis) => axis),
  );
  return equal(builder, own, numbers);
}

const hasLast = (x: SymbolicShape): boolean => x.length > 0 && x.at(-1) !== 'B';

/** The number of each sample at its class. */
function atClass(builder: GraphBuilder, x: NodeId, labels: NodeId): NodeId {
  const classes = builder.shape(x).at(-1)!;
  return sum(builder, mul(builder, x, oneHot(builder, labels, classes)), [last(builder, x)]);
}

const perClass = {
  needs: 'one number per class, and the class of every sample',
  shape: (
    [x, y]: readonly SymbolicShape[],
    { classes }: { readonly classes: readonly (number | undefined)[] },
  ) =>
    x!.length === 2 && y!.length === 1 && (classes[1] === undefined || classes[1] <= (x![1] as number))
      ? (['B'] as const)
      : undefined,
};

const overLastAxis = (
  doc: string,
  keeps: boolean,
  lower: (builder: GraphBuilder, x: NodeId) => NodeId,
): FunctionRule => ({
  doc,
  parameters: ['x'],
  pointwise: false,
  needs: 'a last axis',
  shape: ([x]) => (hasLast(x!) ? (keeps ? x! : x!.slice(0, -1)) : undefined),
  lower: (builder, [x]) => lower(builder, x!),
});

/** log(0) is never taken: what it would be multiplied by is 0. */
const TINY = 1e-30;

export const CLASSIFICATION = {
  softmax: overLastAxis('probabilities from logits, over the last axis', true, (builder, x) =>
    exp(builder, logSoftmax(builder, x)),
  ),
  log_softmax: overLastAxis('log probabilities from logits, over the last axis', true, logSoftmax),
  logsumexp: overLastAxis('log of the sum of exponentials, over the last axis', false, logSumExp),
  entropy: overLastAxis(
    '-sum p log p of probabilities, over the last axis; 0 log 0 is 0',
    false,
    (builder, p) =>
      neg(
        builder,
        sum(builder, mul(builder, p, log(builder, maximum(builder, p, constant(builder, TINY)))), [
          last(builder, p),
        ]),
      ),
  ),
  cross_entropy: {
    doc: '-log softmax(logits) at the class y, per sample',
    parameters: ['logits', 'y'],
    pointwise: false,
    ...perClass,
    lower: (builder, [logits, y]) => sub(builder, logSumExp(builder, logits!), atClass(builder, logits!, y!)),
  },
  at_class: {
    doc: 'the number of x at the class y, per sample',
    parameters: ['x', 'y'],
    pointwise: false,
    ...perClass,
    lower: (builder, [x, y]) => atClass(builder, x!, y!),
  },
  one_hot: {
    doc: '1 at the class, 0 elsewhere: one number per class',
    parameters: ['y'],
    pointwise: false,
    needs: 'class numbers: labels, or categorical noise',
    shape: ([y], { classes }) => (classes[0] === undefined ? undefined : [...y!, classes[0]]),
    lower: (builder, [y], { classes }) => oneHot(builder, y!, classes[0]!),
  },
  argmax: overLastAxis(
    'the class with the largest number (the last of equals); no slope',
    false,
    (builder, x) => {
      const top = overLast(builder, max(builder, x, [last(builder, x)]), x);
      const shape = builder.shape(x);
      const numbers = broadcast(builder, iota(builder, shape.at(-1)!), shape, [shape.length - 1]);
      return builder.emit(
        'stop',
        [max(builder, mul(builder, equal(builder, x, top), numbers), [last(builder, x)])],
        {},
      );
    },
  ),
} as const satisfies Readonly<Record<string, FunctionRule>>;
