/**
 * A cotangent as (scalars, tensor): its value is the product of the rank-0 `factors` times `tensor`.
 *
 * Every gradient rule is linear in the cotangent, so a factor that multiplies a whole tensor (the 1/N of a mean, the
 * -k of BEGAN's loss, the carry of a residual) need not travel through the backward pass: it is kept aside and
 * multiplied in where cotangents with different factors are added, and at the end. Two losses that differ only in
 * such factors then have the same tensors, and the builder's hash-consing makes them share one backward pass.
 */
import type { GraphBuilder } from '../graph/builder.js';
import { add, broadcastTo, constant, div, fill, mul, neg, sub } from '../graph/construct.js';
import type { NodeId } from '../graph/graph.js';

export interface Cotangent {
  /** The compile-time part of the scalar. */
  readonly number: number;
  /** The run-time part: rank-0 nodes in ascending order, an id as often as it is a factor. */
  readonly factors: readonly NodeId[];
  readonly tensor: NodeId;
}

/** Longer products are left whole: products of products (repeated squaring) would grow without bound. */
const MOST_FACTORS = 16;

/** A tensor as a cotangent, with everything that multiplies it as a whole taken out of it. */
export function factored(builder: GraphBuilder, tensor: NodeId): Cotangent {
  let number = 1;
  const factors: NodeId[] = [];
  let rest = tensor;

  const takeOut = (scalar: NodeId): void => {
    const { op, inputs, attributes } = builder.node(scalar);
    if (op === 'constant') {
      number *= attributes.value;
    } else if (op === 'neg') {
      number = -number;
      takeOut(inputs[0]!);
    } else if (op === 'mul' && factors.length < MOST_FACTORS) {
      inputs.forEach(takeOut);
    } else if (op === 'div' && !isOne(builder, inputs[0]!)) {
      takeOut(inputs[0]!);
      takeOutInverse(inputs[1]!);
    } else {
      factors.push(scalar);
    }
  };
  const takeOutInverse = (scalar: NodeId): void => {
    const { op, attributes } = builder.node(scalar);
    if (op === 'constant') number /= attributes.value;
    else factors.push(div(builder, constant(builder, 1), scalar));
  };

  for (;;) {
    const { op, inputs, shape } = builder.node(rest);
    if (shape.length === 0) {
      takeOut(rest);
      return { number, factors: ascending(factors), tensor: constant(builder, 1) };
    }
    const whole = spreadScalar(builder, rest);
    if (whole !== undefined) {
      takeOut(whole);
      return { number, factors: ascending(factors), tensor: fill(builder, shape, 1) };
    }
    const [x, z] = inputs.map((input) => ({ id: input, scalar: spreadScalar(builder, input) }));
    if (op === 'neg') {
      number = -number;
      rest = x!.id;
    } else if (op === 'mul' && z!.scalar !== undefined) {
      takeOut(z!.scalar);
      rest = x!.id;
    } else if (op === 'mul' && x!.scalar !== undefined) {
      takeOut(x!.scalar);
      rest = z!.id;
    } else if (op === 'div' && z!.scalar !== undefined) {
      takeOutInverse(z!.scalar);
      rest = x!.id;
    } else {
      return { number, factors: ascending(factors), tensor: rest };
    }
  }
}

/** The cotangent of a gradient rule's result: `result` came out when `through.tensor` went in. */
export function behind(builder: GraphBuilder, through: Cotangent, result: NodeId): Cotangent {
  const own = factored(builder, result);
  return {
    number: through.number * own.number,
    factors: ascending([...through.factors, ...own.factors]),
    tensor: own.tensor,
  };
}

/** The sum of cotangents. Factors that all of them share stay outside; the others are multiplied in. */
export function total(builder: GraphBuilder, terms: readonly Cotangent[]): Cotangent {
  const [first, ...others] = terms;
  if (first === undefined) throw new RangeError('internal: the sum of no cotangents');
  if (others.length === 0) return first;
  const shared = others.reduce((common, term) => intersection(common, term.factors), first.factors);
  const size = Math.abs(first.number);
  const number =
    size > 0 && size < Infinity && terms.every((term) => Math.abs(term.number) === size) ? size : 1;

  // Terms with the same remaining scalar are added before it is multiplied in.
  const groups = new Map<
    string,
    { readonly number: number; readonly factors: readonly NodeId[]; tensor: NodeId }
  >();
  for (const term of terms) {
    const rest = { number: term.number / number, factors: difference(term.factors, shared) };
    const key = `${rest.number} ${rest.factors.join()}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ...rest, tensor: term.tensor });
    else group.tensor = add(builder, group.tensor, term.tensor);
  }

  const summands = [...groups.values()];
  const isPlus = ({ number: n, factors }: (typeof summands)[number]): boolean =>
    n === 1 && factors.length === 0;
  const isMinus = ({ number: n, factors }: (typeof summands)[number]): boolean =>
    n === -1 && factors.length === 0;
  // A plain tensor first, so that a plain negative one can be subtracted from it.
  summands.sort((a, b) => Number(isPlus(b)) - Number(isPlus(a)));
  const [head, ...tail] = summands;
  const tensor = tail.reduce(
    (sum, term) =>
      isMinus(term) ? sub(builder, sum, term.tensor) : add(builder, sum, multiplied(builder, term)),
    multiplied(builder, head!),
  );
  return behind(builder, { number, factors: shared, tensor }, tensor);
}

/** The cotangent as one tensor. */
export function multiplied(builder: GraphBuilder, { number, factors, tensor }: Cotangent): NodeId {
  if (factors.length === 0) {
    if (number === 1) return tensor;
    if (number === -1) return neg(builder, tensor);
    return timesScalar(builder, tensor, constant(builder, number));
  }
  const product = factors.reduce((left, right) => mul(builder, left, right));
  if (number === 1) return timesScalar(builder, tensor, product);
  return timesScalar(builder, tensor, mul(builder, product, constant(builder, number)));
}

/** tensor * scalar, without a product by one. */
function timesScalar(builder: GraphBuilder, tensor: NodeId, scalar: NodeId): NodeId {
  const shape = builder.shape(tensor);
  if (tensor === fill(builder, shape, 1)) return broadcastTo(builder, scalar, shape);
  return mul(builder, tensor, scalar);
}

/** The rank-0 node that a tensor repeats everywhere. */
function spreadScalar(builder: GraphBuilder, id: NodeId): NodeId | undefined {
  const node = builder.node(id);
  if (node.op !== 'broadcast') return undefined;
  const source = node.inputs[0]!;
  return builder.shape(source).length === 0 ? source : spreadScalar(builder, source);
}

function isOne(builder: GraphBuilder, id: NodeId): boolean {
  const node = builder.node(id);
  return node.op === 'constant' && node.attributes.value === 1;
}

function ascending(ids: readonly NodeId[]): NodeId[] {
  return [...ids].sort((a, b) => a - b);
}

/** Both lists are ascending; an id counts as often as it stands. */
function intersection(a: readonly NodeId[], b: readonly NodeId[]): NodeId[] {
  const rest = [...b];
  return a.filter((id) => {
    const at = rest.indexOf(id);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

function difference(a: readonly NodeId[], b: readonly NodeId[]): NodeId[] {
  const rest = [...b];
  return a.filter((id) => {
    const at = rest.indexOf(id);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
