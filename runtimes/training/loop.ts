/**
 * The training loop: steps a session and says what happened and what is due. It writes nothing and prints nothing;
 * whoever iterates it does, and training waits meanwhile.
 */
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import { dataDistance, DiversityWatch, meanPairwiseDistance } from './diversity.js';
import type { DataStream } from './data-stream.js';
import type { DiversityRule } from './diversity.js';
import type { Generated } from './generate.js';
import { MetricMeans } from './metrics.js';
import type { MetricsRow } from './metrics.js';
import { NgramReference } from './ngram-divergence.js';
import type { NgramDivergence } from './ngram-divergence.js';
import type { StepReport, TrainingSession } from './session.js';
import { likeliestSymbols } from './text-lines.js';

export interface TrainOptions {
  /** Steps between rows. */
  readonly log: number;
  /** Steps between checkpoints. */
  readonly checkpoint: number;
  /** Which output is sampled; no samples where left out. The same seed, so the same latents, every time. */
  readonly samples?: SampleOptions | undefined;
  /** Checked after every step. */
  readonly signal?: AbortSignal | undefined;
  /** Seconds trained before, in a resumed run. */
  readonly secondsBefore?: number | undefined;
  /** Milliseconds since any fixed moment; performance.now where left out. */
  readonly clock?: (() => number) | undefined;
}

export interface SampleOptions {
  readonly output: string;
  /** Steps between samples. */
  readonly every: number;
  readonly count: number;
  readonly seed: number;
  /** The data stream whose variety samples are held against; not watched where left out. */
  readonly compareTo?: string | undefined;
  readonly rule?: DiversityRule | undefined;
  /** The stream whose text sampled lines are compared with, and how many lines are sampled for that. */
  readonly text?: { readonly stream: string; readonly lines: number } | undefined;
}

export type TrainingEvent =
  /** After every step. */
  | ({ readonly kind: 'step' } & StepReport)
  | {
      readonly kind: 'samples';
      readonly step: number;
      readonly generated: Generated;
      readonly diversity?: number | undefined;
      readonly divergence?: NgramDivergence | undefined;
    }
  | { readonly kind: 'row'; readonly row: MetricsRow }
  | { readonly kind: 'warning'; readonly step: number; readonly diagnostic: Diagnostic }
  /** Save now: the session stands still until the next event is asked for. Always comes before the last event. */
  | { readonly kind: 'checkpoint'; readonly step: number }
  | { readonly kind: 'interrupted'; readonly step: number }
  /** `steps`: all steps are trained; `stop`: the controller ended the run before. */
  | { readonly kind: 'done'; readonly step: number; readonly reason: 'steps' | 'stop' };

/**
 * Trains from where the session stands to the program's last step, or to the step where the controller's `stop` ends
 * the run. Samples, a row and a checkpoint come at the last step too. Throws DiagnosticError run/non-finite when training cannot go on; the checkpoint before it is then the
 * last good one.
 */
export async function* train(
  session: TrainingSession,
  options: TrainOptions,
): AsyncGenerator<TrainingEvent, void> {
  const { program } = session;
  const clock = options.clock ?? (() => performance.now());
  const sampler = options.samples && new Sampler(session, options.samples);
  const means = new MetricMeans();
  let seconds = options.secondsBefore ?? 0;
  let secondsAtRow = seconds;
  let stepAtRow = session.progress.step;
  let latest: ReadonlyMap<string, number> = new Map();
  let savedAt = session.progress.step;

  while (session.progress.step < program.steps && !session.progress.stopped) {
    if (options.signal?.aborted === true) {
      yield* told(await session.settle());
      const { step } = session.progress;
      if (savedAt !== step) yield { kind: 'checkpoint', step };
      yield { kind: 'interrupted', step };
      return;
    }
    const started = clock();
    await session.enqueue();
    const { step, stopped } = session.progress;
    const isDue = (every: number) => step % every === 0 || step === program.steps || stopped;
    const everything = [options.log, options.checkpoint, ...(sampler === undefined ? [] : [sampler.every])];
    const reports = await session.settle(everything.some(isDue) ? 0 : session.queueDepth);
    seconds += (clock() - started) / 1000;
    yield* told(reports);

    let diversity: number | undefined;
    let divergence: NgramDivergence | undefined;
    if (sampler !== undefined && isDue(sampler.every)) {
      const sampled = await sampler.sample(step);
      ({ diversity, divergence } = sampled);
      yield { kind: 'samples', step, generated: sampled.generated, diversity, divergence };
      if (sampled.warning !== undefined) yield { kind: 'warning', step, diagnostic: sampled.warning };
    }
    if (isDue(options.log)) {
      const stepsPerSecond = (step - stepAtRow) / (seconds - secondsAtRow);
      yield {
        kind: 'row',
        row: {
          step,
          seconds,
          stepsPerSecond,
          metrics: latest,
          smoothed: means.take(),
          diversity,
          divergence,
        },
      };
      stepAtRow = step;
      secondsAtRow = seconds;
    }
    if (isDue(options.checkpoint)) {
      yield { kind: 'checkpoint', step };
      savedAt = step;
    }
  }
  const { step, stopped } = session.progress;
  yield { kind: 'done', step, reason: stopped ? 'stop' : 'steps' };

  function* told(reports: readonly StepReport[]): Generator<TrainingEvent, void> {
    for (const report of reports) {
      if (report.metrics !== undefined) {
        latest = report.metrics;
        means.add(report.metrics);
      }
      yield { kind: 'step', ...report };
    }
  }
}

class Sampler {
  readonly #session: TrainingSession;
  readonly #options: SampleOptions;
  readonly #dataDistance: number | undefined;
  readonly #watch: DiversityWatch;
  readonly #text: { readonly reference: NgramReference; readonly depth: number } | undefined;

  constructor(session: TrainingSession, options: SampleOptions) {
    this.#session = session;
    this.#options = options;
    this.#watch = new DiversityWatch(options.rule);
    const { compareTo, count, text } = options;
    if (compareTo !== undefined) this.#dataDistance = dataDistance(this.#stream(compareTo), count);
    if (text === undefined) return;
    const lines = this.#stream(text.stream).text;
    if (lines === undefined) throw new RangeError(`stream '${text.stream}' has no text`);
    this.#text = { reference: new NgramReference(lines, text.lines), depth: 1 + lines.alphabet.length };
  }

  #stream(name: string): DataStream {
    const stream = this.#session.streams.get(name);
    if (stream === undefined) throw new RangeError(`no data was given for stream '${name}'`);
    return stream;
  }

  get every(): number {
    return this.#options.every;
  }

  async sample(step: number) {
    const { output, count, seed } = this.#options;
    const generated = await this.#session.generate(output, { count, seed });
    const divergence = await this.#divergence();
    const reference = this.#dataDistance;
    // Data that is all alike has no variety to lose.
    if (reference === undefined || reference === 0) return { generated, divergence };
    const diversity = meanPairwiseDistance(generated.values, count) / reference;
    return {
      generated,
      diversity,
      divergence,
      warning: this.#watch.observe(diversity, step, this.#session.program.steps),
    };
  }
  /** More samples than are shown: n-grams of a few lines say little. */
  async #divergence(): Promise<NgramDivergence | undefined> {
    const { output, seed, text } = this.#options;
    if (text === undefined || this.#text === undefined) return undefined;
    const { values } = await this.#session.generate(output, { count: text.lines, seed });
    return this.#text.reference.compare(likeliestSymbols(values, this.#text.depth));
  }
}
