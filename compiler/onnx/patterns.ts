/**
 * Layers in the graph's primitives, found again: what ONNX has an operator for is written as that operator. Each pattern looks
 * at a node and says what would compute it from which other nodes.
 */
import type { NodeId } from '../graph/graph.js';
import { elementCount } from '../ops/shape-checks.js';
import { float, int, ints, word, type Emitter, type Value } from './emitter.js';
import type { GraphView } from './graph-view.js';
import { convolution, layoutOf, matrixProduct, reduced, transposedConvolution } from './lowerings.js';

export interface Match {
  readonly inputs: readonly NodeId[];
  readonly emit: (emit: Emitter, inputs: readonly Value[]) => Value;
}

type Pattern = (view: GraphView, id: NodeId) => Match | undefined;

/** A contraction and one number per channel. */
const biased: Pattern = (view, id) => {
  const [x, bias] = view.op(id, 'add')?.inputs ?? [];
  const list = view.perChannel(bias);
  if (x === undefined || list === undefined) return undefined;
  const dot = view.inner(x, 'dot');
  if (dot !== undefined) {
    return {
      inputs: [...dot.inputs, list],
      emit: (emit, [a, b, c]) => matrixProduct(emit, [a!, b!], dot.attributes, c),
    };
  }
  const conv = view.inner(x, 'conv');
  if (conv !== undefined) {
    return {
      inputs: [...conv.inputs, list],
      emit: (emit, [a, b, c]) => convolution(emit, [a!, b!], conv.attributes, c),
    };
  }
  const back = view.inner(x, 'conv_input_gradient');
  if (back === undefined) return undefined;
  return {
    inputs: [...back.inputs, list],
    emit: (emit, [a, b, c]) => transposedConvolution(emit, [a!, b!], back.attributes, c),
  };
};

/** An operator that works element by element. */
function elementwise(
  emit: Emitter,
  x: Value,
  name: string,
  attributes: Parameters<Emitter['op']>[2] = {},
): Value {
  const layout = layoutOf(emit, [x]);
  return emit.value(emit.op(name, [emit.tensor(x, layout)], attributes, emit.extentIn(layout)), layout);
}

const relu: Pattern = (view, id) => {
  const [x, zero] = view.op(id, 'maximum')?.inputs ?? [];
  if (x === undefined || view.number(zero) !== 0) return undefined;
  return { inputs: [x], emit: (emit, [given]) => elementwise(emit, given!, 'Relu') };
};

/** max(x, slope x), or x where it is above 0 and slope x elsewhere. */
const leakyRelu: Pattern = (view, id) => {
  const [a, scaled] = view.op(id, 'maximum')?.inputs ?? [];
  const [mask, kept, elsewhere] = view.op(id, 'select')?.inputs ?? [];
  const x = a ?? kept;
  const [of, slope] = view.inner(scaled ?? elsewhere, 'mul')?.inputs ?? [];
  const alpha = view.number(slope);
  if (x === undefined || of !== x || alpha === undefined) return undefined;
  if (a === undefined) {
    const [compared, zero] = view.op(mask, 'greater')?.inputs ?? [];
    if (compared !== x || view.number(zero) !== 0) return undefined;
  } else if (!(alpha >= 0 && alpha <= 1)) return undefined;
  return {
    inputs: [x],
    emit: (emit, [given]) => elementwise(emit, given!, 'LeakyRelu', { alpha: float(alpha) }),
  };
};

/** Pixels repeated down and across. */
const enlargement: Pattern = (view, id) => {
  const result = view.op(id, 'reshape');
  const copies = view.inner(result?.inputs[0], 'broadcast');
  const [x] = copies?.inputs ?? [];
  if (result === undefined || copies === undefined || x === undefined) return undefined;
  const { shape, axes } = copies.attributes;
  if (shape.length !== 6 || result.shape.length !== 4 || axes.join() !== '0,1,3,5') return undefined;
  const [, height, down, width, across, channels] = shape as [number, number, number, number, number, number];
  const [batch, ...size] = view.shape(x);
  if (batch !== shape[0] || size.join() !== [height, width, channels].join()) return undefined;
  if (result.shape.slice(1).join() !== [height * down, width * across, channels].join()) return undefined;
  return {
    inputs: [x],
    emit: (emit, [given]) => {
      const scales = emit.list.floats([1, 1, down, across]);
      const attributes = {
        mode: word('nearest'),
        coordinate_transformation_mode: word('asymmetric'),
        nearest_mode: word('floor'),
      };
      const operands = [emit.tensor(given!, 'first'), '', scales];
      return emit.value(emit.op('Resize', operands, attributes, emit.extentIn('first')), 'first');
    },
  };
};

/** Windows side by side: where a picture is cut into [batch, rows, down, columns, across, channels]. */
function windows(
  view: GraphView,
  id: NodeId | undefined,
): { readonly x: NodeId; readonly size: readonly [number, number] } | undefined {
  const cut = view.inner(id, 'reshape');
  const [x] = cut?.inputs ?? [];
  if (cut === undefined || x === undefined || cut.shape.length !== 6) return undefined;
  const [batch, rows, down, columns, across, channels] = cut.shape as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (view.shape(x).join() !== [batch, rows * down, columns * across, channels].join()) return undefined;
  return { x, size: [down, across] };
}

function pooling(
  name: string,
  { x, size }: { readonly x: NodeId; readonly size: readonly [number, number] },
): Match {
  return {
    inputs: [x],
    emit: (emit, [given]) => {
      const attributes = { kernel_shape: ints(size), strides: ints(size) };
      const operands = [emit.tensor(given!, 'first')];
      return emit.value(emit.op(name, operands, attributes, emit.extentIn('first')), 'first');
    },
  };
}

const maxPool: Pattern = (view, id) => {
  const found = view.op(id, 'reduce_max');
  if (found?.attributes.axes.join() !== '2,4') return undefined;
  const cut = windows(view, found.inputs[0]);
  return cut && pooling('MaxPool', cut);
};

const isShare = (number: number | undefined, count: number): boolean =>
  number !== undefined && Math.abs(number * count - 1) < 1e-9;

const averagePool: Pattern = (view, id) => {
  const [sum, share] = view.op(id, 'mul')?.inputs ?? [];
  const found = view.inner(sum, 'reduce_sum');
  if (found?.attributes.axes.join() !== '2,4') return undefined;
  const cut = windows(view, found.inputs[0]);
  if (cut === undefined || !isShare(view.number(share), elementCount(cut.size))) return undefined;
  return pooling('AveragePool', cut);
};

const mean: Pattern = (view, id) => {
  const [sum, share] = view.op(id, 'mul')?.inputs ?? [];
  const found = view.inner(sum, 'reduce_sum');
  const [x] = found?.inputs ?? [];
  if (found === undefined || x === undefined || found.attributes.axes.length === 0) return undefined;
  const count = elementCount(found.attributes.axes.map((axis) => view.shape(x)[axis]!));
  if (!isShare(view.number(share), count)) return undefined;
  return {
    inputs: [x],
    emit: (emit, [given]) => emit.value(reduced(emit, 'ReduceMean', given!, found.attributes.axes)),
  };
};

/** (x - mean) / sqrt(variance + epsilon) * scale + offset, all of them one number per channel. */
const batchNorm: Pattern = (view, id) => {
  const [scaled, offset] = view.op(id, 'add')?.inputs ?? [];
  const [unit, scale] = view.inner(scaled, 'mul')?.inputs ?? [];
  const [centred, deviation] = view.inner(unit, 'div')?.inputs ?? [];
  const [x, mean] = view.inner(centred, 'sub')?.inputs ?? [];
  const [spread] = view.op(view.perChannel(deviation), 'sqrt')?.inputs ?? [];
  const [variance, epsilon] = view.op(spread, 'add')?.inputs ?? [];
  const number = view.number(epsilon);
  const lists = [view.perChannel(scale), view.perChannel(offset), view.perChannel(mean), variance];
  if (x === undefined || number === undefined || lists.includes(undefined)) return undefined;
  const rank = view.shape(x).length;
  if (rank !== 2 && rank !== 4) return undefined;
  return {
    inputs: [x, ...(lists as NodeId[])],
    emit: (emit, [given, ...rest]) => {
      const layout = rank === 4 ? 'first' : 'last';
      const operands = [emit.tensor(given!, layout), ...rest.map((list) => emit.tensor(list))];
      const attributes = { epsilon: float(number) };
      return emit.value(emit.op('BatchNormalization', operands, attributes, emit.extentIn(layout)), layout);
    },
  };
};

/** What x was reduced from, where a node is log sum exp x over the last axis, with the largest taken out and put back. */
function logSumExpOf(view: GraphView, id: NodeId | undefined): NodeId | undefined {
  const [log, top] = view.op(id, 'add')?.inputs ?? [];
  const sum = view.op(view.op(log, 'log')?.inputs[0], 'reduce_sum');
  const [x, taken] = view.op(view.op(sum?.inputs[0], 'exp')?.inputs[0], 'sub')?.inputs ?? [];
  const largest = view.op(view.op(top, 'stop')?.inputs[0], 'reduce_max');
  if (x === undefined || top === undefined || view.overLast(taken) !== top || largest?.inputs[0] !== x)
    return undefined;
  const last = String(view.shape(x).length - 1);
  return sum?.attributes.axes.join() === last && largest.attributes.axes.join() === last ? x : undefined;
}

function logSoftmaxOf(view: GraphView, id: NodeId | undefined): NodeId | undefined {
  const [x, over] = view.op(id, 'sub')?.inputs ?? [];
  return x !== undefined && logSumExpOf(view, view.overLast(over)) === x ? x : undefined;
}

const alongLast = (name: string, x: NodeId | undefined): Match | undefined =>
  x === undefined
    ? undefined
    : {
        inputs: [x],
        emit: (emit, [given]) => emit.value(emit.op(name, [emit.tensor(given!)], { axis: int(-1) })),
      };

const softmax: Pattern = (view, id) =>
  alongLast('Softmax', logSoftmaxOf(view, view.op(id, 'exp')?.inputs[0]));
const logSoftmax: Pattern = (view, id) => alongLast('LogSoftmax', logSoftmaxOf(view, id));

/** The numbers 0, 1, ... of a list, made by sorting equal ones. */
const numbering: Pattern = (view, id) => {
  const [of] = view.op(id, 'argsort')?.inputs ?? [];
  if (of === undefined || view.number(of) === undefined) return undefined;
  const count = view.shape(id)[0]!;
  return {
    inputs: [],
    emit: (emit) => emit.value(emit.list.floats(Array.from({ length: count }, (_, i) => i))),
  };
};

/** The first that fits a node stands for it. */
export const PATTERNS: readonly Pattern[] = [
  batchNorm,
  biased,
  relu,
  leakyRelu,
  enlargement,
  maxPool,
  averagePool,
  mean,
  softmax,
  logSoftmax,
  numbering,
];
