/**
 * metrics.jsonl, one JSON object per line:
 *
 *     {"step":100,"seconds":12.5,"stepsPerSecond":8,"metrics":{"Lx":0.1},"means":{"Lx":0.11},"diversity":0.8}
 *
 * `metrics` are those of this step, `means` those over the steps since the line before; `diversity`, and for
 * text `divergence` (`{"samples":[...],"text":[...]}`, one number for every n), stand only in lines where they were measured.
 */
import type { MetricsRow } from '../training/metrics.js';
import type { NgramDivergence } from '../training/ngram-divergence.js';

interface Line {
  readonly step: number;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly means: Readonly<Record<string, number | null>>;
  readonly diversity?: number | undefined;
  readonly divergence?: NgramDivergence | undefined;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** JSON has no NaN: a value that is not finite is written as null. */
export function metricsLine(row: MetricsRow): string {
  const line: Line = {
    step: row.step,
    seconds: rounded(row.seconds, 3),
    stepsPerSecond: rounded(row.stepsPerSecond, 4),
    metrics: Object.fromEntries(row.metrics),
    means: Object.fromEntries(row.smoothed),
    diversity: row.diversity,
    divergence: row.divergence && {
      samples: row.divergence.samples.map((value) => rounded(value, 4)),
      text: row.divergence.text.map((value) => rounded(value, 4)),
    },
  };
  return JSON.stringify(line);
}

const numbers = (record: Readonly<Record<string, number | null>>): ReadonlyMap<string, number> =>
  new Map(Object.entries(record).map(([name, value]) => [name, value ?? Number.NaN]));

/** The rows of a file's text; a last line that was cut off while being written is left out. */
export function parseMetrics(text: string): readonly MetricsRow[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((json) => {
      const line = JSON.parse(json) as Line;
      return {
        step: line.step,
        seconds: line.seconds,
        stepsPerSecond: line.stepsPerSecond,
        metrics: numbers(line.metrics),
        smoothed: numbers(line.means),
        diversity: line.diversity,
        divergence: line.divergence,
      };
    });
}
