/** Trains a planned run and keeps its folder: what the training loop says is due is written here. */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiagnosticError, type Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import type { Engine } from '../engine.js';
import { writeFileAtomically } from '../node/atomic-file.js';
import type { Generated } from '../training/generate.js';
import type { NgramDivergence } from '../training/ngram-divergence.js';
import { restoreCheckpoint, saveCheckpoint } from '../training/checkpoint.js';
import { train } from '../training/loop.js';
import { TrainingSession } from '../training/session.js';
import { makeEngine } from './backends.js';
import { writeClassNames } from './class-names.js';
import type { CommandContext } from './context.js';
import { engineInWords } from './engine-in-words.js';
import { engineAgain, isDeviceLoss, planAfterLoss } from './device-loss.js';
import { parametersOf } from './inspect/describe.js';
import { loadProgram } from './load-program.js';
import { loadData, type LoadedData } from './load-data.js';
import { metricsLine, parseMetrics } from './metrics-log.js';
import { PACKAGE } from './package-info.js';
import {
  fileEnding,
  pictureOutputs,
  reconstructionPicture,
  sampleCount,
  samplePicture,
  sampleSize,
  type PictureOutput,
} from './pictures.js';
import { writeReport } from './report/report-of-run.js';
import { COMPARED_LINES, previewOfLines, sampledLines } from './sampled-lines.js';
import { stepName, type RunFolder } from './run-folder.js';
import {
  newRecord,
  newSession,
  writeRecord,
  type RunRecord,
  type RunSession,
  type RunStatus,
} from './run-record.js';
import type { RunReporter } from './run-reporter.js';
import type { PlannedRun } from './start-run.js';

/** Of the noise that samples are drawn from: the same latents at every step of every run. */
const SAMPLE_SEED = 0;

export type RunOutcome = 'finished' | 'interrupted';

/**
 * Throws DiagnosticError when the run cannot start or cannot go on; what was trained is then written down. A GPU that goes
 * away does not end a run: it goes on from its last checkpoint once there is one again.
 */
export async function trainRun(
  plan: PlannedRun,
  context: CommandContext,
  reporter: RunReporter,
): Promise<RunOutcome> {
  let engine: Engine = await makeEngine(plan.choice, context.workingFolder);
  if (plan.resumed === undefined) await plan.folder.refuseIfUsed();
  const signal = context.interruption();
  for (let current = plan; ;) {
    try {
      return await trainStretch(current, engine, context, reporter, signal);
    } catch (error) {
      if (!isDeviceLoss(error)) throw error;
      current = await planAfterLoss(current, context, error);
      for (const diagnostic of error.diagnostics) reporter.diagnostic({ ...diagnostic, severity: 'warning' });
      engine = await engineAgain(current.choice, context, signal);
    }
  }
}

/** From the start, a resume or a loss to the end, a stop or a loss. */
async function trainStretch(
  plan: PlannedRun,
  engine: Engine,
  context: CommandContext,
  reporter: RunReporter,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { compiled, folder, resumed } = plan;
  const { program } = compiled;

  for (const diagnostic of compiled.diagnostics) reporter.diagnostic(diagnostic);
  const data = await loadUnlessInterrupted(plan, context, reporter, signal);
  if (data === undefined) {
    reporter.interrupted(resumed?.checkpoint.progress.step ?? 0, resumed && resumeCommand(context, folder));
    return 'interrupted';
  }
  for (const diagnostic of data.diagnostics) reporter.diagnostic(diagnostic);

  const executable = await loadProgram(engine, compiled);
  try {
    const session = await TrainingSession.create({ program, executable, examples: data.examples });
    if (resumed !== undefined) {
      const found = await restoreCheckpoint(session, resumed.checkpoint, engine.name);
      for (const diagnostic of found) reporter.diagnostic(diagnostic);
    }
    return await new Run(plan, context, reporter, session, engine).train(signal);
  } finally {
    executable.dispose();
  }
}

/** Reading many pictures takes minutes: Ctrl-C ends that too, and leaves nothing behind. */
async function loadUnlessInterrupted(
  { compiled, spec }: PlannedRun,
  context: CommandContext,
  reporter: RunReporter,
  signal: AbortSignal,
): Promise<LoadedData | undefined> {
  try {
    const data = await loadData(compiled.program, spec, context, (line) => {
      signal.throwIfAborted();
      reporter.preparing(line);
    });
    return signal.aborted ? undefined : data;
  } catch (error) {
    if (error === signal.reason) return undefined;
    throw error;
  }
}

class Run {
  readonly #plan: PlannedRun;
  readonly #context: CommandContext;
  readonly #reporter: RunReporter;
  readonly #session: TrainingSession;
  /** Its name, which is what checkpoints are compared by. */
  readonly #engine: string;
  /** With what does not change bits. */
  readonly #runtime: string;
  readonly #pictures: readonly PictureOutput[];
  #record: RunRecord;
  #stretch: RunSession;
  readonly #begun: number;

  constructor(
    plan: PlannedRun,
    context: CommandContext,
    reporter: RunReporter,
    session: TrainingSession,
    engine: Engine,
  ) {
    this.#plan = plan;
    this.#context = context;
    this.#reporter = reporter;
    this.#session = session;
    this.#engine = engine.name;
    this.#runtime = engineInWords(engine, session.executable);
    this.#pictures = pictureOutputs(session.program);
    this.#begun = context.clock();
    const { step } = session.progress;
    this.#stretch = newSession(context.now(), step);
    this.#record = this.#firstRecord(step);
  }

  #firstRecord(step: number): RunRecord {
    const { folder, specName, spec, overrides, choice, compiled, resumed } = this.#plan;
    const facts = {
      spec: specName,
      specFolder: folder.relativeTo(spec.folder),
      overrides,
      ...choice,
      runtime: this.#runtime,
      seed: this.#session.progress.seed,
      steps: compiled.program.steps,
      batch: compiled.program.batch,
      parameters: Object.fromEntries(
        compiled.model.networks.map((network) => [network.name, parametersOf(network)]),
      ),
      sessions: [...(resumed?.record.sessions ?? []), this.#stretch],
    };
    return { ...newRecord(facts), step, messages: resumed?.record.messages ?? [] };
  }

  async train(signal: AbortSignal): Promise<RunOutcome> {
    const { folder, compiled } = this.#plan;
    const session = this.#session;
    const { program } = session;
    const { step, seed } = session.progress;
    await writeFileAtomically(folder.specFile, compiled.source.text);
    const secondsBefore = await this.#cutMetrics(step);
    await this.#keepRecord('running', step);
    this.#reporter.started({
      title: this.#title,
      folder: folder.path,
      backend: this.#runtime,
      parameters: this.#record.parameters,
      step,
      steps: program.steps,
      seed,
    });

    const { log, samples, checkpoint } = compiled.model.spec.train;
    const sampled = this.#pictures.find(({ stream }) => stream === undefined);
    const compareTo = [...session.streams].find(
      ([, { exampleSize }]) => sampled && exampleSize === sampleSize(sampled),
    )?.[0];
    const events = train(session, {
      log,
      checkpoint,
      signal,
      secondsBefore,
      samples: sampled && {
        output: sampled.name,
        every: samples,
        count: sampleCount(sampled),
        seed: SAMPLE_SEED,
        compareTo,
        text: sampled.kind === 'text' ? { stream: sampled.like, lines: COMPARED_LINES } : undefined,
      },
    });

    let metrics: ReadonlyMap<string, number> = new Map();
    let diversity: number | undefined;
    let divergence: NgramDivergence | undefined;
    try {
      for await (const event of events) {
        switch (event.kind) {
          case 'step':
            metrics = event.metrics ?? metrics;
            this.#reporter.step({
              step: event.step,
              steps: program.steps,
              metrics,
              gamma: session.progress.hyper['gamma'],
              diversity,
              divergence,
            });
            break;
          case 'samples':
            ({ diversity, divergence } = event);
            if (sampled?.kind === 'text') {
              this.#reporter.lines(event.step, previewOfLines(sampledLines(sampled, event.generated)));
            }
            await this.#writePictures(event.step, sampled?.name, event.generated);
            await this.#keepRecord('running', event.step);
            await this.#writeReport();
            break;
          case 'row':
            await appendFile(folder.metricsFile, `${metricsLine(event.row)}\n`);
            this.#reporter.row(event.row);
            break;
          case 'warning':
            this.#note(event.step, event.diagnostic);
            this.#reporter.diagnostic(event.diagnostic);
            break;
          case 'checkpoint':
            await this.#writeCheckpoint(event.step);
            break;
          case 'interrupted':
            await this.#close('interrupted', event.step);
            this.#reporter.interrupted(
              event.step,
              event.step === 0 ? undefined : resumeCommand(this.#context, folder),
            );
            return 'interrupted';
          case 'done':
            await this.#close('finished', event.step);
            this.#reporter.finished(
              event.step,
              folder.path,
              this.#seconds,
              sampleCommand(this.#context, folder),
              event.reason === 'stop' ? program.steps : undefined,
            );
            return 'finished';
          default:
            event satisfies never;
        }
      }
      throw new Error('internal: training ended without saying how');
    } catch (error) {
      if (isDeviceLoss(error)) {
        for (const diagnostic of error.diagnostics)
          this.#note(session.progress.step, { ...diagnostic, severity: 'warning' });
        await this.#close('interrupted', session.progress.step);
      } else if (error instanceof DiagnosticError) {
        for (const diagnostic of error.diagnostics) this.#note(session.progress.step, diagnostic);
        await this.#close('failed', session.progress.step);
        this.#reporter.failed(session.progress.step, folder.path, error.diagnostics);
      }
      throw error;
    }
  }

  get #title(): string {
    return this.#plan.compiled.model.spec.title?.value ?? this.#plan.specName;
  }

  /** Seconds of this stretch so far. */
  get #seconds(): number {
    return this.#context.clock() - this.#begun;
  }

  #note(step: number, { code, severity, message }: Diagnostic): void {
    this.#record = {
      ...this.#record,
      messages: [...this.#record.messages, { step, code, severity, message }],
    };
  }

  async #keepRecord(status: RunStatus, step: number): Promise<void> {
    this.#stretch = { ...this.#stretch, toStep: step, seconds: Number(this.#seconds.toFixed(3)) };
    if (status !== 'running') this.#stretch = { ...this.#stretch, ended: this.#context.now().toISOString() };
    const sessions = [...this.#record.sessions.slice(0, -1), this.#stretch];
    this.#record = { ...this.#record, status, step, sessions };
    await writeRecord(this.#plan.folder, this.#record);
  }

  async #close(status: RunStatus, step: number): Promise<void> {
    await this.#keepRecord(status, step);
    await this.#writeReport();
    this.#reporter.wrote('report', step, join(this.#plan.folder.path, 'report.html'));
  }

  async #writeReport(): Promise<void> {
    const { folder } = this.#plan;
    const { program, progress } = this.#session;
    await writeReport({
      folder,
      record: this.#record,
      title: this.#title,
      metrics: program.metrics,
      hyper: new Map(Object.entries(progress.hyper)),
    });
  }

  /** Pictures of every output: the samples that the loop made, and what it leaves to us. */
  async #writePictures(step: number, sampled: string | undefined, samples: Generated): Promise<void> {
    const session = this.#session;
    const { folder } = this.#plan;
    const kindOf = ({ stream }: PictureOutput) => (stream === undefined ? 'samples' : 'reconstructions');
    for (const output of this.#pictures) {
      const kind = kindOf(output);
      const alone = this.#pictures.filter((other) => kindOf(other) === kind).length === 1;
      const name = stepName(step) + fileEnding(output);
      const parts = alone ? [kind, name] : [kind, output.name, name];
      const { stream } = output;
      const bytes =
        stream !== undefined
          ? await reconstructionPicture(session, { ...output, stream })
          : await samplePicture(
              session,
              output,
              output.name === sampled
                ? samples
                : await session.generate(output.name, { count: sampleCount(output), seed: SAMPLE_SEED }),
            );
      await writeFileAtomically(join(folder.absolute, ...parts), bytes);
      this.#reporter.wrote(kind, step, join(folder.path, ...parts));
    }
  }

  async #writeCheckpoint(step: number): Promise<void> {
    const { folder, compiled, specName } = this.#plan;
    const bytes = await saveCheckpoint(this.#session, {
      spec: { name: specName, text: compiled.source.text },
      engine: this.#engine,
      versions: { 'began-compile': PACKAGE.version, node: process.version },
      extra: writeClassNames(this.#session),
    });
    await folder.writeCheckpoint(step, bytes);
    this.#reporter.wrote(
      'checkpoint',
      step,
      join(folder.path, 'checkpoints', `${stepName(step)}.safetensors`),
    );
    await this.#keepRecord('running', step);
  }

  /**
   * Rows beyond the checkpoint are of steps that will be trained again. Gives the seconds trained until there.
   */
  async #cutMetrics(step: number): Promise<number> {
    const { folder, resumed } = this.#plan;
    const rows = resumed === undefined ? [] : parseMetrics(await readFile(folder.metricsFile, 'utf8'));
    const kept = rows.filter((row) => row.step <= step);
    await writeFileAtomically(folder.metricsFile, kept.map((row) => `${metricsLine(row)}\n`).join(''));
    return kept.at(-1)?.seconds ?? 0;
  }
}

const resumeCommand = ({ invocation }: CommandContext, { path }: RunFolder): string =>
  `${invocation} run --resume ${shellWord(path)}`;

const sampleCommand = ({ invocation }: CommandContext, { path }: RunFolder): string =>
  `${invocation} sample ${shellWord(path)} --count 64`;

/** A path as a shell takes it. */
const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
