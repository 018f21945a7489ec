/** TensorFlow's ops as lowerings use them: each adds one node below a scope and gives its tensor. */
import type { Padding2D, Shape } from '../graph/graph.js';
import type { NodeList, Operand } from './node-list.js';
import type { AttrValue, DataType } from './protobuf.js';

const type = (value: DataType): AttrValue => ({ kind: 'type', value });
const flag = (value: boolean): AttrValue => ({ kind: 'bool', value });

export interface ConvolutionOptions {
  /** Steps between the filter's elements; 1 where left out. */
  readonly dilations?: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding2D;
}

export class Emitter {
  readonly list: NodeList;
  readonly #scope: string;

  /** `scope` stands before the names of all nodes. */
  constructor(list: NodeList, scope: string) {
    this.list = list;
    this.#scope = scope;
  }

  /** An op whose result has the type and the shape of its first operand unless told otherwise. */
  op(
    name: string,
    inputs: readonly Operand[],
    attributes: Readonly<Record<string, AttrValue>>,
    result: { readonly shape: Shape; readonly dtype?: DataType },
  ): Operand {
    const tensor = this.list.add(
      name,
      `${this.#scope}/${name}`,
      inputs.map((input) => input.tensor),
      attributes,
    );
    return { tensor, dtype: result.dtype ?? inputs[0]!.dtype, shape: result.shape };
  }

  unary(name: string, x: Operand): Operand {
    return this.op(name, [x], { T: type(x.dtype) }, { shape: x.shape });
  }

  /** Operands of equal rank, or single numbers; axes of size 1 are stretched. */
  binary(name: string, a: Operand, b: Operand): Operand {
    return this.op(name, [a, b], { T: type(a.dtype) }, { shape: stretchedShape(a, b) });
  }

  /** Gives bools. */
  compare(name: string, a: Operand, b: Operand): Operand {
    return this.op(name, [a, b], { T: type(a.dtype) }, { shape: stretchedShape(a, b), dtype: 'bool' });
  }

  and(a: Operand, b: Operand): Operand {
    return this.op('LogicalAnd', [a, b], {}, { shape: stretchedShape(a, b) });
  }

  select(mask: Operand, a: Operand, b: Operand): Operand {
    const { dtype } = a;
    return this.op('SelectV2', [mask, a, b], { T: type(dtype) }, { shape: stretchedShape(mask, a), dtype });
  }

  cast(x: Operand, dtype: DataType): Operand {
    return this.op('Cast', [x], { SrcT: type(x.dtype), DstT: type(dtype) }, { shape: x.shape, dtype });
  }

  reshape(x: Operand, shape: Shape): Operand {
    if (x.shape.length === shape.length && x.shape.every((size, axis) => size === shape[axis])) return x;
    return this.op(
      'Reshape',
      [x, this.list.integers(shape)],
      { T: type(x.dtype), Tshape: type('int32') },
      { shape },
    );
  }

  broadcastTo(x: Operand, shape: Shape): Operand {
    if (x.shape.every((size, axis) => size === shape[axis])) return x;
    return this.op(
      'BroadcastTo',
      [x, this.list.integers(shape)],
      { T: type(x.dtype), Tidx: type('int32') },
      { shape },
    );
  }

  transpose(x: Operand, permutation: readonly number[]): Operand {
    const shape = permutation.map((axis) => x.shape[axis]!);
    return this.op(
      'Transpose',
      [x, this.list.integers(permutation)],
      { T: type(x.dtype), Tperm: type('int32') },
      { shape },
    );
  }

  slice(
    x: Operand,
    start: readonly number[],
    limit: readonly number[],
    stride: readonly number[],
    shape: Shape,
  ): Operand {
    return this.op(
      'StridedSlice',
      [x, this.list.integers(start), this.list.integers(limit), this.list.integers(stride)],
      { T: type(x.dtype), Index: type('int32') },
      { shape },
    );
  }

  /** Zeros before and behind every axis. */
  pad(x: Operand, low: readonly number[], high: readonly number[]): Operand {
    const amounts = low.flatMap((before, axis) => [before, high[axis]!]);
    if (amounts.every((amount) => amount === 0)) return x;
    return this.op(
      'Pad',
      [x, this.list.integers(amounts, [low.length, 2])],
      { T: type(x.dtype), Tpaddings: type('int32') },
      { shape: x.shape.map((size, axis) => low[axis]! + size + high[axis]!) },
    );
  }

  concat(parts: readonly Operand[], axis: number, shape: Shape): Operand {
    return this.op(
      'ConcatV2',
      [...parts, this.list.integers([axis], [])],
      { N: { kind: 'int', value: parts.length }, T: type(parts[0]!.dtype), Tidx: type('int32') },
      { shape },
    );
  }

  /** `Sum` or `Max` over axes, which disappear. */
  reduce(name: string, x: Operand, axes: readonly number[], shape: Shape): Operand {
    return this.op(
      name,
      [x, this.list.integers(axes)],
      { T: type(x.dtype), Tidx: type('int32'), keep_dims: flag(false) },
      { shape },
    );
  }

  matMul(a: Operand, b: Operand, transposeA: boolean, transposeB: boolean, shape: Shape): Operand {
    return this.op(
      'MatMul',
      [a, b],
      { T: type(a.dtype), transpose_a: flag(transposeA), transpose_b: flag(transposeB) },
      { shape },
    );
  }

  /** `Conv2D` or one of its two gradients, NHWC. */
  convolution(name: string, inputs: readonly Operand[], options: ConvolutionOptions, shape: Shape): Operand {
    const { strides, padding, dilations = [1, 1] } = options;
    const [[top, bottom], [left, right]] = padding;
    const amounts = [0, 0, top, bottom, left, right, 0, 0];
    const padded = amounts.some((amount) => amount > 0);
    return this.op(
      name,
      inputs,
      {
        T: type('float32'),
        strides: { kind: 'ints', value: [1, strides[0], strides[1], 1] },
        padding: { kind: 'string', value: padded ? 'EXPLICIT' : 'VALID' },
        ...(padded ? { explicit_paddings: { kind: 'ints', value: amounts } as const } : {}),
        // The default, written out: the loader of TensorFlow.js has none.
        dilations: { kind: 'ints', value: [1, dilations[0], dilations[1], 1] },
        data_format: { kind: 'string', value: 'NHWC' },
      },
      { shape, dtype: 'float32' },
    );
  }

  /** Rows of a table; indices are int32. */
  gather(table: Operand, indices: Operand): Operand {
    return this.op(
      'GatherV2',
      [table, indices, this.list.integers([0], [])],
      { Tparams: type(table.dtype), Tindices: type('int32'), Taxis: type('int32') },
      { shape: [...indices.shape, ...table.shape.slice(1)] },
    );
  }

  /** Sums of the rows with equal index, from int32 indices that all lie in [0, rows). */
  scatter(x: Operand, indices: Operand, rows: number): Operand {
    const shape = [rows, ...x.shape.slice(1)];
    return this.op(
      'ScatterNd',
      [this.reshape(indices, [...indices.shape, 1]), x, this.list.integers(shape)],
      { T: type(x.dtype), Tindices: type('int32') },
      { shape, dtype: x.dtype },
    );
  }

  /** Sums of the rows with equal index; rows with a negative index are dropped. */
  segmentSum(x: Operand, indices: Operand, rows: number): Operand {
    return this.op(
      'UnsortedSegmentSum',
      [x, indices, this.list.integers([rows], [])],
      { T: type(x.dtype), Tindices: type('int32'), Tnumsegments: type('int32') },
      { shape: [rows, ...x.shape.slice(1)] },
    );
  }

  /** The places of a vector's numbers from the largest to the smallest, as int32; equal ones in their order. */
  descendingOrder(x: Operand): Operand {
    const sorted = this.op(
      'TopKV2',
      [x, this.list.integers([x.shape[0]!], [])],
      { T: type(x.dtype), sorted: flag(true) },
      { shape: x.shape },
    );
    return { tensor: `${sorted.tensor}:1`, dtype: 'int32', shape: x.shape };
  }
}

function stretchedShape(a: Operand, b: Operand): Shape {
  const [long, short] = a.shape.length >= b.shape.length ? [a.shape, b.shape] : [b.shape, a.shape];
  const offset = long.length - short.length;
  return long.map((size, axis) => (axis < offset ? size : Math.max(size, short[axis - offset]!)));
}
