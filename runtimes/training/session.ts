/**
 * A program being trained on an engine: its counters, its data cursors, and the order in which things happen. A
 * session knows no files, no console and no clock.
 */
import { fedGraph, finiteFlag } from '../../compiler/program.js';
import type { FeedDeclaration, Phase, Program } from '../../compiler/program.js';
import { initialState } from '../../compiler/random/initialise.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { enumerate } from '../../spec/diagnostics/quote.js';
import type { Executable, RunValues } from '../engine.js';
import { DataStream } from './data-stream.js';
import type { DataCursor } from './data-stream.js';
import { exampleShape } from './example-source.js';
import type { PackedExamples } from './example-source.js';
import { PhaseFeeds } from './feeds.js';
import { generate } from './generate.js';
import type { Generated, GenerateOptions } from './generate.js';
import { evaluateHostExpression } from './host-expression.js';
import type { HostScope } from './host-expression.js';
import { nonFiniteDiagnostic } from './non-finite.js';

export interface SessionOptions {
  readonly program: Program;
  /** The program, loaded by an engine. */
  readonly executable: Executable;
  /** By stream name. A session that only samples may leave out the streams that its outputs do not read. */
  readonly examples: ReadonlyMap<string, PackedExamples>;
  /** Instead of the program's seed. */
  readonly seed?: number | undefined;
  /** Steps between readings of the metrics; 1 (every step) where left out. */
  readonly readEvery?: number | undefined;
}

/** Where a run is: everything but the tensors. */
export interface Progress {
  readonly seed: number;
  /** Training steps finished. */
  readonly step: number;
  /** Executions finished, by phase. */
  readonly executions: Readonly<Record<string, number>>;
  readonly cursors: Readonly<Record<string, DataCursor>>;
  readonly hyper: Readonly<Record<string, number>>;
  /** Whether the controller ended the run before its last step. */
  readonly stopped: boolean;
}

export interface StepReport {
  /** Training steps finished, this one included. */
  readonly step: number;
  /** In the program's order; absent where this step was not read. */
  readonly metrics?: ReadonlyMap<string, number> | undefined;
  /** Whether the controller ended the run with this step. */
  readonly stopped: boolean;
}

/** An execution of a phase, and where the session stood before it. */
interface QueuedRun {
  readonly phase: Phase;
  readonly values: RunValues;
  readonly finite: Promise<number>;
  /** Absent where counters have not moved on since. */
  readonly before: Progress | undefined;
}

interface QueuedStep {
  readonly step: number;
  readonly runs: readonly QueuedRun[];
  readonly metrics: Promise<ReadonlyMap<string, number>> | undefined;
  readonly stopped: boolean;
}

export class TrainingSession {
  readonly program: Program;
  readonly executable: Executable;
  readonly streams: ReadonlyMap<string, DataStream>;
  readonly #feeds: ReadonlyMap<string, PhaseFeeds>;
  readonly #executions: Map<string, number>;
  readonly #hyper: Map<string, number>;
  readonly #readEvery: number;
  /** Whether the controller has a value `stop`. */
  readonly #mayStop: boolean;
  /** Steps given to the executable of which nobody has seen the numbers. */
  #queued: QueuedStep[] = [];
  #seed: number;
  #step = 0;
  #stopped = false;

  /**
   * A session at step 0 with freshly drawn state. Throws DiagnosticError data/too-few where a stream has fewer
   * examples than a batch.
   */
  static async create(options: SessionOptions): Promise<TrainingSession> {
    const session = new TrainingSession(options);
    for (const declaration of session.program.state) {
      await session.executable.writeState(declaration.name, initialState(declaration, session.#seed));
    }
    return session;
  }

  private constructor(options: SessionOptions) {
    const { program } = options;
    this.program = program;
    this.executable = options.executable;
    this.#seed = options.seed ?? program.seed;
    this.#readEvery = options.readEvery ?? 1;
    this.#mayStop =
      program.phases.at(-1)?.graph.outputs.some(({ kind, name }) => kind === 'value' && name === 'stop') ??
      false;
    this.#executions = new Map(program.phases.map((phase) => [phase.name, 0]));
    this.#hyper = new Map(program.hyper);
    this.streams = openStreams(program, options.examples, this.#seed);
    this.#feeds = new Map(program.phases.map((phase) => [phase.name, new PhaseFeeds(phase, this.streams)]));
  }

  get progress(): Progress {
    return {
      seed: this.#seed,
      step: this.#step,
      executions: Object.fromEntries(this.#executions),
      cursors: Object.fromEntries([...this.streams].map(([name, stream]) => [name, stream.cursor])),
      hyper: Object.fromEntries(this.#hyper),
      stopped: this.#stopped,
    };
  }

  /**
   * Continues from where `progress` was taken; the state tensors are the caller's to write. Streams without data in
   * this session stay closed. Throws RangeError where a cursor lies outside the data.
   */
  resume(progress: Progress): void {
    for (const [name, stream] of this.streams) {
      stream.seek(progress.cursors[name] ?? { epoch: 0, position: 0 }, progress.seed);
    }
    this.#seed = progress.seed;
    this.#step = progress.step;
    this.#stopped = progress.stopped;
    for (const name of this.#executions.keys()) this.#executions.set(name, progress.executions[name] ?? 0);
    for (const name of this.#hyper.keys()) {
      this.#hyper.set(name, progress.hyper[name] ?? this.program.hyper.get(name)!);
    }
  }

  /** Changes a hyper value from the next step on. Throws DiagnosticError run/option. */
  setHyper(name: string, value: number): void {
    if (!this.#hyper.has(name)) {
      const names = [...this.#hyper.keys()];
      throw new DiagnosticError({
        code: 'run/option',
        severity: 'error',
        message: `There is no hyper value \`${name}\` that can be changed without compiling again`,
        help: names.length > 0 ? `Change ${enumerate(names, 'or')}.` : undefined,
      });
    }
    if (!Number.isFinite(value)) {
      throw new DiagnosticError({
        code: 'run/option',
        severity: 'error',
        message: `The hyper value \`${name}\` must be a finite number, not ${value}`,
      });
    }
    this.#hyper.set(name, value);
  }

  /** Steps that may be given to the engine before the numbers of the first are waited for; 0 where it does not queue. */
  get queueDepth(): number {
    // Whether a run ends with a step has to be known before the next.
    return this.#mayStop ? 0 : (this.executable.queue?.depth ?? 0);
  }

  /**
   * One training step: every phase in order, as often as its `repeat` says. Throws DiagnosticError run/non-finite
   * when a loss or gradient became NaN or infinite; the state is then as it was before that execution.
   */
  async step(): Promise<StepReport> {
    await this.enqueue();
    return (await this.settle()).at(-1)!;
  }

  /**
   * Gives the engine one more step, and waits for nothing it need not wait for. `progress` counts what was given; what
   * came of it `settle` tells. Where the engine does not queue, throws what `step` throws.
   */
  async enqueue(): Promise<void> {
    const { program, executable } = this;
    const step = this.#step + 1;
    const isQueued = this.queueDepth > 0;
    const runs: QueuedRun[] = [];
    for (const phase of program.phases) {
      const repeat = this.#repeat(phase);
      for (let i = 0; i < repeat; i++) {
        const execution = this.#executions.get(phase.name)!;
        for (const { name, inputs } of this.#feeds
          .get(phase.name)!
          .runs(this.#seed, this.#scope(execution))) {
          await executable.run(name, inputs);
        }
        const values = this.#lastRun(phase);
        const before = isQueued ? this.progress : undefined;
        const run = { phase, values, finite: numberOf(values, 'finite'), before };
        if (isQueued) runs.push(run);
        else await this.#requireFinite(run, step);
        this.#executions.set(phase.name, execution + 1);
      }
    }
    const stopped = this.#mayStop && (await this.#readStop());
    const isRead = step % this.#readEvery === 0 || step === program.steps;
    const metrics = isRead || stopped ? this.#readMetrics() : undefined;
    // Whatever fails is told when the step is settled.
    for (const promise of [...runs.map(({ finite }) => finite), metrics]) promise?.catch(() => undefined);
    this.#queued.push({ step, runs, metrics, stopped });
    this.#step = step;
    this.#stopped = stopped;
  }

  /**
   * Waits until at most `most` steps are on their way, and tells of those that are over, in order. Throws DiagnosticError
   * run/non-finite where one came upon a NaN or an infinity: nothing after it was written, and `progress` is as before it.
   */
  async settle(most = 0): Promise<StepReport[]> {
    const reports: StepReport[] = [];
    while (this.#queued.length > most) {
      const { step, runs, metrics, stopped } = this.#queued[0]!;
      for (const run of runs) await this.#requireFinite(run, step);
      reports.push({ step, metrics: await metrics, stopped });
      this.#queued.shift();
    }
    return reports;
  }

  /** Runs an output on `options.count` examples, with schedules where they stand now. See generate.ts. */
  generate(output: string, options: GenerateOptions): Promise<Generated> {
    const { program, executable, streams } = this;
    return generate({ program, executable, streams, scope: this.#scope(this.#step) }, output, options);
  }

  #scope(execution: number): HostScope {
    return { hyper: this.#hyper, step: this.#step, steps: this.program.steps, execution };
  }

  #repeat(phase: Phase): number {
    const repeat = evaluateHostExpression(phase.repeat, this.#scope(this.#executions.get(phase.name)!));
    if (Number.isInteger(repeat) && repeat >= 0) return repeat;
    throw new DiagnosticError({
      code: 'run/option',
      severity: 'error',
      message: `Phase \`${phase.name}\` would repeat ${repeat} times at step ${this.#step + 1}: not a whole number of 0 or more`,
    });
  }

  /** Throws DiagnosticError run/non-finite, with the counters where they stood before the run. */
  async #requireFinite(run: QueuedRun, step: number): Promise<void> {
    if ((await run.finite) === 1) return;
    const diagnostic = await nonFiniteDiagnostic(run.values, run.phase, step);
    if (run.before !== undefined) this.resume({ ...run.before, hyper: this.progress.hyper });
    this.#queued = [];
    for (const { name } of this.program.phases) {
      const flag = finiteFlag(name);
      if (this.program.state.some((declaration) => declaration.name === flag))
        await this.executable.writeState(flag, [1]);
    }
    throw new DiagnosticError(diagnostic);
  }

  #lastRun({ name }: Phase): RunValues {
    const { executable } = this;
    return executable.queue?.lastRun(name) ?? { read: (value) => executable.read(name, value) };
  }

  async #readMetrics(): Promise<ReadonlyMap<string, number>> {
    const controller = this.program.phases.at(-1);
    if (controller === undefined) return new Map();
    const values = this.#lastRun(controller);
    const { metrics } = this.program;
    const read = await Promise.all(metrics.map((name) => numberOf(values, `metric/${name}`)));
    return new Map(metrics.map((name, i) => [name, read[i]!]));
  }

  /** The controller's value `stop`. */
  async #readStop(): Promise<boolean> {
    return (await numberOf(this.#lastRun(this.program.phases.at(-1)!), 'stop')) === 1;
  }
}

async function numberOf(values: RunValues, value: string): Promise<number> {
  const [number] = await values.read(value);
  if (number === undefined) throw new RangeError(`the value '${value}' is empty`);
  return number;
}

function openStreams(
  program: Program,
  examples: ReadonlyMap<string, PackedExamples>,
  seed: number,
): ReadonlyMap<string, DataStream> {
  const streams = new Map<string, DataStream>();
  for (const [name, { shape, data }] of program.streams) {
    const packed = examples.get(name);
    // Labels are no stream of their own: they go with the examples of another.
    if (packed === undefined || data.kind === 'labels') continue;
    refuseTooFew(program, name, packed.count);
    const given = exampleShape(packed);
    if (given.join() !== shape.slice(-given.length).join()) {
      throw new RangeError(
        `data stream '${name}' is ${shape.join(' x ')}, and was given ${given.join(' x ')}`,
      );
    }
    const encoding = 'range' in data ? { range: data.range, flip: data.flip } : undefined;
    streams.set(name, new DataStream({ name, examples: packed, encoding, seed }));
  }
  return streams;
}

/** The stream whose examples or labels a feed takes. */
function streamOf({ source }: FeedDeclaration): string | undefined {
  switch (source.kind) {
    case 'data':
      return source.stream;
    case 'labels':
      return source.of;
    case 'noise':
      return undefined;
    default:
      return source satisfies never;
  }
}

/** Throws DiagnosticError data/too-few where a stream of `count` examples cannot fill the largest batch of the program. */
export function refuseTooFew(program: Program, stream: string, count: number): void {
  const larger = program.phases.filter(
    (phase) => phase.batch > program.batch && fedGraph(phase).feeds.some((feed) => streamOf(feed) === stream),
  );
  const largest = larger.reduce<Phase | undefined>(
    (best, phase) => (best === undefined || phase.batch > best.batch ? phase : best),
    undefined,
  );
  const needed = largest?.batch ?? program.batch;
  if (count >= needed) return;
  const of = largest === undefined ? '' : ` in phase \`${largest.name}\``;
  throw new DiagnosticError({
    code: 'data/too-few',
    severity: 'error',
    message: `The data \`${stream}\` has ${count} examples, fewer than one batch of ${needed}${of}`,
    span: program.streams.get(stream)?.data.span,
    help: 'Add examples, or lower `train.batch`.',
  });
}
