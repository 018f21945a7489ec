/**
 * What every op of the graph is in TensorFlow's kernels. Gradients come from our own autodiff: of TensorFlow's
 * gradient kernels only the two of the convolution are used.
 */
import type { OpAttributes, OpName, Shape } from '../graph/graph.js';
import { unstretchedShape, type ComparisonOp } from '../graph/shortcuts.js';
import type { Emitter } from './emitter.js';
import type { Operand } from './node-list.js';

export type Lowering<K extends OpName> = (
  emit: Emitter,
  inputs: readonly Operand[],
  attributes: OpAttributes[K],
  shape: Shape,
) => Operand;

/** `input` nodes have no lowering: they become placeholders, variables or constants. */
export type LoweredOp = Exclude<OpName, 'input'>;

export type Lowerings = { readonly [K in LoweredOp]: Lowering<K> };

/** Comparisons as TensorFlow gives them: tensors of bools. */
export const COMPARISONS: Readonly<Record<ComparisonOp, string>> = {
  greater: 'Greater',
  greater_equal: 'GreaterEqual',
  equal: 'Equal',
};

type Uniform = (emit: Emitter, inputs: readonly Operand[]) => Operand;

const unary =
  (name: string): Uniform =>
  (emit, [x]) =>
    emit.unary(name, x!);

const binary =
  (name: string): Uniform =>
  (emit, [a, b]) =>
    emit.binary(name, a!, b!);

const comparison =
  (op: ComparisonOp): Uniform =>
  (emit, [a, b]) =>
    emit.cast(emit.compare(COMPARISONS[op], a!, b!), 'float32');

export const LOWERINGS: Lowerings = {
  constant: (emit, _, { value }) => emit.list.filled(value),

  neg: unary('Neg'),
  abs: unary('Abs'),
  sign: unary('Sign'),
  exp: unary('Exp'),
  log: unary('Log'),
  sqrt: unary('Sqrt'),
  tanh: unary('Tanh'),
  sigmoid: unary('Sigmoid'),
  softplus: unary('Softplus'),
  elu: unary('Elu'),
  floor: unary('Floor'),

  add: binary('AddV2'),
  sub: binary('Sub'),
  mul: binary('Mul'),
  div: binary('RealDiv'),
  pow: binary('Pow'),
  maximum: binary('Maximum'),
  minimum: binary('Minimum'),
  greater: comparison('greater'),
  greater_equal: comparison('greater_equal'),
  equal: comparison('equal'),
  // A mask that only selections read is left a bool.
  select: (emit, [mask, a, b]) =>
    emit.select(
      mask!.dtype === 'bool' ? mask! : emit.compare('NotEqual', mask!, emit.list.filled(0)),
      a!,
      b!,
    ),

  broadcast: (emit, [x], attributes) =>
    emit.broadcastTo(emit.reshape(x!, unstretchedShape(x!.shape, attributes)), attributes.shape),
  reshape: (emit, [x], { shape }) => emit.reshape(x!, shape),
  transpose: (emit, [x], { permutation }) => emit.transpose(x!, permutation),
  slice: (emit, [x], { start, limit, stride }, shape) => emit.slice(x!, start, limit, stride, shape),
  pad: (emit, [x], { low, high, interior }) => {
    let spread = x!;
    interior.forEach((zeros, axis) => {
      if (zeros > 0 && x!.shape[axis]! > 1) spread = padInterior(emit, spread, axis, zeros);
    });
    return emit.pad(spread, low, high);
  },
  concat: (emit, inputs, { axis }, shape) =>
    inputs.length === 1 ? inputs[0]! : emit.concat(inputs, axis, shape),

  reduce_sum: (emit, [x], { axes }, shape) => (axes.length === 0 ? x! : emit.reduce('Sum', x!, axes, shape)),
  reduce_max: (emit, [x], { axes }, shape) => (axes.length === 0 ? x! : emit.reduce('Max', x!, axes, shape)),

  dot: (emit, [a, b], { transposeA, transposeB }, shape) =>
    emit.matMul(a!, b!, transposeA, transposeB, shape),

  conv: (emit, [x, filter], options, shape) => emit.convolution('Conv2D', [x!, filter!], options, shape),
  conv_input_gradient: (emit, [dy, filter], options, shape) =>
    emit.convolution('Conv2DBackpropInput', [emit.list.integers(shape), filter!, dy!], options, shape),
  conv_filter_gradient: (emit, [x, dy], options, shape) =>
    emit.convolution('Conv2DBackpropFilter', [x!, emit.list.integers(shape), dy!], options, shape),

  gather: (emit, [table, indices]) => {
    // GatherV2 refuses indices that are out of range, so each of them is sent to one row more, of zeros.
    const [rows, ...rest] = table!.shape as [number, ...number[]];
    const zeros = rest.map(() => 0);
    const withZeros = emit.pad(table!, [0, ...zeros], [1, ...zeros]);
    return emit.gather(withZeros, rowOr(emit, indices!, rows, rows));
  },
  scatter: (emit, [updates, indices], { rows }) =>
    emit.segmentSum(updates!, rowOr(emit, indices!, rows, -1), rows),
  // By two stable sorts: the numbers, with 0 for NaN, and then what is NaN behind what is not.
  argsort: (emit, [x]) => {
    const isNumber = emit.compare('Equal', x!, x!);
    const numbers = emit.select(isNumber, x!, emit.list.filled(0));
    const order = emit.descendingOrder(emit.unary('Neg', numbers));
    const last = emit.descendingOrder(emit.gather(emit.cast(isNumber, 'float32'), order));
    return emit.cast(emit.gather(order, last), 'float32');
  },

  stop: (_, [x]) => x!,
};

/** The indices as int32, where those that mean no row in [0, rows) are `other`. */
export function rowOr(emit: Emitter, indices: Operand, rows: number, other: number): Operand {
  const { list } = emit;
  const inside = emit.and(
    emit.compare('GreaterEqual', indices, list.filled(0)),
    emit.compare('Less', indices, list.filled(rows)),
  );
  const whole = emit.compare('Equal', emit.unary('Floor', indices), indices);
  return emit.cast(emit.select(emit.and(inside, whole), indices, list.filled(other)), 'int32');
}

/** Zeros between neighbours along one axis, by padding a new axis of size 1 behind it. */
function padInterior(emit: Emitter, x: Operand, axis: number, interior: number): Operand {
  const size = x.shape[axis]!;
  const outer = x.shape.slice(0, axis).reduce((product, n) => product * n, 1);
  const inner = x.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const spread = emit.pad(emit.reshape(x, [outer * size, 1, inner]), [0, 0, 0], [0, interior, 0]);
  const rows = emit.reshape(spread, [outer, size * (1 + interior), inner]);
  const length = size + (size - 1) * interior;
  const cut = emit.slice(rows, [0, 0, 0], [outer, length, inner], [1, 1, 1], [outer, length, inner]);
  return emit.reshape(cut, x.shape.with(axis, length));
}
