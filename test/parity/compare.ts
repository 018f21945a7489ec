/**
 * Comparisons that collect what is wrong instead of throwing, so that a test can demand findings (of a planted
 * mutant) as well as their absence.
 */
import type { RecordedTensor } from './fixture.js';
import { recordedSize, recordedValues } from './fixture.js';

export interface Finding {
  /** `Lx at step 3`, `gradient of D/conv/weight at step 20`. */
  readonly what: string;
  /** How far off, in the measure of the comparison. */
  readonly error: number;
  readonly limit: number;
}

/** Norms below this are zero: gradients of switched-off layers. */
const ZERO_NORM = 1e-12;

/** |actual - expected|^2 / |expected|^2, infinite where only `actual` differs from zero; NaN if anything is. */
export function nmse(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length)
    throw new RangeError(`${actual.length} numbers against ${expected.length}`);
  let error = 0;
  let power = 0;
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i]! - expected[i]!) ** 2;
    power += expected[i]! ** 2;
  }
  return error === 0 ? 0 : error / power;
}

/** NaN counts as beyond every limit. */
function finding(what: string, error: number, limit: number): Finding[] {
  return error <= limit ? [] : [{ what, error, limit }];
}

/** Every step where |actual - expected| > tolerance * max|expected| + floor. */
export function compareTraces(
  what: string,
  actual: readonly number[],
  expected: readonly number[],
  { tolerance, floor }: { readonly tolerance: number; readonly floor: number },
): Finding[] {
  if (actual.length !== expected.length) {
    return [{ what: `${what}: number of steps`, error: actual.length, limit: expected.length }];
  }
  const limit = tolerance * Math.max(...expected.map(Math.abs)) + floor;
  return expected.flatMap((value, i) =>
    finding(`${what} at step ${i + 1}`, Math.abs(actual[i]! - value), limit),
  );
}

export function compareTensors(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  limit: number,
): Finding[] {
  const norm = euclidean(expected);
  if (norm <= ZERO_NORM) return finding(`${what}: norm`, euclidean(actual), ZERO_NORM);
  return finding(what, nmse(actual, expected), limit);
}

/**
 * Compares a whole tensor with what was recorded of one: the recorded elements by NMSE, and (since these may be
 * a sample) the norm and the product with the probe vector, both as shares of the recorded norm. An error e spread
 * over the tensor changes either by at most |e| times a small factor, hence the root of the NMSE limit.
 */
export function compareRecorded(
  what: string,
  actual: ArrayLike<number>,
  recorded: RecordedTensor,
  probe: ArrayLike<number>,
  limit: number,
): Finding[] {
  const size = recordedSize(recorded);
  if (actual.length !== size)
    return [{ what: `${what}: number of elements`, error: actual.length, limit: size }];
  const norm = euclidean(actual);
  if (recorded.norm <= ZERO_NORM) return finding(`${what}: norm`, norm, ZERO_NORM);
  const expected = recordedValues(recorded);
  const sampled = Float64Array.from(expected, (_, i) => actual[i * recorded.stride]!);
  let product = 0;
  for (let i = 0; i < actual.length; i++) product += actual[i]! * probe[i]!;
  const share = (difference: number): number => Math.abs(difference) / recorded.norm;
  return [
    ...finding(what, nmse(sampled, expected), limit),
    ...finding(`${what}: norm`, share(norm - recorded.norm), 2 * Math.sqrt(limit)),
    ...finding(`${what}: probe`, share(product - recorded.probe), 4 * Math.sqrt(limit)),
  ];
}

function euclidean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
}
