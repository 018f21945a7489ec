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
  readonly sign: 1 | -1;
  /**
   * Rank-0 nodes in ascending order, an id as often as it is a factor. Constants are kept apart like all others,
   * and positive, because products of them could not be told equal after rounding.
   */
  readonly factors: readonly NodeId[];
  readonly tensor: NodeId;
}

/** Longer products are left whole: products of products (repeated squaring) would grow without bound. */
const MOST_FACTORS = 16;

/** A tensor as a cotangent, with everything that multiplies it as a whole taken out of it. */
export function factored(builder: GraphBuilder, tensor: NodeId): Cotangent {
  let sign: 1 | -1 = 1;
  const factors: NodeId[] = [];
  const flip = (): void => {
    sign = sign === 1 ? -1 : 1;
  };
  const takeOutNumber = (value: number): void => {
    if (value < 0) flip();
    if (Math.abs(value) !== 1) factors.push(constant(builder, Math.abs(value)));
  };
  const takeOut = (scalar: NodeId): void => {
    const { op, inputs, attributes } = builder.node(scalar);
    if (op === 'constant') {
      takeOutNumber(attributes.value);
    } else if (op === 'neg') {
      flip();
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
    if (op === 'constant') takeOutNumber(1 / attributes.value);
    else factors.push(div(builder, constant(builder, 1), scalar));
  };

  let rest = tensor;
  for (;;) {
    const { op, inputs, shape } = builder.node(rest);
    if (shape.length === 0) {
      takeOut(rest);
      return { sign, factors: ascending(factors), tensor: constant(builder, 1) };
    }
    const whole = spreadScalar(builder, rest);
    if (whole !== undefined) {
      takeOut(whole);
      return { sign, factors: ascending(factors), tensor: fill(builder, shape, 1) };
    }
    const [x, z] = inputs.map((input) => ({ id: input, scalar: spreadScalar(builder, input) }));
    if (op === 'neg') {
      flip();
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
      return { sign, factors: ascending(factors), tensor: rest };
    }
  }
}

/** The cotangent of a gradient rule's result: `result` came out when `through.tensor` went in. */
export function behind(builder: GraphBuilder, through: Cotangent, result: NodeId): Cotangent {
  const own = factored(builder, result);
  return {
    sign: through.sign === own.sign ? 1 : -1,
    factors: ascending([...through.factors, ...own.factors]),
    tensor: own.tensor,
  };
}

/**
 * The sum of cotangents. Factors that all of them share stay outside, and so does the sign of the first: the tensor
 * is then the same for every multiple of the same sum. The other factors are multiplied in.
 */
export function total(builder: GraphBuilder, terms: readonly Cotangent[]): Cotangent {
  const [first, ...others] = terms;
  if (first === undefined) throw new RangeError('internal: the sum of no cotangents');
  if (others.length === 0) return first;
  const shared = others.reduce((common, term) => intersection(common, term.factors), first.factors);

  // Terms with the same remaining scalar are added before it is multiplied in.
  const groups = new Map<string, Cotangent>();
  for (const term of terms) {
    const sign = term.sign === first.sign ? 1 : -1;
    const factors = difference(term.factors, shared);
    const key = `${sign} ${factors.join()}`;
    const known = groups.get(key);
    const tensor = known === undefined ? term.tensor : add(builder, known.tensor, term.tensor);
    groups.set(key, { sign, factors, tensor });
  }

  const [head, ...tail] = groups.values();
  const tensor = tail.reduce(
    (sum, term) => {
      const summand = multiplied(builder, { ...term, sign: 1 });
      return term.sign === 1 ? add(builder, sum, summand) : sub(builder, sum, summand);
    },
    multiplied(builder, head!),
  );
  return behind(builder, { sign: first.sign, factors: shared, tensor }, tensor);
}

/** The cotangent as one tensor. */
export function multiplied(builder: GraphBuilder, { sign, factors, tensor }: Cotangent): NodeId {
  let number: number = sign;
  const runtime: NodeId[] = [];
  for (const factor of factors) {
    const node = builder.node(factor);
    if (node.op === 'constant') number *= node.attributes.value;
    else runtime.push(factor);
  }
  if (runtime.length === 0) {
    if (number === 1) return tensor;
    if (number === -1) return neg(builder, tensor);
    return timesScalar(builder, tensor, constant(builder, number));
  }
  const product = runtime.reduce((left, right) => mul(builder, left, right));
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
