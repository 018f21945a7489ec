/** Each pointwise op as vector code: a missing one is a type error. Operands are locals, so that they may be read twice. */
import type { PointwiseOp } from '../../plan/kernel.js';
import { f32x4, v128 } from '../assembler/expression.js';
import type { V128 } from '../assembler/expression.js';
import type { FunctionBuilder, Local } from '../assembler/function-builder.js';
import { elu, exp, sigmoid, tanh } from './exponential.js';
import { log, softplus } from './logarithm.js';
import { power, powerOfConstant } from './power.js';

export interface Operand {
  readonly value: Local<'v128'>;
  /** The number, where the operand is one everywhere. */
  readonly constant?: number | undefined;
}

type Lowering = (f: FunctionBuilder, operands: readonly Operand[]) => V128;

const one = f32x4.constant(1);
const zero = f32x4.constant(0);

const unary =
  (write: (f: FunctionBuilder, x: Local<'v128'>) => V128): Lowering =>
  (f, [x]) =>
    write(f, x!.value);
const binary =
  (write: (x: V128, z: V128) => V128): Lowering =>
  (_, [x, z]) =>
    write(x!.value, z!.value);
/** A comparison as the graph has it: 1 or 0. */
const mask = (compare: (x: V128, z: V128) => V128): Lowering =>
  binary((x, z) => v128.and(compare(x, z), one));

export const POINTWISE_LOWERING: Readonly<Record<PointwiseOp, Lowering>> = {
  neg: unary((_, x) => f32x4.negate(x)),
  abs: unary((_, x) => f32x4.absolute(x)),
  // NaN is neither above nor below 0 and must not become 0: it is added back.
  sign: unary((_, x) =>
    v128.select(
      f32x4.subtract(v128.and(f32x4.greater(x, zero), one), v128.and(f32x4.less(x, zero), one)),
      x,
      f32x4.equal(x, x),
    ),
  ),
  exp: unary(exp),
  log: unary(log),
  sqrt: unary((_, x) => f32x4.squareRoot(x)),
  tanh: unary(tanh),
  sigmoid: unary(sigmoid),
  softplus: unary(softplus),
  elu: unary(elu),
  floor: unary((_, x) => f32x4.floor(x)),
  add: binary(f32x4.add),
  sub: binary(f32x4.subtract),
  mul: binary(f32x4.multiply),
  div: binary(f32x4.divide),
  pow: (f, [x, z]) => {
    const short = z!.constant === undefined ? undefined : powerOfConstant(f, x!.value, z!.constant);
    return short ?? power(f, x!.value, z!.value);
  },
  maximum: binary(f32x4.maximum),
  minimum: binary(f32x4.minimum),
  greater: mask(f32x4.greater),
  greater_equal: mask(f32x4.greaterOrEqual),
  equal: mask(f32x4.equal),
  select: (_, [m, a, b]) => v128.select(b!.value, a!.value, f32x4.equal(m!.value, zero)),
};
