/** The progress of a run: one line rewritten on a terminal, a plain line every few seconds elsewhere. */
import { formatCount, formatDuration, formatNumber } from './format-number.js';
import { metricLabel } from './metric-label.js';
import type { Colours, Terminal } from './terminal.js';

export interface ProgressState {
  readonly step: number;
  readonly steps: number;
  readonly metrics: ReadonlyMap<string, number>;
  /** The target of the metric `balance`, where the spec has one. */
  readonly gamma?: number | undefined;
  /** Mean distance between samples over that between data; 1 is as varied as the data. */
  readonly diversity?: number | undefined;
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

/** One line, without a newline. */
export function progressLine(state: ProgressState, rate: number | undefined, colours: Colours): string {
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
  return parts.filter((part) => part !== '').join('  ');
}

/** Escape sequences have no width; our text is otherwise one column per character. */
const ESCAPE = /\u001b\[[0-9;]*m/g;

function cutToWidth(line: string, columns: number): string {
  if (line.replace(ESCAPE, '').length <= columns) return line;
  let width = 0;
  let at = 0;
  while (at < line.length) {
    ESCAPE.lastIndex = at;
    const escape = ESCAPE.exec(line);
    if (escape !== null && escape.index === at) {
      at += escape[0].length;
      continue;
    }
    if (width === columns - 1) return `${line.slice(0, at)}…\u001b[0m`;
    width++;
    at++;
  }
  return line;
}

export interface ProgressOptions {
  readonly terminal: Terminal;
  /** Seconds since any fixed moment. */
  readonly clock: () => number;
  /** Seconds between plain lines. */
  readonly interval?: number;
}

export class Progress {
  readonly #terminal: Terminal;
  readonly #clock: () => number;
  readonly #interval: number;
  readonly #rate = new StepRate();
  #printedAt = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor({ terminal, clock, interval = 10 }: ProgressOptions) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#interval = interval;
  }

  get rate(): number | undefined {
    return this.#rate.value;
  }

  /** Call after every step: prints at most ten times a second on a terminal, every `interval` seconds elsewhere. */
  update(state: ProgressState): void {
    const now = this.#clock();
    this.#rate.mark(state.step, now);
    const last = state.step === state.steps;
    const wait = this.#terminal.interactive ? 0.1 : this.#interval;
    if (now - this.#printedAt < wait && !last) return;
    this.#printedAt = now;
    const line = progressLine(state, this.#rate.value, this.#terminal.colours.out);
    if (this.#terminal.interactive) {
      this.#terminal.out(`\r\u001b[2K${cutToWidth(line, this.#terminal.columns() - 1)}`);
      this.#open = true;
    } else {
      this.#terminal.out(`${line}\n`);
    }
  }

  /** Ends the rewritten line, so that other text can follow. */
  pause(): void {
    if (this.#open) this.#terminal.out('\n');
    this.#open = false;
  }
}
