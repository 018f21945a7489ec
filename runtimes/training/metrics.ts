/** What is written down about a run every few steps: a row of metrics.jsonl. */
import type { NgramDivergence } from './ngram-divergence.js';

export interface MetricsRow {
  /** Training steps finished. */
  readonly step: number;
  /** Spent training, in all stretches of the run; without sampling and saving. */
  readonly seconds: number;
  /** Since the row before, without sampling and saving. */
  readonly stepsPerSecond: number;
  /** As they were at this step. */
  readonly metrics: ReadonlyMap<string, number>;
  /** Means over the steps since the row before, this one included. */
  readonly smoothed: ReadonlyMap<string, number>;
  /** Distance between samples over that between data, where it was measured at this step. */
  readonly diversity?: number | undefined;
  /** How far sampled lines are from text, where that was measured at this step. */
  readonly divergence?: NgramDivergence | undefined;
}

/** Means of metrics since the last `take`. A NaN among them makes the mean NaN: nothing is hidden. */
export class MetricMeans {
  readonly #sums = new Map<string, number>();
  #count = 0;

  add(metrics: ReadonlyMap<string, number>): void {
    for (const [name, value] of metrics) this.#sums.set(name, (this.#sums.get(name) ?? 0) + value);
    this.#count++;
  }

  /** The means so far, in the order the names first came; starts over. */
  take(): ReadonlyMap<string, number> {
    const means = new Map([...this.#sums].map(([name, sum]) => [name, sum / this.#count]));
    this.#sums.clear();
    this.#count = 0;
    return means;
  }
}
