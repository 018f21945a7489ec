/** What every op of the graph is in ONNX's operators. */
import type { OpAttributes, OpName, Shape } from '../graph/graph.js';
import type { ComparisonOp } from '../graph/shortcuts.js';
import {
  axisIn,
  convolutionAttributes,
  covers,
  inLayout,
  int,
  ints,
  word,
  type Emitter,
  type Layout,
  type Value,
} from './emitter.js';
import type { Extent } from './node-list.js';

export type Lowering<K extends OpName> = (
  emit: Emitter,
  inputs: readonly Value[],
  attributes: OpAttributes[K],
  extent: Extent,
) => Value;

/** `input` nodes have no lowering: they become inputs or initializers. */
export type LoweredOp = Exclude<OpName, 'input'>;

export type Lowerings = { readonly [K in LoweredOp]: Lowering<K> };

type Uniform = (emit: Emitter, inputs: readonly Value[]) => Value;

/** Element by element; what is stretched stays so. */
const unary =
  (name: string): Uniform =>
  (emit, [x]) => {
    if (x!.origin.kind === 'stretched') {
      const { of, axes } = x!.origin;
      const result = emit.op(name, [emit.tensor(of)], {}, { shape: of.shape, rows: of.rows });
      return emit.stretched(
        { ...of, origin: { kind: 'tensor' }, forms: new Map([['float last', result]]) },
        axes,
      );
    }
    const layout = layoutOf(emit, [x!]);
    return emit.value(emit.op(name, [emit.tensor(x!, layout)], {}, emit.extentIn(layout)), layout);
  };

const binary =
  (name: string): Uniform =>
  (emit, inputs) => {
    const layout = layoutOf(emit, inputs);
    return emit.value(emit.op(name, meeting(emit, inputs, layout), {}, emit.extentIn(layout)), layout);
  };

const COMPARISONS: Readonly<Record<ComparisonOp, string>> = {
  greater: 'Greater',
  greater_equal: 'GreaterOrEqual',
  equal: 'Equal',
};

/** Bools, which are cast where they are read as numbers. */
const comparison =
  (op: ComparisonOp): Uniform =>
  (emit, inputs) => {
    const layout = layoutOf(emit, inputs);
    const result = emit.op(
      COMPARISONS[op],
      meeting(emit, inputs, layout),
      {},
      { ...emit.extentIn(layout), dtype: 'bool' },
    );
    return emit.value(result, layout, 'bool');
  };

/** Channels first where a picture is at hand only so. */
export function layoutOf(emit: Emitter, inputs: readonly Value[]): Layout {
  return inputs.some((input) => input.shape.length === 4 && emit.isFirst(input)) ? 'first' : 'last';
}

/** Operands of one size, of which operators stretch those that the others are large enough for. */
function meeting(emit: Emitter, inputs: readonly Value[], layout: Layout): string[] {
  return withStretching(inputs).map(({ value, stretch }) =>
    stretch ? emit.stretchable(value, layout) : emit.tensor(value, layout),
  );
}

function withStretching(inputs: readonly Value[]): { readonly value: Value; readonly stretch: boolean }[] {
  const [{ shape }] = inputs as [Value];
  // What is stretched loses its first axes where they are of size 1, so another operand must have them.
  const hasRank = shape[0] !== 1 || inputs.some(({ origin }) => origin.kind !== 'stretched');
  const covered =
    hasRank && shape.every((size, axis) => size === 1 || inputs.some((input) => covers(input, axis)));
  const first = covered ? undefined : inputs.find(({ origin }) => origin.kind === 'stretched');
  return inputs.map((value) => ({ value, stretch: value !== first }));
}

const select: Lowering<'select'> = (emit, inputs) => {
  const layout = layoutOf(emit, inputs);
  const [mask, a, b] = withStretching(inputs) as [
    { value: Value; stretch: boolean },
    { value: Value; stretch: boolean },
    { value: Value; stretch: boolean },
  ];
  const operand = ({ value, stretch }: { value: Value; stretch: boolean }): string =>
    stretch ? emit.stretchable(value, layout) : emit.tensor(value, layout);
  const tensors = [emit.mask(mask.value, layout), operand(a), operand(b)];
  return emit.value(emit.op('Where', tensors, {}, emit.extentIn(layout)), layout);
};

const slice: Lowering<'slice'> = (emit, [x], { start, limit, stride }) => {
  const layout = layoutOf(emit, [x!]);
  const axes = start.flatMap((from, axis) =>
    from === 0 && stride[axis] === 1 && limit[axis] === x!.shape[axis] ? [] : [axis],
  );
  if (axes.length === 0) return x!;
  const of = (perAxis: readonly number[]): string => emit.list.integers(axes.map((axis) => perAxis[axis]!));
  const operands = [
    emit.tensor(x!, layout),
    of(start),
    of(limit),
    emit.list.integers(axes.map((axis) => axisIn(layout, axis))),
    of(stride),
  ];
  return emit.value(emit.op('Slice', operands, {}, emit.extentIn(layout)), layout);
};

const pad: Lowering<'pad'> = (emit, [x], { low, high, interior }) => {
  const spread = interior.some((zeros, axis) => zeros > 0 && x!.shape[axis]! > 1);
  if (!spread) {
    const layout = layoutOf(emit, [x!]);
    return emit.value(
      padded(
        emit,
        emit.tensor(x!, layout),
        inLayout(layout, low),
        inLayout(layout, high),
        emit.extentIn(layout),
      ),
      layout,
    );
  }
  let tensor = emit.tensor(x!);
  let extent: Extent = x!;
  interior.forEach((zeros, axis) => {
    if (zeros === 0 || extent.shape[axis] === 1) return;
    [tensor, extent] = withZerosBetween(emit, tensor, extent, axis, zeros);
  });
  return emit.value(padded(emit, tensor, low, high, emit.extentIn('last')));
};

/** Zeros at the ends of axes. */
function padded(
  emit: Emitter,
  tensor: string,
  low: readonly number[],
  high: readonly number[],
  extent: Extent,
): string {
  if ([...low, ...high].every((amount) => amount === 0)) return tensor;
  return emit.op('Pad', [tensor, emit.list.integers([...low, ...high])], { mode: word('constant') }, extent);
}

/** Zeros between neighbours along one axis, by padding a new axis of size 1 behind it. */
function withZerosBetween(
  emit: Emitter,
  tensor: string,
  { shape, rows }: Extent,
  axis: number,
  zeros: number,
): [string, Extent] {
  const size = shape[axis]!;
  const open = { shape: [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)], rows };
  const none = open.shape.map(() => 0);
  const spread = { shape: open.shape.with(axis + 1, 1 + zeros), rows };
  const wide = padded(emit, emit.reshape(tensor, open), none, none.with(axis + 1, zeros), spread);
  const joined = emit.reshape(wide, { shape: shape.with(axis, size * (1 + zeros)), rows });
  const cut = { shape: shape.with(axis, size + (size - 1) * zeros), rows };
  const operands = [0, cut.shape[axis]!, axis].map((value) => emit.list.integers([value]));
  return [emit.op('Slice', [joined, ...operands], {}, cut), cut];
}

const reduction =
  (sum: boolean): Lowering<'reduce_sum' | 'reduce_max'> =>
  (emit, [x], { axes }) =>
    axes.length === 0 ? x! : emit.value(reduced(emit, sum ? 'ReduceSum' : 'ReduceMax', x!, axes));

/** Over axes, which disappear. Of pictures with channels first where the axes that are left stay in their order. */
export function reduced(
  emit: Emitter,
  name: 'ReduceSum' | 'ReduceMax' | 'ReduceMean',
  x: Value,
  axes: readonly number[],
): string {
  const left = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const keepsOrder = left.every(
    (axis, i) => i === 0 || axisIn('first', left[i - 1]!) < axisIn('first', axis),
  );
  const layout = x.shape.length === 4 && keepsOrder ? layoutOf(emit, [x]) : 'last';
  const over = axes.map((axis) => axisIn(layout, axis)).sort((a, b) => a - b);
  const operand = emit.tensor(x, layout);
  // Of the three only ReduceSum takes its axes as a tensor in this operator set.
  if (name === 'ReduceSum') return emit.op(name, [operand, emit.list.integers(over)], { keepdims: int(0) });
  return emit.op(name, [operand], { axes: ints(over), keepdims: int(0) });
}

/** The matrix product, plus a row for each row of it where `bias` is given. */
export function matrixProduct(
  emit: Emitter,
  [a, b]: readonly Value[],
  { transposeA, transposeB }: OpAttributes['dot'],
  bias?: Value,
): Value {
  const operands = [emit.tensor(a!), emit.tensor(b!), ...(bias === undefined ? [] : [emit.tensor(bias)])];
  const gemm = bias !== undefined || transposeA || transposeB;
  const attributes = { transA: int(transposeA ? 1 : 0), transB: int(transposeB ? 1 : 0) };
  return emit.value(gemm ? emit.op('Gemm', operands, attributes) : emit.op('MatMul', operands));
}

export function convolution(
  emit: Emitter,
  [x, filter]: readonly Value[],
  options: OpAttributes['conv'],
  bias?: Value,
): Value {
  const operands = [emit.tensor(x!, 'first'), emit.filter(filter!, false)];
  if (bias !== undefined) operands.push(emit.tensor(bias));
  const attributes = convolutionAttributes(options, filter!.shape.slice(0, 2));
  return emit.value(emit.op('Conv', operands, attributes, emit.extentIn('first')), 'first');
}

export function transposedConvolution(
  emit: Emitter,
  [dy, filter]: readonly Value[],
  options: OpAttributes['conv_input_gradient'],
  bias?: Value,
): Value {
  const kernel = filter!.shape.slice(0, 2);
  const operands = [emit.tensor(dy!, 'first'), emit.filter(filter!, true)];
  if (bias !== undefined) operands.push(emit.tensor(bias));
  // Rows and columns that no window reached: they get zeros.
  const behind = [0, 1].map((axis) => {
    const [before, after] = options.padding[axis]!;
    const reached = (dy!.shape[1 + axis]! - 1) * options.strides[axis]! + kernel[axis]!;
    return options.size[axis]! - (reached - before - after);
  });
  const attributes = { ...convolutionAttributes(options, kernel), output_padding: ints(behind) };
  return emit.value(emit.op('ConvTranspose', operands, attributes, emit.extentIn('first')), 'first');
}

/**
 * A convolution in which examples are channels and channels examples: the input, with the cotangent as its filter and
 * the strides as that filter's dilations.
 */
const filterGradient: Lowering<'conv_filter_gradient'> = (
  emit,
  [x, dy],
  { strides, padding, kernel },
  { shape },
) => {
  const [batch, , , inputs] = x!.shape as [number, number, number, number];
  const behind = [0, 1].map((axis) => {
    const reached = (dy!.shape[1 + axis]! - 1) * strides[axis]! + kernel[axis]!;
    return reached - x!.shape[1 + axis]! - padding[axis]![0];
  });
  // Rows and columns that no window reached are cut off.
  const [rows, columns] = [0, 1].map((axis) => x!.shape[1 + axis]! + Math.min(0, behind[axis]!)) as [
    number,
    number,
  ];
  let read = emit.op(
    'Transpose',
    [emit.tensor(x!)],
    { perm: ints([3, 0, 1, 2]) },
    { shape: [inputs, batch, x!.shape[1]!, x!.shape[2]!] },
  );
  if (behind.some((amount) => amount < 0)) {
    const [start, limit, axes] = [
      [0, 0],
      [rows, columns],
      [2, 3],
    ].map((values) => emit.list.integers(values));
    read = emit.op('Slice', [read, start!, limit!, axes!], {}, { shape: [inputs, batch, rows, columns] });
  }
  const [, high, wide, outputs] = dy!.shape as [number, number, number, number];
  const filter = emit.op(
    'Transpose',
    [emit.tensor(dy!)],
    { perm: ints([3, 0, 1, 2]) },
    { shape: [outputs, batch, high, wide] },
  );
  const attributes = {
    kernel_shape: ints([high, wide]),
    dilations: ints(strides),
    pads: ints([padding[0][0], padding[1][0], Math.max(0, behind[0]!), Math.max(0, behind[1]!)]),
  };
  const convolved = emit.op('Conv', [read, filter], attributes, {
    shape: [inputs, outputs, kernel[0], kernel[1]],
  });
  return emit.value(emit.op('Transpose', [convolved], { perm: ints([2, 3, 0, 1]) }, { shape }));
};

/** Indices as int64, where those that mean no row in [0, rows) are `rows`: one row more than there are. */
function rowOr(emit: Emitter, indices: Value, rows: number): string {
  const x = emit.tensor(indices);
  const extent = { shape: indices.shape, rows: indices.rows };
  const bools = { ...extent, dtype: 'bool' } as const;
  const number = (value: number): string => emit.list.floats([value], []);
  const inside = emit.op(
    'And',
    [emit.op('GreaterOrEqual', [x, number(0)], {}, bools), emit.op('Less', [x, number(rows)], {}, bools)],
    {},
    bools,
  );
  const whole = emit.op('Equal', [emit.op('Floor', [x], {}, extent), x], {}, bools);
  const valid = emit.op('And', [inside, whole], {}, bools);
  return emit.whole(emit.op('Where', [valid, x, number(rows)], {}, extent), extent);
}

/** What a table reads, which has a row of zeros more for indices that mean none of its rows. */
const gather: Lowering<'gather'> = (emit, [table, indices], _, extent) => {
  const [rows, ...rest] = table!.shape as [number, ...number[]];
  const zeros = rest.map(() => 0);
  const longer = padded(emit, emit.tensor(table!), [0, ...zeros], [1, ...zeros], {
    shape: [rows + 1, ...rest],
  });
  return emit.value(emit.op('Gather', [longer, rowOr(emit, indices!, rows)], { axis: int(0) }, extent));
};

const scatter: Lowering<'scatter'> = (emit, [updates, indices], { rows }, { shape }) => {
  const count = indices!.shape[0]!;
  const longer: Shape = [rows + 1, ...shape.slice(1)];
  const zeros = emit.op(
    'Expand',
    [emit.list.floats([0], []), emit.list.integers(longer)],
    {},
    { shape: longer },
  );
  const column = emit.op(
    'Unsqueeze',
    [rowOr(emit, indices!, rows), emit.list.integers([1])],
    {},
    { shape: [count, 1], dtype: 'int64' },
  );
  const all = emit.op(
    'ScatterND',
    [zeros, column, emit.tensor(updates!)],
    { reduction: word('add') },
    { shape: longer },
  );
  const ends = [0, rows, 0].map((value) => emit.list.integers([value]));
  return emit.value(emit.op('Slice', [all, ...ends], {}, { shape }));
};

/** By two stable sorts: the numbers, with 0 for NaN, and then what is NaN behind what is not. */
const argsort: Lowering<'argsort'> = (emit, [x], _, { shape }) => {
  const scope = { shape };
  const values = emit.tensor(x!);
  const count = emit.list.integers([shape[0]!]);
  const isNaN = emit.op('IsNaN', [values], {}, { shape, dtype: 'bool' });
  const numbers = emit.op('Where', [isNaN, emit.list.floats([0], []), values], {}, scope);
  const ascending = { axis: int(0), largest: int(0), sorted: int(1) };
  const order = emit.sortedOrder(numbers, count, ascending, shape);
  const late = emit.op(
    'Gather',
    [emit.op('Cast', [isNaN], { to: int(1) }, scope), order],
    { axis: int(0) },
    scope,
  );
  const last = emit.sortedOrder(late, count, ascending, shape);
  const sorted = emit.op('Gather', [order, last], { axis: int(0) }, { shape, dtype: 'int64' });
  return emit.value(emit.op('Cast', [sorted], { to: int(1) }, scope));
};

export const LOWERINGS: Lowerings = {
  constant: (emit, _, { value }) => emit.number(value),

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

  add: binary('Add'),
  sub: binary('Sub'),
  mul: binary('Mul'),
  div: binary('Div'),
  pow: binary('Pow'),
  maximum: binary('Max'),
  minimum: binary('Min'),
  greater: comparison('greater'),
  greater_equal: comparison('greater_equal'),
  equal: comparison('equal'),
  select,

  broadcast: (emit, [x], { axes }) => emit.stretched(x!, axes),
  reshape: (emit, [x], _, extent) => emit.value(emit.reshape(emit.tensor(x!), extent)),
  transpose: (emit, [x], { permutation }) =>
    emit.value(emit.op('Transpose', [emit.tensor(x!)], { perm: ints(permutation) })),
  slice,
  pad,
  concat: (emit, inputs, { axis }) => {
    if (inputs.length === 1) return inputs[0]!;
    const layout = layoutOf(emit, inputs);
    const operands = inputs.map((input) => emit.tensor(input, layout));
    return emit.value(
      emit.op('Concat', operands, { axis: int(axisIn(layout, axis)) }, emit.extentIn(layout)),
      layout,
    );
  },

  reduce_sum: reduction(true),
  reduce_max: reduction(false),

  dot: (emit, inputs, attributes) => matrixProduct(emit, inputs, attributes),
  conv: (emit, inputs, attributes) => convolution(emit, inputs, attributes),
  conv_input_gradient: (emit, inputs, attributes) => transposedConvolution(emit, inputs, attributes),
  conv_filter_gradient: filterGradient,

  gather,
  scatter,
  argsort,

  stop: (_, [x]) => x!,
};
