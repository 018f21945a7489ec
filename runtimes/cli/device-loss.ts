/**
 * A GPU that goes away in the middle of a run: its driver was restarted, or the machine slept. Or a thread, which leaves a step
 * half done.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { DiagnosticCode } from '../../spec/diagnostics/codes.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Engine } from '../engine.js';
import { makeEngine, type EngineChoice } from './backends.js';
import type { CommandContext } from './context.js';
import { planRun, type PlannedRun } from './start-run.js';

export const isDeviceLoss = (error: unknown): error is DiagnosticError =>
  error instanceof DiagnosticError && error.diagnostics.some(({ code }) => LOSSES.has(code));

const LOSSES: ReadonlySet<DiagnosticCode> = new Set(['webgpu/device-lost', 'wasm/thread-lost']);

/**
 * The run from its last checkpoint on. Throws `loss` where there is none, or none that is newer than what the lost stretch
 * started from: a run that loses its device again and again without getting on is ended.
 */
export async function planAfterLoss(
  { folder, resumed, choice }: PlannedRun,
  context: Pick<CommandContext, 'workingFolder'>,
  loss: DiagnosticError,
): Promise<PlannedRun> {
  const next = await planRun(undefined, { ...choice, resume: folder.path, set: [] }, context).catch(
    (error: unknown) => {
      throw hasNoCheckpoint(error) ? loss : error;
    },
  );
  const before = resumed?.checkpoint.progress.step ?? 0;
  if (next.resumed === undefined || next.resumed.checkpoint.progress.step <= before) throw loss;
  return next;
}

const hasNoCheckpoint = (error: unknown): boolean =>
  error instanceof DiagnosticError && error.diagnostics.some(({ code }) => code === 'run/nothing-to-resume');

/** In milliseconds: how long a driver may take to come back, and how often it is looked for. */
const PATIENCE = 60_000;
const INTERVAL = 2000;

/** An engine, once one can be made again. Throws what it is refused with where that takes too long. */
export async function engineAgain(
  choice: EngineChoice,
  { workingFolder }: Pick<CommandContext, 'workingFolder'>,
  signal: AbortSignal,
): Promise<Engine> {
  for (let waited = 0; ; waited += INTERVAL) {
    try {
      return await makeEngine(choice, workingFolder);
    } catch (error) {
      if (!(error instanceof DiagnosticError) || waited >= PATIENCE || signal.aborted) throw error;
    }
    await wait(INTERVAL);
  }
}
