/**
 * The rules of simplification, by the op they look at. A rule sees the node that is about to be emitted and gives a
 * node of the same value, or undefined. Rules are tried in order.
 *
 * Rules must not hide a NaN or an infinity of an operand whose value counts: no x - x -> 0, no x * 0 -> 0.
 */
import type { GraphBuilder } from '../graph/builder.js';
import {
  add,
  broadcast,
  broadcastTo,
  concat,
  constant,
  div,
  fill,
  mul,
  neg,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  sum,
} from '../graph/construct.js';
import type { NodeId, NodeOf, OpAttributes, OpName, Shape } from '../graph/graph.js';
import type { OpDefinition } from '../ops/op.js';
import { OPS } from '../ops/ops.js';
import type { PointwiseName } from '../ops/pointwise-ops.js';
import { elementCount, sameShape } from '../ops/shape-checks.js';
import { uniformConstant, uniformSource } from '../graph/uniform.js';

export type Rule<K extends OpName> = (
  builder: GraphBuilder,
  inputs: readonly NodeId[],
  attributes: OpAttributes[K],
  op: K,
) => NodeId | undefined;

/** The node, if it is of this op. */
function nodeOf<K extends OpName>(builder: GraphBuilder, id: NodeId, op: K): NodeOf<K> | undefined {
  const node = builder.node(id);
  return node.op === op ? (node as unknown as NodeOf<K>) : undefined;
}

/** op(constants) of rank 0 is a constant. What is not finite is left to run, so that it stays visible. */
const foldNumbers = <K extends PointwiseName>(
  b: GraphBuilder,
  inputs: readonly NodeId[],
  attributes: OpAttributes[K],
  op: K,
): NodeId | undefined => {
  const values = inputs.map((id) => nodeOf(b, id, 'constant')?.attributes.value);
  if (!values.every((value) => value !== undefined)) return undefined;
  const definition: OpDefinition<K> = OPS[op];
  const [folded] = definition.evaluate(
    values.map((value) => ({ shape: [], data: Float64Array.of(value) })),
    attributes,
    [],
  );
  return folded !== undefined && Number.isFinite(folded) ? constant(b, folded) : undefined;
};

/** op(repeated x, repeated z) is op(x, z), repeated: fewer elements are worked on. Numbers are repeated as needed. */
const beforeBroadcast = <K extends PointwiseName>(
  b: GraphBuilder,
  inputs: readonly NodeId[],
  attributes: OpAttributes[K],
  op: K,
): NodeId | undefined => {
  const shape = b.shape(inputs[0]!);
  if (shape.length === 0) return undefined;
  const sources = inputs.map((id) => uniformSource(b, id));
  if (sources.every((source) => source !== undefined)) {
    return broadcastTo(b, b.emit(op, sources, attributes), shape);
  }
  let common: NodeOf<'broadcast'> | undefined;
  for (const [i, id] of inputs.entries()) {
    if (sources[i] !== undefined) continue;
    const node = nodeOf(b, id, 'broadcast');
    if (node === undefined) return undefined;
    common ??= node;
    const alike =
      node.attributes.axes.join() === common.attributes.axes.join() &&
      sameShape(b.shape(node.inputs[0]!), b.shape(common.inputs[0]!));
    if (!alike) return undefined;
  }
  if (common === undefined) return undefined;
  const small = b.shape(common.inputs[0]!);
  const operands = inputs.map((id, i) => {
    const source = sources[i];
    return source === undefined ? b.node(id).inputs[0]! : broadcastTo(b, source, small);
  });
  return broadcast(b, b.emit(op, operands, attributes), shape, common.attributes.axes);
};

/** Rules that hold for every pointwise op, behind those of its own. */
function pointwise<K extends PointwiseName>(...own: readonly Rule<K>[]): readonly Rule<K>[] {
  return [...own, foldNumbers, beforeBroadcast];
}

/** x of neg(x). */
function negated(b: GraphBuilder, id: NodeId): NodeId | undefined {
  return nodeOf(b, id, 'neg')?.inputs[0];
}

/** The operand of a product that is a repeated number, and the other one. */
function scaled(b: GraphBuilder, [x, z]: readonly NodeId[]): { tensor: NodeId; scalar: NodeId } | undefined {
  const [sx, sz] = [uniformSource(b, x!), uniformSource(b, z!)];
  if (sz !== undefined) return { tensor: x!, scalar: sz };
  return sx === undefined ? undefined : { tensor: z!, scalar: sx };
}

function isIdentity(list: readonly number[]): boolean {
  return list.every((value, i) => value === i);
}

/** The axes a broadcast repeats along as a whole: those that are new in its output. */
function newAxes({ shape, axes }: OpAttributes['broadcast']): number[] {
  return shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
}

/** Sizes and strides apart, the last index a slice reads along an axis. */
function lastRead({ start, limit, stride }: OpAttributes['slice'], axis: number): number {
  const count = Math.ceil((limit[axis]! - start[axis]!) / stride[axis]!);
  return start[axis]! + (count - 1) * stride[axis]!;
}

/** Two slices of one tensor that follow each other along `axis` and agree elsewhere, as one. */
function joined(b: GraphBuilder, left: NodeId, right: NodeId, axis: number): NodeId | undefined {
  const [x, y] = [wholeSlice(b, left), wholeSlice(b, right)];
  const source = [x.source, y.source].every((id) => id === x.source) ? x.source : undefined;
  if (source === undefined) return undefined;
  const fits = x.start.every((_, i) =>
    i === axis
      ? x.limit[i] === y.start[i] && x.stride[i] === 1 && y.stride[i] === 1
      : x.start[i] === y.start[i] && x.limit[i] === y.limit[i] && x.stride[i] === y.stride[i],
  );
  if (!fits) return undefined;
  return slice(
    b,
    source,
    x.start,
    x.limit.map((limit, i) => (i === axis ? y.limit[i]! : limit)),
    x.stride,
  );
}

/** Any node as a slice: of its input when it is one, else of itself. */
function wholeSlice(b: GraphBuilder, id: NodeId): OpAttributes['slice'] & { readonly source: NodeId } {
  const node = nodeOf(b, id, 'slice');
  if (node !== undefined) return { ...node.attributes, source: node.inputs[0]! };
  const shape = b.shape(id);
  return { source: id, start: shape.map(() => 0), limit: shape, stride: shape.map(() => 1) };
}

/** The parts of a concat as one broadcast, where all repeat the same tensor along the axis they are joined on. */
function joinedBroadcast(b: GraphBuilder, parts: readonly NodeId[], axis: number): NodeId | undefined {
  const first = nodeOf(b, parts[0]!, 'broadcast');
  if (first === undefined) return undefined;
  const source = first.inputs[0]!;
  const { axes } = first.attributes;
  const from = axes.indexOf(axis);
  if (from >= 0 && b.shape(source)[from] !== 1) return undefined;
  let size = 0;
  for (const part of parts) {
    const node = nodeOf(b, part, 'broadcast');
    if (node === undefined || node.inputs[0] !== source || node.attributes.axes.join() !== axes.join()) {
      return undefined;
    }
    size += node.shape[axis]!;
  }
  return broadcast(
    b,
    source,
    first.shape.map((own, i) => (i === axis ? size : own)),
    axes,
  );
}

/** Reducing over axes of size 1 only is a reshape. */
function withoutSizeOne(b: GraphBuilder, x: NodeId, axes: readonly number[]): NodeId | undefined {
  const shape = b.shape(x);
  if (!axes.every((axis) => shape[axis] === 1)) return undefined;
  return reshape(
    b,
    x,
    shape.filter((_, axis) => !axes.includes(axis)),
  );
}

function keeps(shape: Shape, axes: readonly number[]): number[] {
  return shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
}

export const RULES: { readonly [K in OpName]?: readonly Rule<K>[] } = {
  stop: [(_b, [x]) => x],

  neg: pointwise(
    (b, [x]) => negated(b, x!),
    (b, [x]) => {
      const difference = nodeOf(b, x!, 'sub');
      return difference && sub(b, difference.inputs[1]!, difference.inputs[0]!);
    },
  ),
  abs: pointwise(
    (b, [x]) => (nodeOf(b, x!, 'abs') === undefined ? undefined : x),
    (b, [x]) => {
      const inner = negated(b, x!);
      return inner === undefined ? undefined : b.emit('abs', [inner], {});
    },
  ),
  sign: pointwise(),
  exp: pointwise(),
  log: pointwise(),
  sqrt: pointwise(),
  tanh: pointwise(),
  sigmoid: pointwise(),
  softplus: pointwise(),
  elu: pointwise(),
  floor: pointwise(),

  add: pointwise(
    (b, [x, z]) => (uniformConstant(b, z!) === 0 ? x : undefined),
    (b, [x, z]) => (uniformConstant(b, x!) === 0 ? z : undefined),
    (b, [x, z]) => {
      const inner = negated(b, z!);
      return inner === undefined ? undefined : sub(b, x!, inner);
    },
    (b, [x, z]) => {
      const inner = negated(b, x!);
      return inner === undefined ? undefined : sub(b, z!, inner);
    },
  ),
  sub: pointwise(
    (b, [x, z]) => (uniformConstant(b, z!) === 0 ? x : undefined),
    (b, [x, z]) => (uniformConstant(b, x!) === 0 ? neg(b, z!) : undefined),
    (b, [x, z]) => {
      const inner = negated(b, z!);
      return inner === undefined ? undefined : add(b, x!, inner);
    },
  ),
  mul: pointwise(
    (b, [x, z]) => (uniformConstant(b, z!) === 1 ? x : undefined),
    (b, [x, z]) => (uniformConstant(b, x!) === 1 ? z : undefined),
    (b, [x, z]) => (uniformConstant(b, z!) === -1 ? neg(b, x!) : undefined),
    (b, [x, z]) => (uniformConstant(b, x!) === -1 ? neg(b, z!) : undefined),
    // (x * a) * c = x * (a * c) for numbers a and c: one product per element instead of two.
    (b, inputs) => {
      if (b.shape(inputs[0]!).length === 0) return undefined;
      const outer = scaled(b, inputs);
      if (outer === undefined || uniformSource(b, outer.tensor) !== undefined) return undefined;
      const product = nodeOf(b, outer.tensor, 'mul');
      const inner = product && scaled(b, product.inputs);
      return inner && mul(b, inner.tensor, mul(b, inner.scalar, outer.scalar));
    },
    (b, inputs) => {
      const outer = scaled(b, inputs);
      const inner = outer && negated(b, outer.tensor);
      if (outer === undefined || inner === undefined || b.shape(inner).length === 0) return undefined;
      return mul(b, inner, neg(b, outer.scalar));
    },
  ),
  div: pointwise(
    (b, [x, z]) => (uniformConstant(b, z!) === 1 ? x : undefined),
    (b, [x, z]) => (uniformConstant(b, z!) === -1 ? neg(b, x!) : undefined),
  ),
  pow: pointwise((b, [x, z]) => {
    switch (uniformConstant(b, z!)) {
      case 0:
        return fill(b, b.shape(x!), 1);
      case 1:
        return x;
      case 2:
        return square(b, x!);
      case 3:
        return mul(b, square(b, x!), x!);
      case 0.5:
        return sqrt(b, x!);
      case -1:
        return div(b, constant(b, 1), x!);
      default:
        return undefined;
    }
  }),
  maximum: pointwise((_b, [x, z]) => (x === z ? x : undefined)),
  minimum: pointwise((_b, [x, z]) => (x === z ? x : undefined)),
  greater: pointwise(),
  greater_equal: pointwise(),
  equal: pointwise(),
  select: pointwise(
    (_b, [, x, z]) => (x === z ? x : undefined),
    (b, [mask, x, z]) => {
      const chosen = uniformConstant(b, mask!);
      if (chosen === undefined) return undefined;
      return chosen !== 0 ? x : z;
    },
  ),

  broadcast: [
    (b, [x], { shape, axes }) => {
      const inner = nodeOf(b, x!, 'broadcast');
      if (inner === undefined) return undefined;
      return broadcast(
        b,
        inner.inputs[0]!,
        shape,
        inner.attributes.axes.map((axis) => axes[axis]!),
      );
    },
    // Nothing is repeated: the same numbers, perhaps with axes of size 1 put in. Numbers of rank 0 stay broadcasts,
    // which other rules look for.
    (b, [x], { shape }) => {
      const from = b.shape(x!);
      if (from.length === 0) return shape.length === 0 ? x : undefined;
      return elementCount(from) === elementCount(shape) ? reshape(b, x!, shape) : undefined;
    },
  ],
  reshape: [
    (b, [x], { shape }) => (sameShape(b.shape(x!), shape) ? x : undefined),
    (b, [x], { shape }) => {
      const inner = nodeOf(b, x!, 'reshape');
      return inner && reshape(b, inner.inputs[0]!, shape);
    },
    (b, [x], { shape }) => repeated(b, x!, shape),
  ],
  transpose: [
    (_b, [x], { permutation }) => (isIdentity(permutation) ? x : undefined),
    (b, [x], { permutation }) => {
      const inner = nodeOf(b, x!, 'transpose');
      if (inner === undefined) return undefined;
      return b.emit('transpose', [inner.inputs[0]!], {
        permutation: permutation.map((axis) => inner.attributes.permutation[axis]!),
      });
    },
    // Axes of size 1 may go anywhere: where the others keep their order nothing moves in memory.
    (b, [x], { permutation }) => {
      const shape = b.shape(x!);
      const long = permutation.filter((axis) => shape[axis] !== 1);
      const inOrder = long.every((axis, i) => i === 0 || long[i - 1]! < axis);
      return inOrder
        ? reshape(
            b,
            x!,
            permutation.map((axis) => shape[axis]!),
          )
        : undefined;
    },
    (b, [x], { permutation }) => {
      const shape = b.shape(x!);
      return repeated(
        b,
        x!,
        permutation.map((axis) => shape[axis]!),
      );
    },
  ],
  slice: [
    (b, [x], { start, limit, stride }) => {
      const whole = b.shape(x!).every((size, i) => start[i] === 0 && limit[i] === size && stride[i] === 1);
      return whole ? x : undefined;
    },
    (b, [x], { start, limit, stride }) =>
      repeated(
        b,
        x!,
        start.map((s, i) => Math.ceil((limit[i]! - s) / stride[i]!)),
      ),
    // Along axes that a broadcast repeats, a slice is a smaller broadcast.
    (b, [x], { start, limit, stride }) => {
      const inner = nodeOf(b, x!, 'broadcast');
      if (inner === undefined) return undefined;
      const source = b.shape(inner.inputs[0]!);
      const shape = inner.shape.map((size, axis) => {
        const sliced = Math.ceil((limit[axis]! - start[axis]!) / stride[axis]!);
        const from = inner.attributes.axes.indexOf(axis);
        return sliced === size || from < 0 || source[from] === 1 ? sliced : undefined;
      });
      if (!shape.every((size) => size !== undefined)) return undefined;
      return broadcast(b, inner.inputs[0]!, shape, inner.attributes.axes);
    },
    (b, [x], attributes) => {
      const inner = nodeOf(b, x!, 'slice');
      if (inner === undefined) return undefined;
      const place = (i: number, axis: number): number =>
        inner.attributes.start[axis]! + i * inner.attributes.stride[axis]!;
      return slice(
        b,
        inner.inputs[0]!,
        attributes.start.map(place),
        attributes.limit.map((_, axis) => place(lastRead(attributes, axis), axis) + 1),
        attributes.stride.map((step, axis) => step * inner.attributes.stride[axis]!),
      );
    },
    // A slice that lies in one part of a concat reads that part.
    (b, [x], attributes) => {
      const inner = nodeOf(b, x!, 'concat');
      if (inner === undefined) return undefined;
      const { axis } = inner.attributes;
      let begin = 0;
      for (const part of inner.inputs) {
        const end = begin + b.shape(part)[axis]!;
        if (attributes.start[axis]! >= begin && lastRead(attributes, axis) < end) {
          const moved = (list: readonly number[], by: number): number[] =>
            list.map((value, i) => (i === axis ? value - by : value));
          const limit = attributes.limit.map((value, i) => (i === axis ? Math.min(value, end) : value));
          return slice(b, part, moved(attributes.start, begin), moved(limit, begin), attributes.stride);
        }
        begin = end;
      }
      return undefined;
    },
  ],
  pad: [
    (_b, [x], { low, high, interior }) =>
      [low, high, interior].every((list) => list.every((count) => count === 0)) ? x : undefined,
    (b, [x], { low, high, interior }) => {
      const inner = nodeOf(b, x!, 'pad');
      if (inner === undefined || ![...interior, ...inner.attributes.interior].every((count) => count === 0)) {
        return undefined;
      }
      return b.emit('pad', inner.inputs, {
        low: low.map((count, i) => count + inner.attributes.low[i]!),
        high: high.map((count, i) => count + inner.attributes.high[i]!),
        interior,
      });
    },
  ],
  concat: [
    (_b, inputs) => (inputs.length === 1 ? inputs[0] : undefined),
    (b, inputs, { axis }) => {
      const flat = inputs.flatMap((part) => {
        const inner = nodeOf(b, part, 'concat');
        return inner?.attributes.axis === axis ? inner.inputs : [part];
      });
      return flat.length === inputs.length ? undefined : concat(b, flat, axis);
    },
    (b, inputs, { axis }) => joinedBroadcast(b, inputs, axis),
    (b, inputs, { axis }) => {
      for (let i = 0; i + 1 < inputs.length; i++) {
        const one = joined(b, inputs[i]!, inputs[i + 1]!, axis);
        if (one !== undefined) return concat(b, [...inputs.slice(0, i), one, ...inputs.slice(i + 2)], axis);
      }
      return undefined;
    },
  ],

  reduce_sum: [
    (b, [x], { axes }) => withoutSizeOne(b, x!, axes),
    (b, [x], { axes }) => {
      const inner = nodeOf(b, x!, 'reduce_sum');
      if (inner === undefined) return undefined;
      const source = inner.inputs[0]!;
      const kept = keeps(b.shape(source), inner.attributes.axes);
      const all = [...inner.attributes.axes, ...axes.map((axis) => kept[axis]!)].sort((p, q) => p - q);
      return sum(b, source, all);
    },
    // The sum of n equal things is n times one.
    (b, [x], { axes }) => {
      const inner = nodeOf(b, x!, 'broadcast');
      if (inner === undefined) return undefined;
      const dropped = newAxes(inner.attributes).filter((axis) => axes.includes(axis));
      if (dropped.length === 0) return undefined;
      const { shape } = inner;
      const kept = keeps(shape, dropped);
      const position = (axis: number): number => kept.indexOf(axis);
      const smaller = broadcast(
        b,
        inner.inputs[0]!,
        kept.map((axis) => shape[axis]!),
        inner.attributes.axes.map(position),
      );
      const rest = sum(b, smaller, axes.filter((axis) => !dropped.includes(axis)).map(position));
      return mul(b, rest, constant(b, elementCount(dropped.map((axis) => shape[axis]!))));
    },
    // The sum of everything does not mind the order.
    (b, [x], { axes }) => {
      const inner = nodeOf(b, x!, 'reshape') ?? nodeOf(b, x!, 'transpose');
      if (inner === undefined || axes.length < b.shape(x!).length) return undefined;
      return sum(b, inner.inputs[0]!);
    },
  ],
  reduce_max: [
    (b, [x], { axes }) => withoutSizeOne(b, x!, axes),
    (b, [x], { axes }) => {
      const shape = b.shape(x!);
      return repeated(
        b,
        x!,
        keeps(shape, axes).map((axis) => shape[axis]!),
      );
    },
  ],
};

/** A tensor of one number everywhere, in another shape. */
function repeated(b: GraphBuilder, x: NodeId, shape: Shape): NodeId | undefined {
  const source = uniformSource(b, x);
  return source === undefined || source === x ? undefined : broadcastTo(b, source, shape);
}
