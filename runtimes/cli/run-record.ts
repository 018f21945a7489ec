/** run.json: the facts of a run that neither the spec nor the metrics hold. */
import { readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { DiagnosticError, type Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import { writeFileAtomically } from '../node/atomic-file.js';
import type { EngineChoice } from './backends.js';
import type { Override } from '../../spec/override.js';
import { PACKAGE } from './package-info.js';
import { parseJson } from './parse-json.js';
import { isMissing, type RunFolder } from './run-folder.js';

/** Raised when an older version could not read what a newer one writes. */
const FORMAT = 1;

export type RunStatus = 'running' | 'finished' | 'interrupted' | 'failed';

/** One stretch of training: from the start or a resume to the end or a stop. */
export interface RunSession {
  readonly started: string;
  readonly ended?: string | undefined;
  readonly fromStep: number;
  readonly toStep: number;
  /** Training time, pictures and checkpoints included; loading of data not. */
  readonly seconds: number;
  readonly versions: { readonly beganCompile: string; readonly node: string };
  readonly machine: { readonly processor: string; readonly cores: number; readonly memoryBytes: number };
}

export interface RunRecord extends EngineChoice {
  readonly format: typeof FORMAT;
  /** The spec as it was named on the command line. */
  readonly spec: string;
  /** What data paths are relative to, seen from the run folder. */
  readonly specFolder: string;
  /** Changes of the command line, applied to the spec. */
  readonly overrides: readonly Override[];
  /** What runs the program, as it calls itself: `cuda on the CPU (TensorFlow 2.21.0)`. */
  readonly runtime: string;
  readonly seed: number;
  readonly steps: number;
  readonly batch: number;
  readonly parameters: Readonly<Record<string, number>>;
  readonly status: RunStatus;
  /** Steps finished. */
  readonly step: number;
  /** What was worth a warning, or ended the run. */
  readonly messages: readonly RunMessage[];
  readonly sessions: readonly RunSession[];
}

export interface RunMessage {
  readonly step: number;
  readonly code: string;
  readonly severity: Diagnostic['severity'];
  readonly message: string;
}

export function newSession(now: Date, fromStep: number): RunSession {
  const processors = cpus();
  return {
    started: now.toISOString(),
    fromStep,
    toStep: fromStep,
    seconds: 0,
    versions: { beganCompile: PACKAGE.version, node: process.version },
    machine: {
      processor: processors[0]?.model.trim() ?? 'unknown',
      cores: processors.length,
      memoryBytes: totalmem(),
    },
  };
}

export const newRecord = (facts: Omit<RunRecord, 'format' | 'status' | 'step' | 'messages'>): RunRecord => ({
  format: FORMAT,
  ...facts,
  status: 'running',
  step: 0,
  messages: [],
});

export async function writeRecord(folder: RunFolder, record: RunRecord): Promise<void> {
  await writeFileAtomically(folder.recordFile, `${JSON.stringify(record, undefined, 2)}\n`);
}

/** Throws DiagnosticError run/nothing-to-resume. */
export async function readRecord(folder: RunFolder): Promise<RunRecord> {
  let text: string;
  try {
    text = await readFile(folder.recordFile, 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw noRun(folder, '`run.json` is not there');
  }
  const record = parseJson(text) as Partial<RunRecord> | undefined;
  if (record?.format !== FORMAT) {
    throw noRun(folder, '`run.json` is damaged, or was written by another version of began-compile');
  }
  return record as RunRecord;
}

function noRun(folder: RunFolder, why: string): DiagnosticError {
  return new DiagnosticError({
    code: 'run/nothing-to-resume',
    severity: 'error',
    message: `The folder \`${folder.path}\` holds no run: ${why}`,
    help: 'Give the folder that `began-compile run` wrote to, for example `runs/faces-32`.',
  });
}

export const trainingSeconds = (record: RunRecord): number =>
  record.sessions.reduce((sum, session) => sum + session.seconds, 0);
