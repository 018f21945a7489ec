/**
 * What every op of the graph is in tfjs kernels. Only forward kernels and the two convolution gradients are used:
 * gradients come from our own autodiff. Fused kernels are avoided throughout: the fused matmul of tfjs-backend-wasm
 * 4.22 adds its bias once per block of 48 along K.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { OpAttributes, OpName, Padding2D, Shape } from '../../compiler/graph/graph.js';
import { unstretchedShape, type ComparisonOp } from '../../compiler/graph/shortcuts.js';
import { argsort, gather, scatter } from './indexed.js';
import { stagedSum } from './staged-sum.js';

/**
 * Computes a node. `inputs` stay the caller's; everything else a lowering makes is disposed by the caller's
 * `tf.tidy`. The result may be a clone of an input, never the input itself.
 */
export type Lowering<K extends OpName> = (
  inputs: readonly tf.Tensor[],
  attributes: OpAttributes[K],
  shape: Shape,
) => tf.Tensor;

/** `input` nodes have no lowering: the runtime provides them. */
export type LoweredOp = Exclude<OpName, 'input'>;

/** The most axes that the binary kernels of the wasm backend (XNNPACK's) take. */
const BINARY_RANK_LIMIT = 6;

/** Axes of size 1 repeated up to `shape`. A product with ones is 10 times as fast as the wasm backend's Tile. */
function stretched(x: tf.Tensor, shape: Shape): tf.Tensor {
  return shape.length <= BINARY_RANK_LIMIT
    ? tf.mul(x, tf.fill([...shape] as tf.ShapeMap[tf.Rank], 1))
    : tf.broadcastTo(x, [...shape] as tf.ShapeMap[tf.Rank]);
}

/** Comparisons as tfjs gives them: tensors of type bool. */
export const COMPARISONS: Readonly<Record<ComparisonOp, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  greater: tf.greater,
  greater_equal: tf.greaterEqual,
  equal: tf.equal,
};

function unary(apply: (x: tf.Tensor) => tf.Tensor): (inputs: readonly tf.Tensor[]) => tf.Tensor {
  return ([x]) => apply(x!);
}

function binary(
  apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): (inputs: readonly tf.Tensor[]) => tf.Tensor {
  return ([a, b]) => apply(a!, b!);
}

function comparison(op: ComparisonOp): (inputs: readonly tf.Tensor[]) => tf.Tensor {
  return ([a, b]) => tf.cast(COMPARISONS[op](a!, b!), 'float32');
}

const spatialPadding = (padding: Padding2D): [number, number][] => [
  [0, 0],
  [padding[0][0], padding[0][1]],
  [padding[1][0], padding[1][1]],
  [0, 0],
];

const isPadded = (padding: Padding2D): boolean => padding.some(([before, after]) => before > 0 || after > 0);

/** Zeros are laid around the input here, so that every backend sees the 'valid' convolution it surely has. */
function padded(x: tf.Tensor, padding: Padding2D): tf.Tensor4D {
  return (isPadded(padding) ? tf.pad(x, spatialPadding(padding)) : x) as tf.Tensor4D;
}

/** Height or width that `outputs` positions of a `kernel` at `stride` reach over. */
const reach = (outputs: number, kernel: number, stride: number): number => (outputs - 1) * stride + kernel;

/** Grows (with zeros) or cuts `x` at the bottom and right to `height` x `width`. */
function resizedCanvas(x: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [batch, h, w, channels] = x.shape;
  const grown =
    height > h || width > w
      ? tf.pad(x, [
          [0, 0],
          [0, Math.max(0, height - h)],
          [0, Math.max(0, width - w)],
          [0, 0],
        ])
      : x;
  if (grown.shape[1] === height && grown.shape[2] === width) return grown;
  return tf.slice(grown, [0, 0, 0, 0], [batch, height, width, channels]);
}

/** Zeros between neighbours along one axis, by padding a new axis of size 1 behind it. */
function padInterior(x: tf.Tensor, axis: number, interior: number): tf.Tensor {
  const size = x.shape[axis]!;
  const outer = x.shape.slice(0, axis).reduce((product, n) => product * n, 1);
  const inner = x.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const spread = tf.pad(tf.reshape(x, [outer * size, 1, inner]), [
    [0, 0],
    [0, interior],
    [0, 0],
  ]);
  const rows = tf.reshape(spread, [outer, size * (1 + interior), inner]);
  const length = size + (size - 1) * interior;
  const shape = [...x.shape];
  shape[axis] = length;
  return tf.reshape(tf.slice(rows, [0, 0, 0], [outer, length, inner]), shape);
}

export const LOWERINGS: { readonly [K in LoweredOp]: Lowering<K> } = {
  constant: (_, { value }) => tf.scalar(value, 'float32'),

  neg: unary(tf.neg),
  abs: unary(tf.abs),
  sign: unary(tf.sign),
  exp: unary(tf.exp),
  log: unary(tf.log),
  sqrt: unary(tf.sqrt),
  tanh: unary(tf.tanh),
  sigmoid: unary(tf.sigmoid),
  softplus: unary(tf.softplus),
  elu: unary(tf.elu),
  floor: unary(tf.floor),

  add: binary(tf.add),
  sub: binary(tf.sub),
  mul: binary(tf.mul),
  div: binary(tf.div),
  pow: binary(tf.pow),
  maximum: binary(tf.maximum),
  minimum: binary(tf.minimum),
  greater: comparison('greater'),
  greater_equal: comparison('greater_equal'),
  equal: comparison('equal'),
  // A mask that only selections read is left a bool by the walk.
  select: ([mask, a, b]) => tf.where(mask!.dtype === 'bool' ? mask! : tf.notEqual(mask!, 0), a!, b!),

  broadcast: ([x], attributes) =>
    stretched(tf.reshape(x!, unstretchedShape(x!.shape, attributes)), attributes.shape),
  reshape: ([x], { shape }) => tf.reshape(x!, [...shape]),
  transpose: ([x], { permutation }) => tf.transpose(x!, [...permutation]),
  slice: ([x], { start, limit, stride }) =>
    stride.every((step) => step === 1)
      ? tf.slice(
          x!,
          [...start],
          limit.map((end, axis) => end - start[axis]!),
        )
      : tf.stridedSlice(x!, [...start], [...limit], [...stride]),
  pad: ([x], { low, high, interior }) => {
    let spread = tf.clone(x!);
    interior.forEach((zeros, axis) => {
      if (zeros > 0 && x!.shape[axis]! > 1) spread = padInterior(spread, axis, zeros);
    });
    if (low.every((n) => n === 0) && high.every((n) => n === 0)) return spread;
    return tf.pad(
      spread,
      low.map((before, axis): [number, number] => [before, high[axis]!]),
    );
  },
  concat: (inputs, { axis }) => (inputs.length === 1 ? tf.clone(inputs[0]!) : tf.concat([...inputs], axis)),

  reduce_sum: ([x], { axes }) => (axes.length === 0 ? tf.clone(x!) : stagedSum(x!, axes)),
  reduce_max: ([x], { axes }) => (axes.length === 0 ? tf.clone(x!) : tf.max(x!, [...axes])),

  // The wasm backend multiplies transposed operands in scalar code, about 20 times slower than laying them out anew.
  dot: ([a, b], { transposeA, transposeB }) =>
    tf.matMul(transposeA ? tf.transpose(a!) : a!, transposeB ? tf.transpose(b!) : b!),

  conv: ([x, filter], { strides, padding }) =>
    tf.conv2d(padded(x!, padding), filter as tf.Tensor4D, [strides[0], strides[1]], 'valid'),

  conv_input_gradient: ([dy, filter], { strides, padding, size }) => {
    const [[top, bottom], [left, right]] = padding;
    const gradient = fullCorrelation(dy as tf.Tensor4D, filter as tf.Tensor4D, strides);
    // Rows and columns of the padded input that no window reached have gradient zero: the canvas adds them.
    const canvas = resizedCanvas(gradient, size[0] + top + bottom, size[1] + left + right);
    return isPadded(padding)
      ? tf.slice(canvas, [0, top, left, 0], [dy!.shape[0], size[0], size[1], filter!.shape[2]!])
      : tf.clone(canvas);
  },

  conv_filter_gradient: ([x, dy], { strides, padding, kernel }) => {
    const [, outputHeight, outputWidth, outChannels] = dy!.shape as [number, number, number, number];
    // Only the rows and columns that windows reached take part; some backends recompute the output size from x.
    const reached = resizedCanvas(
      padded(x!, padding),
      reach(outputHeight, kernel[0], strides[0]),
      reach(outputWidth, kernel[1], strides[1]),
    );
    return tf.engine().runKernel(tf.Conv2DBackpropFilter, { x: reached, dy: dy! }, {
      strides: [strides[0], strides[1]],
      pad: 'valid',
      dataFormat: 'NHWC',
      dimRoundingMode: undefined,
      filterShape: [kernel[0], kernel[1], x!.shape[3]!, outChannels],
    } as unknown as tf.NamedAttrMap);
  },

  gather: binary(gather),
  scatter: ([updates, indices], { rows }) => scatter(updates!, indices!, rows),
  argsort: unary(argsort),

  stop: unary(tf.clone),
};

/**
 * The input gradient of a convolution without padding, as far as its windows reached: the cotangent, with stride - 1
 * zeros between its elements and kernel - 1 around them, correlated with the filter turned by 180 degrees. Runs on
 * the fast forward kernel; Conv2DBackpropInput of the wasm backend is a scalar loop, 8 times slower at stride 1 and
 * still 1.5 to 2 times at stride 2, where three quarters of this work are zeros.
 */
function fullCorrelation(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  [down, across]: readonly [number, number],
): tf.Tensor4D {
  const [kernelHeight, kernelWidth] = filter.shape;
  let spread: tf.Tensor = dy;
  if (down > 1) spread = padInterior(spread, 1, down - 1);
  if (across > 1) spread = padInterior(spread, 2, across - 1);
  const around = padded(spread, [
    [kernelHeight - 1, kernelHeight - 1],
    [kernelWidth - 1, kernelWidth - 1],
  ]);
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return tf.conv2d(around, turned, 1, 'valid');
}
