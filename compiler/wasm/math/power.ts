/**
 * x to the power of y. Exponents known at compile time are the common case and need no logarithm. The general case is
 * e^(y log|x|) with the sign, the zeros and the special values of ECMAScript's Math.pow; its relative error grows
 * with |y log x|, to about 1e-5 where the result leaves the range of float32.
 */
import { f32x4, v128 } from '../assembler/expression.js';
import type { V128 } from '../assembler/expression.js';
import type { FunctionBuilder, Local } from '../assembler/function-builder.js';
import { exp } from './exponential.js';
import { log } from './logarithm.js';

const number = f32x4.constant;

/** x^exponent where that is a few multiplications, else undefined. */
export function powerOfConstant(f: FunctionBuilder, x: Local<'v128'>, exponent: number): V128 | undefined {
  switch (exponent) {
    case 0:
      return number(1);
    case 1:
      return x;
    case 2:
      return f32x4.multiply(x, x);
    case 3:
      return f32x4.multiply(f32x4.multiply(x, x), x);
    case 4: {
      const square = f.local('v128', f32x4.multiply(x, x));
      return f32x4.multiply(square, square);
    }
    case -1:
      return f32x4.divide(number(1), x);
    case -2:
      return f32x4.divide(number(1), f32x4.multiply(x, x));
    default:
      return undefined;
  }
}

export function power(f: FunctionBuilder, x: Local<'v128'>, y: Local<'v128'>): V128 {
  const magnitude = f.local('v128', f32x4.absolute(x));
  const result = f.local('v128', exp(f, f32x4.multiply(y, log(f, magnitude))));
  const whole = f32x4.equal(f32x4.nearest(y), y);
  const isWhole = f.local('v128', whole);
  const half = f.local('v128', f32x4.multiply(y, number(0.5)));
  const isOdd = v128.andNot(isWhole, f32x4.equal(f32x4.nearest(half), half));
  const sign = v128.and(v128.and(x, f32x4.constant(-0)), isOdd);
  f.set(result, v128.or(result, sign));
  // A finite number below 0 has no power that is not whole.
  const negative = v128.and(f32x4.less(x, number(0)), f32x4.greater(x, number(-Infinity)));
  f.set(result, v128.select(number(NaN), result, v128.andNot(negative, isWhole)));
  f.set(result, v128.select(number(1), result, f32x4.equal(y, number(0))));
  const undecided = v128.and(
    f32x4.equal(magnitude, number(1)),
    f32x4.equal(f32x4.absolute(y), number(Infinity)),
  );
  return v128.select(number(NaN), result, undecided);
}
