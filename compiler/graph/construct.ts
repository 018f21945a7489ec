/**
 * Shorthands for emitting ops: what an equation reads like in code. Pointwise shorthands stretch a rank-0 operand
 * to the other's shape by an explicit broadcast; any other difference of shapes is refused by the op.
 */
import { GraphError } from '../ops/op.js';
import { elementCount, sameShape, showShape } from '../ops/shape-checks.js';
import type { GraphBuilder } from './builder.js';
import type { NodeId, OpAttributes, Padding2D, Shape } from './graph.js';

type UnaryOp =
  | 'neg'
  | 'abs'
  | 'sign'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'elu'
  | 'floor'
  | 'stop';
type BinaryOp =
  'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum' | 'greater' | 'greater_equal' | 'equal';

export function input(
  builder: GraphBuilder,
  source: OpAttributes['input']['source'],
  name: string,
  shape: Shape,
): NodeId {
  return builder.emit('input', [], { source, name, shape });
}

/** A rank-0 number. */
export function constant(builder: GraphBuilder, value: number): NodeId {
  return builder.emit('constant', [], { value });
}

/** A tensor with the same number everywhere. */
export function fill(builder: GraphBuilder, shape: Shape, value: number): NodeId {
  return broadcastTo(builder, constant(builder, value), shape);
}

/** A tensor of the shape of `like` with the same number everywhere. */
export function fillLike(builder: GraphBuilder, like: NodeId, value: number): NodeId {
  return fill(builder, builder.shape(like), value);
}

const unary =
  (op: UnaryOp) =>
  (builder: GraphBuilder, x: NodeId): NodeId =>
    builder.emit(op, [x], {});

const binary =
  (op: BinaryOp) =>
  (builder: GraphBuilder, x: NodeId, z: NodeId): NodeId => {
    return builder.emit(op, stretchScalars(builder, [x, z]), {});
  };

export const neg = unary('neg');
export const abs = unary('abs');
export const sign = unary('sign');
export const exp = unary('exp');
export const log = unary('log');
export const sqrt = unary('sqrt');
export const tanh = unary('tanh');
export const sigmoid = unary('sigmoid');
export const softplus = unary('softplus');
export const elu = unary('elu');
export const floor = unary('floor');
export const stop = unary('stop');

export const add = binary('add');
export const sub = binary('sub');
export const mul = binary('mul');
export const div = binary('div');
export const pow = binary('pow');
export const maximum = binary('maximum');
export const minimum = binary('minimum');
export const greater = binary('greater');
export const greaterEqual = binary('greater_equal');
export const equal = binary('equal');

/** a where mask is not 0, else b. */
export function select(builder: GraphBuilder, mask: NodeId, a: NodeId, b: NodeId): NodeId {
  return builder.emit('select', stretchScalars(builder, [mask, a, b]), {});
}

/** x times a plain number. */
export function scale(builder: GraphBuilder, x: NodeId, factor: number): NodeId {
  return mul(builder, x, constant(builder, factor));
}

/** x plus a plain number. */
export function shift(builder: GraphBuilder, x: NodeId, offset: number): NodeId {
  return add(builder, x, constant(builder, offset));
}

export function square(builder: GraphBuilder, x: NodeId): NodeId {
  return mul(builder, x, x);
}

/** Stretches x to `shape`; the axes of x are aligned with the last axes of `shape`, sizes of 1 are repeated. */
export function broadcastTo(builder: GraphBuilder, x: NodeId, shape: Shape): NodeId {
  const from = builder.shape(x);
  if (sameShape(from, shape)) return x;
  if (from.length > shape.length) {
    throw new GraphError(`broadcast: ${showShape(from)} has more axes than ${showShape(shape)}`);
  }
  const axes = from.map((_, axis) => shape.length - from.length + axis);
  return builder.emit('broadcast', [x], { shape, axes });
}

/** Input axis i becomes output axis `axes[i]`; the other axes of `shape` are new. */
export function broadcast(builder: GraphBuilder, x: NodeId, shape: Shape, axes: readonly number[]): NodeId {
  return builder.emit('broadcast', [x], { shape, axes });
}

export function reshape(builder: GraphBuilder, x: NodeId, shape: Shape): NodeId {
  return sameShape(builder.shape(x), shape) ? x : builder.emit('reshape', [x], { shape });
}

export function transpose(builder: GraphBuilder, x: NodeId, permutation: readonly number[]): NodeId {
  return builder.emit('transpose', [x], { permutation });
}

/** The elements start, start + stride, ... below limit of every axis; stride 1 when left out. */
export function slice(
  builder: GraphBuilder,
  x: NodeId,
  start: readonly number[],
  limit: readonly number[],
  stride: readonly number[] = start.map(() => 1),
): NodeId {
  return builder.emit('slice', [x], { start, limit, stride });
}

/** The part [start, limit) of one axis. */
export function sliceAxis(
  builder: GraphBuilder,
  x: NodeId,
  axis: number,
  start: number,
  limit: number,
): NodeId {
  const shape = builder.shape(x);
  return slice(
    builder,
    x,
    shape.map((_, i) => (i === axis ? start : 0)),
    shape.map((size, i) => (i === axis ? limit : size)),
  );
}

/** Zeros before, after and between the elements of every axis. */
export function pad(
  builder: GraphBuilder,
  x: NodeId,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[] = low.map(() => 0),
): NodeId {
  return builder.emit('pad', [x], { low, high, interior });
}

export function concat(builder: GraphBuilder, parts: readonly NodeId[], axis: number): NodeId {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : builder.emit('concat', parts, { axis });
}

/** The sum over `axes` (all axes when left out); the reduced axes disappear. */
export function sum(builder: GraphBuilder, x: NodeId, axes: readonly number[] = allAxes(builder, x)): NodeId {
  return axes.length === 0 ? x : builder.emit('reduce_sum', [x], { axes });
}

/** The mean over `axes` (all axes when left out); the reduced axes disappear. */
export function mean(
  builder: GraphBuilder,
  x: NodeId,
  axes: readonly number[] = allAxes(builder, x),
): NodeId {
  const shape = builder.shape(x);
  const count = elementCount(axes.map((axis) => shape[axis] ?? 1));
  return count === 1 ? sum(builder, x, axes) : scale(builder, sum(builder, x, axes), 1 / count);
}

/** The largest value over `axes` (all axes when left out); the reduced axes disappear. */
export function max(builder: GraphBuilder, x: NodeId, axes: readonly number[] = allAxes(builder, x)): NodeId {
  return axes.length === 0 ? x : builder.emit('reduce_max', [x], { axes });
}

/** The Euclidean length over `axes` (all axes when left out). Its gradient at 0 is 0. */
export function norm(
  builder: GraphBuilder,
  x: NodeId,
  axes: readonly number[] = allAxes(builder, x),
): NodeId {
  return sqrt(builder, sum(builder, square(builder, x), axes));
}

/** The matrix product of a [M, K] and b [K, N]. */
export function dot(
  builder: GraphBuilder,
  a: NodeId,
  b: NodeId,
  { transposeA = false, transposeB = false }: Partial<OpAttributes['dot']> = {},
): NodeId {
  return builder.emit('dot', [a, b], { transposeA, transposeB });
}

/** x NHWC, filter HWIO; stride 1 and no padding when left out. */
export function conv(
  builder: GraphBuilder,
  x: NodeId,
  filter: NodeId,
  {
    strides = [1, 1],
    padding = [
      [0, 0],
      [0, 0],
    ],
  }: Partial<OpAttributes['conv']> = {},
): NodeId {
  return builder.emit('conv', [x, filter], { strides, padding });
}

/** The rows of `table` [N, ...rest] with `indices` [M]: [M, ...rest]; zeros where there is no such row. */
export function gather(builder: GraphBuilder, table: NodeId, indices: NodeId): NodeId {
  return builder.emit('gather', [table, indices], {});
}

/** The sums of the rows of `updates` [M, ...rest] with each of `rows` indices: [rows, ...rest]. */
export function scatter(builder: GraphBuilder, updates: NodeId, indices: NodeId, rows: number): NodeId {
  return builder.emit('scatter', [updates, indices], { rows });
}

/** The indices that sort the list x ascending, equal numbers in their order, NaN last. */
export function argsort(builder: GraphBuilder, x: NodeId): NodeId {
  return builder.emit('argsort', [x], {});
}

/** The numbers 0, 1, ... below `count` as a list: what sorts a list of equal numbers. */
export function iota(builder: GraphBuilder, count: number): NodeId {
  return argsort(builder, fill(builder, [count], 0));
}

/** The list x in ascending order, NaN last. */
export function sort(builder: GraphBuilder, x: NodeId): NodeId {
  return gather(builder, x, argsort(builder, x));
}

/** TensorFlow's SAME: ceil(size / stride) outputs, the odd zero at the bottom right. */
export function samePadding(
  size: readonly [height: number, width: number],
  kernel: readonly [height: number, width: number],
  strides: readonly [height: number, width: number],
): Padding2D {
  const side = (axis: 0 | 1): readonly [number, number] => {
    const outputs = Math.ceil(size[axis] / strides[axis]);
    const zeros = Math.max((outputs - 1) * strides[axis] + kernel[axis] - size[axis], 0);
    return [Math.floor(zeros / 2), Math.ceil(zeros / 2)];
  };
  return [side(0), side(1)];
}

function allAxes(builder: GraphBuilder, x: NodeId): readonly number[] {
  return builder.shape(x).map((_, axis) => axis);
}

/** All operands at one shape, where those of rank 0 are broadcast to the shape of the first that is not. */
function stretchScalars(builder: GraphBuilder, operands: readonly NodeId[]): readonly NodeId[] {
  const shape = operands.map((id) => builder.shape(id)).find((s) => s.length > 0) ?? [];
  return operands.map((id) => (builder.shape(id).length === 0 ? broadcastTo(builder, id, shape) : id));
}
