/** Cases with random shapes and attributes, the same ones for the same seed. */
import { broadcast, concat, pad, slice, transpose } from '../../compiler/graph/construct.js';
import type { Shape } from '../../compiler/graph/graph.js';
import { convolutionCases } from './cases.js';
import { awayFromZero, distinct, uniform } from './draws.js';
import { caseInput, type OpCase } from './op-case.js';
import { integer, pick, seededRandom, type Random } from './random.js';

type Make = (random: Random) => OpCase;

const CHANNELS = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17];

const shapeOf = (random: Random, rank: number, largest: number): number[] =>
  Array.from({ length: rank }, () => (random() < 0.2 ? 1 : integer(random, 1, largest)));

const someAxes = (random: Random, shape: Shape): number[] =>
  shape.flatMap((_, axis) => (random() < 0.5 ? [axis] : []));

const shuffled = (random: Random, count: number): number[] => {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = integer(random, 0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
};

const MAKERS: readonly Make[] = [
  (random) => {
    const kernel = pick(random, [
      [1, 1],
      [3, 3],
      [3, 3],
      [5, 5],
      [1, 3],
      [3, 1],
      [2, 2],
      [4, 4],
    ] as const);
    const side = (length: number): [number, number] => [
      integer(random, 0, length - 1),
      integer(random, 0, length - 1),
    ];
    const padding = [side(kernel[0]), side(kernel[1])] as const;
    const size = [integer(random, kernel[0], 12), integer(random, kernel[1], 12)] as const;
    return pick(
      random,
      convolutionCases({
        batch: integer(random, 1, 3),
        size,
        channels: [pick(random, CHANNELS), pick(random, CHANNELS)],
        kernel,
        strides: [integer(random, 1, 3), integer(random, 1, 3)],
        padding,
      }),
    );
  },
  (random) => {
    const [m, k, n] = [integer(random, 1, 40), integer(random, 1, 70), integer(random, 1, 40)];
    const [transposeA, transposeB] = [random() < 0.5, random() < 0.5];
    return {
      name: `dot [${m},${k}] x [${k},${n}] ${transposeA} ${transposeB}`,
      op: 'dot',
      inputs: [caseInput('a', transposeA ? [k, m] : [m, k]), caseInput('b', transposeB ? [n, k] : [k, n])],
      build: (b, inputs) => b.emit('dot', inputs, { transposeA, transposeB }),
      order: 2,
    };
  },
  (random) => {
    const shape = shapeOf(random, integer(random, 1, 5), 6);
    const axes = someAxes(random, shape);
    const from = axes.map((axis) => (random() < 0.4 ? 1 : shape[axis]!));
    return {
      name: `broadcast [${from.join()}] to [${shape.join()}] by [${axes.join()}]`,
      op: 'broadcast',
      inputs: [caseInput('x', from)],
      build: (b, [x]) => broadcast(b, x!, shape, axes),
      order: 2,
    };
  },
  (random) => {
    const shape = shapeOf(random, integer(random, 1, 5), 7);
    const permutation = shuffled(random, shape.length);
    return {
      name: `transpose [${shape.join()}] by [${permutation.join()}]`,
      op: 'transpose',
      inputs: [caseInput('x', shape)],
      build: (b, [x]) => transpose(b, x!, permutation),
      order: 2,
    };
  },
  (random) => {
    const shape = shapeOf(random, integer(random, 1, 4), 9);
    const start = shape.map((size) => integer(random, 0, size - 1));
    const limit = shape.map((size, axis) => integer(random, start[axis]! + 1, size));
    const stride = shape.map(() => integer(random, 1, 3));
    return {
      name: `slice [${shape.join()}] [${start.join()}] [${limit.join()}] [${stride.join()}]`,
      op: 'slice',
      inputs: [caseInput('x', shape)],
      build: (b, [x]) => slice(b, x!, start, limit, stride),
      order: 2,
    };
  },
  (random) => {
    const shape = shapeOf(random, integer(random, 1, 4), 5);
    const [low, high, interior] = [2, 2, 2].map((most) => shape.map(() => integer(random, 0, most)));
    return {
      name: `pad [${shape.join()}] [${low!.join()}] [${high!.join()}] [${interior!.join()}]`,
      op: 'pad',
      inputs: [caseInput('x', shape)],
      build: (b, [x]) => pad(b, x!, low!, high!, interior),
      order: 2,
    };
  },
  (random) => {
    const shape = shapeOf(random, integer(random, 1, 4), 6);
    const axis = integer(random, 0, shape.length - 1);
    const parts = Array.from({ length: integer(random, 2, 4) }, () =>
      shape.map((size, i) => (i === axis ? integer(random, 1, 9) : size)),
    );
    return {
      name: `concat ${parts.map((part) => `[${part.join()}]`).join(' ')} along ${axis}`,
      op: 'concat',
      inputs: parts.map((part, i) => caseInput(`x${i}`, part)),
      build: (b, inputs) => concat(b, inputs, axis),
      order: 2,
    };
  },
  (random) => {
    const shape = shapeOf(random, integer(random, 1, 5), 8);
    const axes = someAxes(random, shape);
    const op = pick(random, ['reduce_sum', 'reduce_sum', 'reduce_max'] as const);
    return {
      name: `${op} [${shape.join()}] over [${axes.join()}]`,
      op,
      inputs: [caseInput('x', shape, op === 'reduce_max' ? distinct() : uniform(-1, 1))],
      build: (b, [x]) => b.emit(op, [x!], { axes }),
      order: 2,
    };
  },
  (random) => {
    const shape = shapeOf(random, integer(random, 0, 5), 8);
    const op = pick(random, ['elu', 'abs', 'tanh', 'sigmoid', 'exp', 'softplus', 'neg'] as const);
    return {
      name: `${op} [${shape.join()}]`,
      op,
      inputs: [caseInput('x', shape, awayFromZero())],
      build: (b, [x]) => b.emit(op, [x!], {}),
      order: 2,
    };
  },
];

/** `count` cases that take the kinds of op in turn. */
export function fuzzCases(seed: number, count: number): OpCase[] {
  return Array.from({ length: count }, (_, i) => {
    const made = MAKERS[i % MAKERS.length]!(seededRandom(`fuzz ${seed} ${i}`));
    return { ...made, name: `fuzz ${seed}.${i}: ${made.name}` };
  });
}
