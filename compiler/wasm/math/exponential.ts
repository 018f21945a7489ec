/**
 * exp and what is made of it, four lanes at a time. x = n ln 2 + r with |r| <= ln(2)/2; e^r - 1 is its Taylor series
 * to r^7 (the rest is below 2^-27 of it); ln 2 stands in two parts so that r keeps its bits. 2^n is multiplied in two
 * halves, so that results go through the denormals to 0, and to infinity, where they should. NaN stays NaN:
 * pseudo-minimum and -maximum keep a NaN in their first operand.
 */
import { f32x4, i32, i32x4, v128 } from '../assembler/expression.js';
import type { V128 } from '../assembler/expression.js';
import type { FunctionBuilder, Local } from '../assembler/function-builder.js';

const LOG2_E = Math.LOG2E;
/** ln 2 with its low 12 bits zero, so that n times it is exact; and the rest. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = Math.LN2 - LN2_HIGH;

/** Added and taken away again it rounds to a whole number, which then stands in the low bits of the sum. */
const SHIFT = 1.5 * 2 ** 23;
const SHIFT_BITS = 0x4b400000;

const number = f32x4.constant;

/** e^r - 1, and n as an integer, of x = n ln 2 + r, for x already limited to where 2^n can be made. */
function reduced(f: FunctionBuilder, x: V128): { readonly fraction: V128; readonly exponent: Local<'v128'> } {
  const argument = f.local('v128', x);
  const shifted = f.local('v128', f32x4.add(f32x4.multiply(argument, number(LOG2_E)), number(SHIFT)));
  const n = f.local('v128', f32x4.subtract(shifted, number(SHIFT)));
  const r = f.local('v128', f32x4.subtract(argument, f32x4.multiply(n, number(LN2_HIGH))));
  f.set(r, f32x4.subtract(r, f32x4.multiply(n, number(LN2_LOW))));
  const square = f.local('v128', f32x4.multiply(r, r));
  // e^r - 1 = r + r^2 (1/2! + r/3! + ... + r^5/7!), by pairs: half the latency of one term after the other.
  const pair = (low: number, high: number): V128 => f32x4.add(f32x4.multiply(number(high), r), number(low));
  const upper = f32x4.add(f32x4.multiply(pair(1 / 720, 1 / 5040), square), pair(1 / 24, 1 / 120));
  const series = f32x4.add(f32x4.multiply(upper, square), pair(1 / 2, 1 / 6));
  return {
    fraction: f32x4.add(r, f32x4.multiply(square, series)),
    exponent: f.local('v128', i32x4.subtract(shifted, i32x4.constant(SHIFT_BITS))),
  };
}

/** 2^n of integers n in [-126, 127]; whatever of others. */
function powerOfTwo(n: V128): V128 {
  return i32x4.shiftLeft(i32x4.add(n, i32x4.constant(127)), i32.constant(23));
}

export function exp(f: FunctionBuilder, x: V128): V128 {
  const limited = f32x4.pseudoMaximum(f32x4.pseudoMinimum(x, number(89)), number(-105));
  const { fraction, exponent } = reduced(f, limited);
  const half = f.local('v128', i32x4.shiftRightSigned(exponent, i32.constant(1)));
  const series = f32x4.add(fraction, number(1));
  const rest = i32x4.subtract(exponent, half);
  return f32x4.multiply(f32x4.multiply(series, powerOfTwo(half)), powerOfTwo(rest));
}

/** e^x - 1 with its relative accuracy kept at 0, for x <= 88. */
function expMinusOne(f: FunctionBuilder, x: V128): V128 {
  const { fraction, exponent } = reduced(f, x);
  const scale = f.local('v128', powerOfTwo(exponent));
  return f32x4.add(f32x4.multiply(fraction, scale), f32x4.subtract(scale, number(1)));
}

/** max(x, 0) + e^min(x, 0) - 1, where one part is always exactly 0; below -20 that is -1 to the last bit. */
export function elu(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const negative = f32x4.pseudoMaximum(f32x4.pseudoMinimum(x, number(0)), number(-20));
  return f32x4.add(f32x4.pseudoMaximum(x, number(0)), expMinusOne(f, negative));
}

/** (e^2|x| - 1) / (e^2|x| + 1) with the sign of x; from |x| = 10 on that is 1 to the last bit. */
export function tanh(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const magnitude = f32x4.pseudoMinimum(f32x4.absolute(x), number(10));
  const t = f.local('v128', expMinusOne(f, f32x4.multiply(magnitude, number(2))));
  const positive = f32x4.divide(t, f32x4.add(t, number(2)));
  return v128.or(positive, v128.and(x, i32x4.constant(0x8000_0000 | 0)));
}

/** 1 / (1 + e^-x), by e^-|x| so that both tails keep their relative accuracy. */
export function sigmoid(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const e = f.local('v128', exp(f, f32x4.negate(f32x4.absolute(x))));
  const numerator = v128.select(e, number(1), f32x4.less(x, number(0)));
  return f32x4.divide(numerator, f32x4.add(e, number(1)));
}
