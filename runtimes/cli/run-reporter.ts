/** What a run says while it goes on: text for people, or one JSON object per line for programs. */
import { join } from 'node:path';
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import type { MetricsRow } from '../training/metrics.js';
import { formatCount, formatDuration } from './format-number.js';
import { metricsLine } from './metrics-log.js';
import { printDiagnostics } from './print-diagnostics.js';
import { progressParts, StepRate, type ProgressState } from './progress.js';
import { StatusLine } from './status-line.js';
import type { Terminal } from './terminal.js';

export interface RunStart {
  readonly title: string;
  readonly folder: string;
  readonly backend: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly step: number;
  readonly steps: number;
  readonly seed: number;
}

export interface RunReporter {
  /** Something that takes a while before training: `drawing faces for x: 10/6000`. */
  preparing(line: string): void;
  started(start: RunStart): void;
  step(state: ProgressState): void;
  row(row: MetricsRow): void;
  /** The first of the sampled lines of text. */
  lines(step: number, preview: readonly string[]): void;
  /** A file was written; `path` is relative to the working folder. */
  wrote(kind: 'samples' | 'reconstructions' | 'checkpoint' | 'report', step: number, path: string): void;
  diagnostic(diagnostic: Diagnostic): void;
  interrupted(step: number, resume: string | undefined): void;
  /** The diagnostics are printed as text by whoever catches them. */
  failed(step: number, folder: string, diagnostics: readonly Diagnostic[]): void;
  /** `stoppedBefore`: the steps of the whole run, where the spec's `stop` ended it earlier. */
  finished(step: number, folder: string, seconds: number, sample: string, stoppedBefore?: number): void;
}

export function textReporter(terminal: Terminal, clock: () => number): RunReporter {
  const status = new StatusLine({ terminal, clock });
  const rate = new StepRate();
  const { bold, dim, green, red, yellow } = terminal.colours.out;
  let preparing = false;
  return {
    preparing(line) {
      preparing = true;
      status.show(() => [line]);
    },
    started({ title, folder, backend, parameters, step, steps, seed }) {
      if (preparing) status.clear();
      const sizes = Object.entries(parameters).map(([network, count]) => `${network} ${formatCount(count)}`);
      const from =
        step === 0 ? `${formatCount(steps)} steps` : `steps ${formatCount(step)} to ${formatCount(steps)}`;
      terminal.out(
        `${bold(title)}  ${dim(`${backend}, ${from}, seed ${seed}, parameters ${sizes.join(', ')}`)}\n` +
          `${dim('writing to')} ${folder}\n`,
      );
      rate.mark(step, clock());
    },
    step(state) {
      rate.mark(state.step, clock());
      status.show(() => progressParts(state, rate.value, terminal.colours.out), state.step === state.steps);
    },
    row: () => undefined,
    lines(step, preview) {
      status.clear();
      terminal.out(
        `${dim(`step ${formatCount(step)} writes`)}\n${preview.map((line) => `  ${line}\n`).join('')}`,
      );
    },
    wrote: () => undefined,
    diagnostic(diagnostic) {
      status.end();
      printDiagnostics([diagnostic], terminal, 'err');
    },
    interrupted(step, resume) {
      status.end();
      terminal.out(
        resume === undefined
          ? `${yellow('stopped')} before the first step; nothing was trained\n`
          : `${yellow('stopped')} after step ${formatCount(step)}, which is saved. Continue with:\n  ${bold(resume)}\n`,
      );
    },
    failed(step, folder) {
      status.end();
      terminal.out(`${red('failed')} after step ${formatCount(step)}; what was trained is in ${folder}\n`);
    },
    finished(step, folder, seconds, sample, stoppedBefore) {
      status.end();
      const early =
        stoppedBefore === undefined ? '' : `: \`stop\` ended the run of ${formatCount(stoppedBefore)} steps`;
      terminal.out(
        `${green('finished')} ${formatCount(step)} steps in ${formatDuration(seconds)}${early}\n` +
          `  look at   ${join(folder, 'report.html')}\n` +
          `  sample    ${bold(sample)}\n`,
      );
    },
  };
}

/** `{"event":"row",...}`; diagnostics are printed as text on standard error as well. */
export function jsonReporter(terminal: Terminal): RunReporter {
  const emit = (event: string, fields: object): void =>
    terminal.out(`${JSON.stringify({ event, ...fields })}\n`);
  return {
    preparing: () => undefined,
    started: (start) => emit('start', start),
    step: () => undefined,
    // They are in the file that `samples` names.
    lines: () => undefined,
    row: (row) => emit('row', JSON.parse(metricsLine(row)) as object),
    wrote: (kind, step, path) => emit(kind, { step, path }),
    diagnostic(diagnostic) {
      emit('diagnostic', facts(diagnostic));
      printDiagnostics([diagnostic], terminal, 'err');
    },
    interrupted: (step, resume) => emit('interrupted', { step, resume }),
    failed: (step, folder, diagnostics) =>
      emit('failed', { step, folder, diagnostics: diagnostics.map(facts) }),
    finished: (step, folder, seconds, _sample, stoppedBefore) =>
      emit('finished', {
        step,
        folder,
        seconds: Number(seconds.toFixed(3)),
        reason: stoppedBefore === undefined ? 'steps' : 'stop',
      }),
  };
}

const facts = ({ severity, code, message, note, help }: Diagnostic) => ({
  severity,
  code,
  message,
  note,
  help,
});
