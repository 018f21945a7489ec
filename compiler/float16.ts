/** Numbers in 16 bits, as IEEE 754 has them: 11 bits of precision, and nothing above 65504. */

const FRACTION_BITS = 10;
const LEAST_EXPONENT = -14;
const INFINITY = 0x7c00;
const NOT_A_NUMBER = 0x7e00;

/** The bits of the nearest float16, of two equally near ones the even one; infinity from 65520 on. */
export function float16Bits(value: number): number {
  if (Number.isNaN(value)) return NOT_A_NUMBER;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | INFINITY;
  if (size === 0) return sign;
  // Below 2^-14 the distance of neighbours stays that of 2^-14, and the exponent field is 0.
  const exponent = Math.max(LEAST_EXPONENT, floorLog2(size));
  const steps = roundToEven(size * 2 ** (FRACTION_BITS - exponent));
  // A fraction of 2^11 steps carries into the exponent by itself, as the fields lie side by side.
  return sign | (steps + (exponent - LEAST_EXPONENT) * 2 ** FRACTION_BITS);
}

/** Exact, unlike the rounded Math.log2. */
function floorLog2(size: number): number {
  const guess = Math.floor(Math.log2(size));
  if (2 ** guess > size) return guess - 1;
  return 2 ** (guess + 1) <= size ? guess + 1 : guess;
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** The number that 16 bits stand for; exact in float32. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> FRACTION_BITS) & 0x1f;
  const fraction = bits & (2 ** FRACTION_BITS - 1);
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** (LEAST_EXPONENT - FRACTION_BITS);
  return sign * (2 ** FRACTION_BITS + fraction) * 2 ** (exponent - 1 + LEAST_EXPONENT - FRACTION_BITS);
}
