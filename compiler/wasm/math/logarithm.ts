/**
 * log and what is made of it, four lanes at a time. x = 2^e m with m in [sqrt(1/2), sqrt(2)), and log m is the series
 * of 2 artanh(s), s = (m - 1) / (m + 1), to s^9: with |s| <= 0.172 the rest is below 2^-29 of it.
 */
import { f32x4, i32, i32x4, v128 } from '../assembler/expression.js';
import type { V128 } from '../assembler/expression.js';
import type { FunctionBuilder, Local } from '../assembler/function-builder.js';
import { exp } from './exponential.js';

const LN2_HIGH = 0.693359375;
const LN2_LOW = Math.LN2 - LN2_HIGH;
const SMALLEST_NORMAL = 2 ** -126;
const SQRT_HALF_BITS = 0x3f3504f3;

const number = f32x4.constant;

/** log(x): -infinity at 0, NaN below, infinity at infinity. */
export function log(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const tiny = f.local('v128', f32x4.less(x, number(SMALLEST_NORMAL)));
  const normal = v128.select(f32x4.multiply(x, number(2 ** 23)), x, tiny);
  const bits = f.local('v128', i32x4.subtract(normal, i32x4.constant(SQRT_HALF_BITS)));
  const exponent = f.local('v128', f32x4.convertI32x4(i32x4.shiftRightSigned(bits, i32.constant(23))));
  f.set(exponent, f32x4.subtract(exponent, v128.and(tiny, number(23))));
  const mantissa = i32x4.add(v128.and(bits, i32x4.constant(0x7fffff)), i32x4.constant(SQRT_HALF_BITS));
  const fraction = f.local('v128', f32x4.subtract(mantissa, number(1)));
  const s = f.local('v128', f32x4.divide(fraction, f32x4.add(fraction, number(2))));
  const square = f.local('v128', f32x4.multiply(s, s));
  let series: V128 = number(2 / 9);
  for (const coefficient of [2 / 7, 2 / 5, 2 / 3])
    series = f32x4.add(f32x4.multiply(series, square), number(coefficient));
  // log m = f - s (f - 2 s^2 / 3 - ...): f is exact, so the error is that of the small correction only.
  const correction = f32x4.multiply(s, f32x4.subtract(fraction, f32x4.multiply(square, series)));
  const low = f32x4.subtract(f32x4.multiply(exponent, number(LN2_LOW)), correction);
  const finite = f.local(
    'v128',
    f32x4.add(f32x4.add(low, fraction), f32x4.multiply(exponent, number(LN2_HIGH))),
  );
  // NaN and infinity as they are, 0 to -infinity, and what is below 0 to NaN.
  f.set(finite, v128.select(finite, x, f32x4.less(x, number(Infinity))));
  f.set(finite, v128.select(number(-Infinity), finite, f32x4.equal(x, number(0))));
  return v128.select(number(NaN), finite, f32x4.less(x, number(0)));
}

/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|); what 1 + e loses of a small e is given back. */
export function softplus(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const e = f.local('v128', exp(f, f32x4.negate(f32x4.absolute(x))));
  const u = f.local('v128', f32x4.add(e, number(1)));
  const lost = f32x4.divide(f32x4.subtract(e, f32x4.subtract(u, number(1))), u);
  return f32x4.add(f32x4.pseudoMaximum(x, number(0)), f32x4.add(log(f, u), lost));
}
