/**
 * Values of the graph as tensors of an ONNX graph, in the forms that operators want, each made when it is first asked
 * for: float or bool, pictures with channels last (the spec's) or first (ONNX's), laid out or left to be stretched.
 */
import type { NodeId, OpAttributes, Shape } from '../graph/graph.js';
import { sameShape } from '../ops/shape-checks.js';
import type { Extent, NodeList } from './node-list.js';
import type { Attribute, DataType } from './protobuf.js';

/** Where the channels of pictures are. Tensors of other than four axes are always `last`. */
export type Layout = 'last' | 'first';

/** NHWC to NCHW, and back. */
const TO_FIRST = [0, 3, 1, 2] as const;
const TO_LAST = [0, 2, 3, 1] as const;
/** HWIO to OIHW, of convolutions, and to the IOHW of transposed ones, where our O is their I. */
const FILTER = [3, 2, 0, 1] as const;

export const FILTER_DOC = 'Output channels, input channels, height, width.';
const TRANSPOSED_FILTER_DOC = 'Input channels, output channels, height, width.';

/** A value of the graph, with the forms it has so far. */
export interface Value extends Extent {
  readonly id: NodeId;
  readonly origin:
    | { readonly kind: 'tensor' }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'weights'; readonly name: string; readonly values: ArrayLike<number> }
    | { readonly kind: 'stretched'; readonly of: Value; readonly axes: readonly number[] };
  readonly forms: Map<Form, string>;
}

type Form = `${'float' | 'bool'} ${Layout}`;

/** Axes of a channels-last tensor in a layout. */
export const axisIn = (layout: Layout, axis: number): number =>
  layout === 'last' ? axis : [0, 2, 3, 1][axis]!;

/** What belongs to the axes of a channels-last tensor, in the order of a layout. */
export const inLayout = <T>(layout: Layout, perAxis: readonly T[]): readonly T[] =>
  layout === 'last' ? perAxis : TO_FIRST.map((axis) => perAxis[axis]!);

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
export const word = (value: string): Attribute => ({ kind: 'string', value });

export class Emitter {
  readonly list: NodeList;
  /** A tensor whose axis 0 is the batch. */
  readonly #batchOf: string | undefined;
  #scope = '';
  #id: NodeId = 0;
  #extent: Extent = { shape: [] };

  constructor(list: NodeList, batchOf: string | undefined) {
    this.list = list;
    this.#batchOf = batchOf;
  }

  /** What is made from here on is node `id` of the graph, of this extent, and called after `scope`. */
  enter(id: NodeId, scope: string, extent: Extent): void {
    this.#id = id;
    this.#scope = scope;
    this.#extent = extent;
  }

  /** A node; of the extent of the graph's node where none is given. */
  op(
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    result: Partial<Extent> & { readonly dtype?: DataType } = {},
  ): string {
    const { shape, rows } =
      result.shape === undefined ? this.#extent : { rows: undefined, ...result, shape: result.shape };
    return this.list.add(name, this.#scope, inputs, attributes, {
      shape,
      rows,
      dtype: result.dtype ?? 'float32',
    });
  }

  /** The graph's node, as this tensor holds it. */
  value(tensor: string, layout: Layout = 'last', type: 'float' | 'bool' = 'float'): Value {
    return this.#make({ kind: 'tensor' }, [[`${type} ${layout}`, tensor]]);
  }

  number(value: number): Value {
    return this.#make({ kind: 'number', value });
  }

  weights(name: string, values: ArrayLike<number>): Value {
    return this.#make({ kind: 'weights', name, values });
  }

  stretched(of: Value, axes: readonly number[]): Value {
    return this.#make({ kind: 'stretched', of, axes });
  }

  /** The extent of the graph's node in a layout. */
  extentIn(layout: Layout): Extent {
    const { shape, rows } = this.#extent;
    return { shape: inLayout(layout, shape), rows };
  }

  /** As floats, laid out. */
  tensor(x: Value, layout: Layout = 'last'): string {
    return this.#form(x, `float ${layout}`, () => {
      const bool = x.forms.get(`bool ${layout}`);
      if (bool !== undefined) return this.#cast(bool, 'float32', x, layout);
      switch (x.origin.kind) {
        case 'number':
          return this.list.floats([x.origin.value], []);
        case 'weights':
          if (layout === 'last') return this.list.weights(x.origin.name, x.shape, x.origin.values);
          return this.#relayout(x, 'float');
        case 'stretched':
          return this.#expand(this.stretchable(x, layout), x, layout);
        case 'tensor':
          return this.#relayout(x, 'float');
        default:
          return x.origin satisfies never;
      }
    });
  }

  /** As bools, laid out: where it is not 0. */
  mask(x: Value, layout: Layout = 'last'): string {
    return this.#form(x, `bool ${layout}`, () => {
      const other: Form = `bool ${layout === 'last' ? 'first' : 'last'}`;
      if (x.forms.has(other)) return this.#relayout(x, 'bool');
      const extent = { shape: inLayout(layout, x.shape), rows: x.rows, dtype: 'bool' } as const;
      return this.op('Cast', [this.tensor(x, layout)], { to: int(9) }, extent);
    });
  }

  /** As floats, with axes of size 1 (or no first axes) where an operator stretches them itself. */
  stretchable(x: Value, layout: Layout): string {
    if (x.origin.kind !== 'stretched') return x.shape.length === 0 ? this.tensor(x) : this.tensor(x, layout);
    const { of, axes } = x.origin;
    if (of.shape.length === 0) return this.tensor(of);
    const ones = x.shape.map(() => 1);
    axes.forEach((axis, i) => (ones[axis] = of.shape[i]!));
    const sizes = [...inLayout(layout, ones)];
    const rows = axes[0] === 0 ? of.rows : undefined;
    if (rows === undefined) while (sizes[0] === 1) sizes.shift();
    if (sizes.length < of.shape.length)
      sizes.unshift(...Array.from({ length: of.shape.length - sizes.length }, () => 1));
    if (sameShape(sizes, of.shape)) return this.tensor(of);
    const inOrder = axes.every((axis, i) => i === 0 || axisIn(layout, axes[i - 1]!) < axisIn(layout, axis));
    if (!inOrder) {
      const last = this.reshape(this.tensor(of), { shape: ones, rows });
      return this.op('Transpose', [last], { perm: ints(TO_FIRST) }, { shape: inLayout(layout, ones), rows });
    }
    if (of.origin.kind === 'weights') return this.list.weights(of.origin.name, sizes, of.origin.values);
    return this.reshape(this.tensor(of), { shape: sizes, rows });
  }

  /** The filter of a convolution, HWIO, as ONNX has it. */
  filter(x: Value, transposed: boolean): string {
    const shape = FILTER.map((axis) => x.shape[axis]!);
    if (x.origin.kind === 'weights') {
      const { name, values } = x.origin;
      const doc = transposed ? TRANSPOSED_FILTER_DOC : FILTER_DOC;
      return this.list.weights(name, shape, permuted(values, x.shape, FILTER), doc);
    }
    return this.op('Transpose', [this.tensor(x)], { perm: ints(FILTER) }, { shape });
  }

  reshape(tensor: string, { shape, rows }: Extent): string {
    const target = rows === undefined ? shape : [-1, ...shape.slice(1)];
    return this.op('Reshape', [tensor, this.list.integers(target)], {}, { shape, rows });
  }

  /** The places of a vector's numbers in the order that `attributes` say, as int64; equal ones in their order. */
  sortedOrder(
    tensor: string,
    count: string,
    attributes: Readonly<Record<string, Attribute>>,
    shape: Shape,
  ): string {
    return this.list.addTopK(this.#scope, [tensor, count], attributes, shape);
  }

  /** Class numbers and the like as int64. */
  whole(tensor: string, extent: Extent): string {
    return this.op('Cast', [tensor], { to: int(7) }, { ...extent, dtype: 'int64' });
  }

  /** Whether a picture is at hand with its channels first, and not with its channels last. */
  isFirst(x: Value): boolean {
    return (
      (x.forms.has('float first') || x.forms.has('bool first')) &&
      !x.forms.has('float last') &&
      !x.forms.has('bool last')
    );
  }

  #make(origin: Value['origin'], forms: readonly (readonly [Form, string])[] = []): Value {
    return { ...this.#extent, id: this.#id, origin, forms: new Map(forms) };
  }

  #form(x: Value, form: Form, make: () => string): string {
    const known = x.forms.get(form);
    if (known !== undefined) return known;
    const made = make();
    x.forms.set(form, made);
    return made;
  }

  #cast(tensor: string, dtype: 'float32', { shape, rows }: Value, layout: Layout): string {
    return this.op('Cast', [tensor], { to: int(1) }, { shape: inLayout(layout, shape), rows, dtype });
  }

  /** From the layout it has to the other one. */
  #relayout(x: Value, type: 'float' | 'bool'): string {
    const dtype = type === 'float' ? 'float32' : 'bool';
    const last = x.forms.get(`${type} last`) ?? (x.origin.kind === 'weights' ? this.tensor(x) : undefined);
    const first = x.forms.get(`${type} first`);
    if (last !== undefined) {
      return this.op(
        'Transpose',
        [last],
        { perm: ints(TO_FIRST) },
        { shape: inLayout('first', x.shape), rows: x.rows, dtype },
      );
    }
    if (first !== undefined) {
      return this.op('Transpose', [first], { perm: ints(TO_LAST) }, { shape: x.shape, rows: x.rows, dtype });
    }
    // Bools in the other layout.
    const layout: Layout = x.forms.has('bool last') ? 'last' : 'first';
    this.tensor(x, layout);
    return this.#relayout(x, 'float');
  }

  #expand(tensor: string, x: Value, layout: Layout): string {
    const shape = inLayout(layout, x.shape);
    return this.op('Expand', [tensor, this.#sizes({ shape, rows: x.rows })], {}, { shape, rows: x.rows });
  }

  /** A shape as a tensor. */
  #sizes({ shape, rows }: Extent): string {
    if (rows === undefined) return this.list.integers(shape);
    if (this.#batchOf === undefined)
      throw new Error('internal: nothing that is given says how large the batch is');
    const length = { shape: [1], dtype: 'int64' } as const;
    const batch = this.op('Shape', [this.#batchOf], { start: int(0), end: int(1) }, length);
    const first = rows === 1 ? batch : this.op('Mul', [batch, this.list.integers([rows])], {}, length);
    if (shape.length === 1) return first;
    const rest = this.list.integers(shape.slice(1));
    return this.op('Concat', [first, rest], { axis: int(0) }, { shape: [shape.length], dtype: 'int64' });
  }
}

/** Whether an operand has its full size along an axis of the result without being laid out. */
export function covers(x: Value, axis: number): boolean {
  if (x.origin.kind !== 'stretched') return true;
  const at = x.origin.axes.indexOf(axis);
  return (
    at !== -1 &&
    x.origin.of.shape[at] === x.shape[axis] &&
    x.origin.of.rows === (axis === 0 ? x.rows : undefined)
  );
}

/** A tensor's numbers in the order of other axes. */
export function permuted(
  values: ArrayLike<number>,
  shape: Shape,
  permutation: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const result = new Float32Array(values.length);
  const sizes = permutation.map((axis) => shape[axis]!);
  const steps = permutation.map((axis) => strides[axis]!);
  const place = sizes.map(() => 0);
  let from = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = values[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      place[axis]! += 1;
      from += steps[axis]!;
      if (place[axis]! < sizes[axis]!) break;
      from -= place[axis]! * steps[axis]!;
      place[axis] = 0;
    }
  }
  return result;
}

/** The attributes of a convolution, of ONNX. */
export function convolutionAttributes(
  { strides, padding: [[top, bottom], [left, right]] }: OpAttributes['conv'],
  kernel: readonly number[],
): Readonly<Record<string, Attribute>> {
  return { kernel_shape: ints(kernel), strides: ints(strides), pads: ints([top, left, bottom, right]) };
}
