/**
 * Normalised mean squared error: sum (actual - expected)² / sum expected², the measure by which engines are compared
 * with the reference. Where all expected numbers are 0 it is the plain sum of squares. Infinity where the lengths
 * differ, or where one side is not finite and the other is not the same.
 */
export function nmse(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let error = 0;
  let power = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (Number.isFinite(e) && Number.isFinite(a)) {
      error += (a - e) ** 2;
      power += e ** 2;
    } else if (!Object.is(a, e)) {
      return Infinity;
    }
  }
  return power > 0 ? error / power : error;
}
