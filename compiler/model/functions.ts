/**
 * The functions and operators of expressions as one table: what shapes they take, what they mean as graph nodes,
 * what they mean for the host. Operators are functions with a sign: `a + b` is add(a, b).
 */
import type { BinaryOperator } from '../../spec/expression/expression.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { NodeId, OpName } from '../graph/graph.js';
import type { HostExpression, HostFunction } from '../program.js';
import { commonShape, SCALAR, type SymbolicShape } from './symbolic-shape.js';
import type { Extent } from './term.js';

export interface FunctionRule {
  /** One line for documentation. */
  readonly doc: string;
  readonly parameters: readonly string[];
  /** Brought to one shape before `lower`: every pointwise function. */
  readonly pointwise: boolean;
  /** True where `per=sample` may be said. */
  readonly extent?: boolean;
  shape(arguments_: readonly SymbolicShape[], extent: Extent): SymbolicShape | undefined;
  lower(builder: GraphBuilder, arguments_: readonly NodeId[], extent: Extent): NodeId;
  /** The same on numbers that the host knows; absent where only a graph can compute it. */
  host?(arguments_: readonly HostExpression[]): HostExpression;
}

type Op1 =
  'neg' | 'abs' | 'sign' | 'exp' | 'log' | 'sqrt' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'floor';
type Op2 =
  'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum' | 'greater' | 'greater_equal' | 'equal';

const host = (name: HostFunction, ...arguments_: readonly HostExpression[]): HostExpression => ({
  kind: 'apply',
  function: name,
  arguments: arguments_,
});
const hostNumber = (value: number): HostExpression => ({ kind: 'number', value });

/** A rank-0 constant stretched to the shape of `like`. */
function constantLike(builder: GraphBuilder, value: number, like: NodeId): NodeId {
  const scalar = builder.emit('constant', [], { value });
  const shape = builder.shape(like);
  return shape.length === 0 ? scalar : builder.emit('broadcast', [scalar], { shape, axes: [] });
}

function pointwise(
  doc: string,
  parameters: readonly string[],
  lower: (builder: GraphBuilder, arguments_: readonly NodeId[]) => NodeId,
  toHost?: (...arguments_: readonly HostExpression[]) => HostExpression,
): FunctionRule {
  return {
    doc,
    parameters,
    pointwise: true,
    shape: commonShape,
    lower,
    ...(toHost && { host: (arguments_: readonly HostExpression[]) => toHost(...arguments_) }),
  };
}

const unary = (doc: string, op: Op1 & OpName, hostName?: HostFunction): FunctionRule =>
  pointwise(doc, ['x'], (b, [x]) => b.emit(op, [x!], {}), hostName && ((x) => host(hostName, x)));

const binary = (doc: string, op: Op2 & OpName, hostName?: HostFunction): FunctionRule =>
  pointwise(
    doc,
    ['a', 'b'],
    (b, [x, y]) => b.emit(op, [x!, y!], {}),
    hostName && ((x, y) => host(hostName, x, y)),
  );

function not(builder: GraphBuilder, mask: NodeId): NodeId {
  return builder.emit('equal', [mask, constantLike(builder, 0, mask)], {});
}

/** Axes that a reduction removes: all, or all but the batch. */
function reducedAxes(builder: GraphBuilder, x: NodeId, extent: Extent): readonly number[] {
  const axes = builder.shape(x).map((_, axis) => axis);
  return extent === 'sample' ? axes.slice(1) : axes;
}

function sum(builder: GraphBuilder, x: NodeId, extent: Extent): NodeId {
  const axes = reducedAxes(builder, x, extent);
  return axes.length === 0 ? x : builder.emit('reduce_sum', [x], { axes });
}

function reduction(
  doc: string,
  lower: (builder: GraphBuilder, x: NodeId, extent: Extent) => NodeId,
): FunctionRule {
  return {
    doc,
    parameters: ['x'],
    pointwise: false,
    extent: true,
    shape: ([x], extent) => (extent === 'all' ? SCALAR : x![0] === 'B' ? ['B'] : undefined),
    lower: (builder, [x], extent) => lower(builder, x!, extent),
  };
}

export const FUNCTIONS = {
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
    lower: () => {
      throw new Error('internal: cos is computed by the host');
    },
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

  sum: reduction('the sum, of everything or per sample', sum),
  mean: reduction('the mean, of everything or per sample', (builder, x, extent) => {
    const total = sum(builder, x, extent);
    const count = reducedAxes(builder, x, extent).reduce((n, axis) => n * builder.shape(x)[axis]!, 1);
    return builder.emit('mul', [total, constantLike(builder, 1 / count, total)], {});
  }),
  norm: reduction('square root of the sum of squares; slope 0 at 0', (builder, x, extent) =>
    builder.emit('sqrt', [sum(builder, builder.emit('mul', [x, x], {}), extent)], {}),
  ),
} as const satisfies Readonly<Record<string, FunctionRule>>;

export type FunctionName = keyof typeof FUNCTIONS;

export const functionRule = (name: FunctionName): FunctionRule => FUNCTIONS[name];

export const OPERATORS: Readonly<Record<BinaryOperator, FunctionName>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
  '**': 'pow',
  '<': 'less',
  '<=': 'less_equal',
  '>': 'greater',
  '>=': 'greater_equal',
  '==': 'equal',
  '!=': 'not_equal',
  '&&': 'and',
  '||': 'or',
};

/** Functions that are written by name; the others are the operators' and have a sign. */
const OPERATOR_FUNCTIONS = new Set<string>([...Object.values(OPERATORS), 'neg', 'not', 'cos']);
export const NAMED_FUNCTIONS: readonly FunctionName[] = (Object.keys(FUNCTIONS) as FunctionName[]).filter(
  (name) => !OPERATOR_FUNCTIONS.has(name),
);

export { host as hostApply, hostNumber };
