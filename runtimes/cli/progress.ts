/** What a run's progress line says. */
import { formatCount, formatDuration, formatNumber } from './format-number.js';
import type { NgramDivergence } from '../training/ngram-divergence.js';
import { metricLabel } from './metric-label.js';
import type { Colours } from './terminal.js';

export interface ProgressState {
  readonly step: number;
  readonly steps: number;
  readonly metrics: ReadonlyMap<string, number>;
  /** The target of the metric `balance`, where the spec has one. */
  readonly gamma?: number | undefined;
  /** Mean distance between samples over that between data; 1 is as varied as the data. */
  readonly diversity?: number | undefined;
  /** Of text: that of the longest n-grams is shown, against the text's own. */
  readonly divergence?: NgramDivergence | undefined;
}

/** Below this share of the data's diversity the progress line turns yellow: samples look alike. */
const LOW_DIVERSITY = 0.5;

/** Steps per second over the last seconds, so that a pause for a checkpoint does not bend it for long. */
export class StepRate {
  readonly #marks: { readonly step: number; readonly time: number }[] = [];
  readonly #window: number;

  /** @param window seconds that are looked back */
  constructor(window = 10) {
    this.#window = window;
  }

  /** @param time in seconds */
  mark(step: number, time: number): void {
    this.#marks.push({ step, time });
    while (this.#marks.length > 2 && time - this.#marks[1]!.time > this.#window) this.#marks.shift();
  }

  /** Steps per second, or undefined before there is anything to measure. */
  get value(): number | undefined {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.time <= first.time) return undefined;
    return (last.step - first.step) / (last.time - first.time);
  }
}

/** The parts of the line. */
export function progressParts(
  state: ProgressState,
  rate: number | undefined,
  colours: Colours,
): readonly string[] {
  const total = formatCount(state.steps);
  const step = formatCount(state.step).padStart(total.length);
  const left = rate === undefined || rate === 0 ? undefined : (state.steps - state.step) / rate;
  const parts = [
    `step ${colours.bold(step)}/${total}`,
    rate === undefined ? '' : `${formatNumber(rate)}/s`,
    left === undefined ? '' : `ETA ${formatDuration(left)}`,
  ];
  for (const [name, value] of state.metrics) {
    const target =
      name === 'balance' && state.gamma !== undefined ? colours.dim(`/${formatNumber(state.gamma, 2)}`) : '';
    const shown = Number.isFinite(value) ? formatNumber(value) : colours.red(formatNumber(value));
    parts.push(`${colours.dim(metricLabel(name))} ${shown}${target}`);
  }
  if (state.diversity !== undefined) {
    const text = formatNumber(state.diversity, 2);
    parts.push(
      `${colours.dim('diversity')} ${state.diversity < LOW_DIVERSITY ? colours.yellow(text) : text}`,
    );
  }
  if (state.divergence !== undefined) {
    const { samples, text } = state.divergence;
    const own = colours.dim(`/${formatNumber(text.at(-1)!, 2)}`);
    parts.push(`${colours.dim('divergence')} ${formatNumber(samples.at(-1)!, 2)}${own}`);
  }
  return parts.filter((part) => part !== '');
}
