/**
 * Whether a generator still makes different samples: pictures, or points. Losses, balance and convergence can all look
 * healthy while G draws one face for every latent, so the samples themselves are watched. What this cannot see is a
 * generator that keeps a few far modes of many.
 */
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import type { DataStream } from './data-stream.js';

/**
 * The mean absolute difference per element between two different members of a set: the mean over all pairs of the
 * mean over elements of |a - b|. `values` holds `count` members one after another; 0 for a single member.
 */
export function meanPairwiseDistance(values: Float32Array, count: number): number {
  if (!Number.isInteger(count) || count < 1 || values.length % count !== 0) {
    throw new RangeError(`${values.length} numbers are not ${count} members of one size`);
  }
  if (count === 1) return 0;
  const size = values.length / count;
  const column = new Float64Array(count);
  let sum = 0;
  for (let element = 0; element < size; element++) {
    for (let member = 0; member < count; member++) column[member] = values[member * size + element]!;
    // In ascending order, x_(i) stands i times on the larger and count - 1 - i times on the smaller side of a pair.
    column.sort();
    for (let i = 0; i < count; i++) sum += (2 * i - count + 1) * column[i]!;
  }
  return sum / (size * ((count * (count - 1)) / 2));
}

/** The distance within `count` examples spread evenly over a stream's data: what samples are measured against. */
export function dataDistance(stream: DataStream, count: number): number {
  const members = Math.min(count, stream.count);
  const indices = Array.from({ length: members }, (_, i) => Math.floor((i * stream.count) / members));
  return meanPairwiseDistance(stream.examples(indices), members);
}

export interface DiversityRule {
  /** Warn below this share of the data's distance. */
  readonly threshold: number;
  /** From this share of the run on; before it, samples are not pictures yet. */
  readonly after: number;
}

/** A short BEGAN run (1,400 to 3,000 steps) draws different faces from about a third of it on. */
export const DEFAULT_DIVERSITY_RULE: DiversityRule = { threshold: 0.5, after: 0.4 };

/** Warns once each time the ratio falls under the threshold. */
export class DiversityWatch {
  readonly #rule: DiversityRule;
  #low = false;

  constructor(rule: DiversityRule = DEFAULT_DIVERSITY_RULE) {
    this.#rule = rule;
  }

  /** `ratio` of the samples' distance to the data's, measured after `step` of `steps` steps. */
  observe(ratio: number, step: number, steps: number): Diagnostic | undefined {
    const { threshold, after } = this.#rule;
    if (step < after * steps) return undefined;
    const wasLow = this.#low;
    this.#low = ratio < threshold;
    if (!this.#low || wasLow) return undefined;
    return {
      code: 'run/diversity-falling',
      severity: 'warning',
      message: `Samples differ only ${ratio.toFixed(2)} times as much as the data at step ${step}`,
      note: 'The generator draws nearly the same sample for every latent; losses and balance do not show this.',
      help: 'In BEGAN a larger `gamma`, or a larger `lambda_k` in a short run, keeps more variety.',
    };
  }
}
