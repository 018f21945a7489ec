/** Functions that work number by number, the operators among them: `a + b` is add(a, b). */
import type { GraphBuilder } from '../../graph/builder.js';
import type { NodeId, OpName } from '../../graph/graph.js';
import type { HostExpression, HostFunction } from '../../program.js';
import { fillLike } from '../../graph/construct.js';
import { commonShape } from '../symbolic-shape.js';
import { host, pointwise, type FunctionRule, type GraphFunctionRule } from './rule.js';

type Op1 =
  'neg' | 'abs' | 'sign' | 'exp' | 'log' | 'sqrt' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'floor';
type Op2 =
  'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum' | 'greater' | 'greater_equal' | 'equal';

const constantLike = (builder: GraphBuilder, value: number, like: NodeId): NodeId =>
  fillLike(builder, like, value);

const unary = (doc: string, op: Op1 & OpName, hostName?: HostFunction): GraphFunctionRule =>
  pointwise(doc, ['x'], (b, [x]) => b.emit(op, [x!], {}), hostName && ((x) => host(hostName, x)));

const binary = (doc: string, op: Op2 & OpName, hostName?: HostFunction): GraphFunctionRule =>
  pointwise(
    doc,
    ['a', 'b'],
    (b, [x, y]) => b.emit(op, [x!, y!], {}),
    hostName && ((x, y) => host(hostName, x, y)),
  );

function not(builder: GraphBuilder, mask: NodeId): NodeId {
  return builder.emit('equal', [mask, constantLike(builder, 0, mask)], {});
}

/** Klambauer et al. 2017: scale * (x where x > 0, alpha (exp(x) - 1) elsewhere). */
export function selu(builder: GraphBuilder, x: NodeId): NodeId {
  const alpha = 1.6732632423543772;
  const scale = 1.0507009873554805;
  const negative = builder.emit('mul', [builder.emit('elu', [x], {}), constantLike(builder, alpha, x)], {});
  const positive = builder.emit('greater', [x, constantLike(builder, 0, x)], {});
  return builder.emit(
    'mul',
    [builder.emit('select', [positive, x, negative], {}), constantLike(builder, scale, x)],
    {},
  );
}

export const POINTWISE = {
  add: binary('a + b', 'add', 'add'),
  sub: binary('a - b', 'sub', 'sub'),
  mul: binary('a * b', 'mul', 'mul'),
  div: binary('a / b', 'div', 'div'),
  pow: binary('a ** b', 'pow', 'pow'),
  mod: pointwise(
    'a % b, with the sign of b',
    ['a', 'b'],
    (b, [x, y]) =>
      b.emit('sub', [x!, b.emit('mul', [y!, b.emit('floor', [b.emit('div', [x!, y!], {})], {})], {})], {}),
    (x, y) => host('mod', x, y),
  ),
  less: pointwise(
    'a < b',
    ['a', 'b'],
    (b, [x, y]) => b.emit('greater', [y!, x!], {}),
    (x, y) => host('less', x, y),
  ),
  less_equal: pointwise(
    'a <= b',
    ['a', 'b'],
    (b, [x, y]) => b.emit('greater_equal', [y!, x!], {}),
    (x, y) => host('less_equal', x, y),
  ),
  greater: pointwise(
    'a > b',
    ['a', 'b'],
    (b, [x, y]) => b.emit('greater', [x!, y!], {}),
    (x, y) => host('less', y, x),
  ),
  greater_equal: pointwise(
    'a >= b',
    ['a', 'b'],
    (b, [x, y]) => b.emit('greater_equal', [x!, y!], {}),
    (x, y) => host('less_equal', y, x),
  ),
  equal: binary('a == b', 'equal', 'equal'),
  not_equal: pointwise(
    'a != b',
    ['a', 'b'],
    (b, [x, y]) => not(b, b.emit('equal', [x!, y!], {})),
    (x, y) => host('not', host('equal', x, y)),
  ),
  and: pointwise(
    'a && b',
    ['a', 'b'],
    (b, [x, y]) => b.emit('select', [x!, not(b, not(b, y!)), constantLike(b, 0, y!)], {}),
    (x, y) => host('and', x, y),
  ),
  or: pointwise(
    'a || b',
    ['a', 'b'],
    (b, [x, y]) => b.emit('select', [x!, constantLike(b, 1, y!), not(b, not(b, y!))], {}),
    (x, y) => host('or', x, y),
  ),
  not: pointwise(
    '!x',
    ['x'],
    (b, [x]) => not(b, x!),
    (x) => host('not', x),
  ),

  neg: unary('-x', 'neg', 'neg'),
  abs: unary('|x|; slope 0 at 0', 'abs', 'abs'),
  exp: unary('e to the power of x', 'exp', 'exp'),
  log: unary('natural logarithm', 'log', 'log'),
  sqrt: unary('square root; slope 0 at 0', 'sqrt', 'sqrt'),
  floor: unary('largest whole number not above x', 'floor', 'floor'),
  tanh: unary('hyperbolic tangent', 'tanh'),
  sigmoid: unary('1 / (1 + exp(-x))', 'sigmoid'),
  softplus: unary('log(1 + exp(x))', 'softplus'),
  elu: unary('x where x > 0, exp(x) - 1 elsewhere', 'elu'),
  square: pointwise(
    'x * x',
    ['x'],
    (b, [x]) => b.emit('mul', [x!, x!], {}),
    (x) => host('mul', x, x),
  ),
  log2: pointwise(
    'logarithm to base 2',
    ['x'],
    (b, [x]) => b.emit('mul', [b.emit('log', [x!], {}), constantLike(b, Math.LOG2E, x!)], {}),
    (x) => host('log2', x),
  ),
  cos: {
    doc: 'cosine; in schedules only',
    parameters: ['x'],
    pointwise: true,
    shape: commonShape,
    host: ([x]: readonly HostExpression[]) => host('cos', x!),
  },
  relu: pointwise('max(x, 0)', ['x'], (b, [x]) => b.emit('maximum', [x!, constantLike(b, 0, x!)], {})),
  max: binary('the larger of two', 'maximum', 'max'),
  min: binary('the smaller of two', 'minimum', 'min'),
  clip: pointwise(
    'x kept between low and high',
    ['x', 'low', 'high'],
    (b, [x, low, high]) => b.emit('minimum', [b.emit('maximum', [x!, low!], {}), high!], {}),
    (x, low, high) => host('min', host('max', x, low), high),
  ),
  where: pointwise(
    'a where the condition holds, else b',
    ['condition', 'a', 'b'],
    (b, [condition, x, y]) => b.emit('select', [condition!, x!, y!], {}),
    (condition, x, y) => host('where', condition, x, y),
  ),
  stop: pointwise('x, through which no gradient flows', ['x'], (b, [x]) => b.emit('stop', [x!], {})),
  sign: unary('-1, 0 or 1; slope 0', 'sign'),
  selu: pointwise('scaled exponential linear unit', ['x'], (b, [x]) => selu(b, x!)),
  leaky_relu: pointwise('x where x > 0, slope x elsewhere', ['x', 'slope'], (b, [x, slope]) =>
    b.emit(
      'select',
      [b.emit('greater', [x!, constantLike(b, 0, x!)], {}), x!, b.emit('mul', [x!, slope!], {})],
      {},
    ),
  ),
  hinge: pointwise('max(x, 0)', ['x'], (b, [x]) => b.emit('maximum', [x!, constantLike(b, 0, x!)], {})),
  log_prob_normal: pointwise(
    'log density of a normal at x, element by element',
    ['x', 'mean', 'deviation'],
    (b, [x, mean, deviation]) => {
      const z = b.emit('div', [b.emit('sub', [x!, mean!], {}), deviation!], {});
      const half = b.emit('mul', [b.emit('mul', [z, z], {}), constantLike(b, -0.5, z)], {});
      const scale = b.emit(
        'add',
        [b.emit('log', [deviation!], {}), constantLike(b, 0.5 * Math.log(2 * Math.PI), z)],
        {},
      );
      return b.emit('sub', [half, scale], {});
    },
  ),
} as const satisfies Readonly<Record<string, FunctionRule>>;
