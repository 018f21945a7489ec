/** What `began-compile run` is to train: a new run in a folder of its own, or one that goes on. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { readCheckpoint, type Checkpoint } from '../training/checkpoint.js';
import type { EngineChoice } from './backends.js';
import { compileSpec, type CompiledSpec } from './compile-spec.js';
import { keptSpec, readSpecFile, type SpecFile } from './spec-file.js';
import type { CommandContext } from './context.js';
import type { Override } from '../../spec/override.js';
import { defaultRunFolder, RunFolder } from './run-folder.js';
import { readRecord, type RunRecord } from './run-record.js';
import { refuseOption } from './refuse-option.js';

export interface RunOptions extends Partial<EngineChoice> {
  readonly steps?: number | undefined;
  readonly out?: string | undefined;
  readonly seed?: number | undefined;
  readonly set: readonly Override[];
  readonly resume?: string | undefined;
}

export interface PlannedRun {
  readonly folder: RunFolder;
  readonly compiled: CompiledSpec;
  /** The spec as the user named it. */
  readonly specName: string;
  readonly spec: SpecFile;
  readonly overrides: readonly Override[];
  readonly choice: EngineChoice;
  /** Of a run that goes on. */
  readonly resumed?: { readonly record: RunRecord; readonly checkpoint: Checkpoint } | undefined;
}

/** Throws DiagnosticError for a spec, an option, a folder or a checkpoint that will not do. Writes nothing. */
export async function planRun(
  spec: string | undefined,
  options: RunOptions,
  context: Pick<CommandContext, 'workingFolder'>,
): Promise<PlannedRun> {
  if (options.resume !== undefined) return planResume(spec, options.resume, options, context);
  if (spec === undefined) {
    throw refuseOption(
      'There is no spec to run',
      'Name one, for example `began-compile run examples/faces-32.yaml`.',
    );
  }
  const file = await readSpecFile(spec, context.workingFolder);
  const overrides = [
    ...options.set,
    ...(options.steps === undefined ? [] : [{ path: 'train.steps', value: String(options.steps) }]),
    ...(options.seed === undefined ? [] : [{ path: 'train.seed', value: String(options.seed) }]),
  ];
  const compiled = compileSpec(file, overrides);
  const path = options.out ?? defaultRunFolder(spec);
  return {
    folder: new RunFolder(path, resolve(context.workingFolder, path)),
    compiled,
    specName: spec,
    spec: file,
    overrides,
    choice: chosen(options, { backend: 'wasm' }),
  };
}

async function planResume(
  spec: string | undefined,
  path: string,
  options: RunOptions,
  context: Pick<CommandContext, 'workingFolder'>,
): Promise<PlannedRun> {
  const fixed = [
    options.out === undefined ? undefined : '--out',
    options.seed === undefined ? undefined : '--seed',
    options.set.length === 0 ? undefined : '--set',
  ].find((option) => option !== undefined);
  if (fixed !== undefined) {
    throw refuseOption(
      `\`${fixed}\` cannot be changed in a run that goes on`,
      `Leave it out, or start a new run: \`began-compile run SPEC ${fixed} ...\`.`,
    );
  }
  const folder = new RunFolder(path, resolve(context.workingFolder, path));
  const record = await readRecord(folder);
  const { file, name } = await folder.latestCheckpoint();
  const checkpoint = readCheckpoint(await readFile(file), name);
  if (spec !== undefined) await refuseOtherSpec(spec, record, checkpoint, context);

  const steps = options.steps === undefined ? [] : [{ path: 'train.steps', value: String(options.steps) }];
  const kept = keptSpec(checkpoint.spec, resolve(folder.absolute, record.specFolder));
  const compiled = compileSpec(kept, steps);
  if (checkpoint.progress.step >= compiled.program.steps) {
    throw refuseOption(
      `The run in \`${path}\` has finished its ${compiled.program.steps} steps`,
      `Train on with a larger total: \`began-compile run --resume ${path} --steps ${2 * compiled.program.steps}\`.`,
    );
  }
  return {
    folder,
    compiled,
    specName: record.spec,
    spec: kept,
    overrides: [...record.overrides, ...steps],
    choice: chosen(options, record),
    resumed: { record, checkpoint },
  };
}

/** What the command line says, and otherwise what was chosen before: of another backend nothing else is kept. */
function chosen(options: Partial<EngineChoice>, before: EngineChoice): EngineChoice {
  const kept = options.backend === undefined || options.backend === before.backend ? before : undefined;
  return {
    backend: options.backend ?? before.backend,
    engine: options.engine ?? kept?.engine,
    allowCpu: options.allowCpu ?? kept?.allowCpu,
    precise: options.precise ?? before.precise,
    threads: options.threads ?? kept?.threads,
  };
}

/** A spec named beside --resume must still be the one that the run was started with. */
async function refuseOtherSpec(
  path: string,
  record: RunRecord,
  checkpoint: Checkpoint,
  context: Pick<CommandContext, 'workingFolder'>,
): Promise<void> {
  const file = await readSpecFile(path, context.workingFolder);
  const { text } = compileSpec(file, record.overrides).source;
  if (text === checkpoint.spec.text) return;
  throw new DiagnosticError({
    code: 'run/checkpoint-mismatch',
    severity: 'error',
    message: `\`${path}\` is no longer the spec that this run was started with`,
    note: 'A run goes on with the spec that its checkpoint holds.',
    help: `Leave the spec out to go on, \`began-compile run --resume ${dirname(dirname(checkpoint.file))}\`, or start a new run with another \`--out\`.`,
  });
}
