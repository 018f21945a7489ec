/** The outputs of a trained run, written for another library to run. */
import { join, resolve } from 'node:path';
import type { Shape } from '../../compiler/graph/graph.js';
import { frozenModel } from '../../compiler/tensorflow/frozen-model.js';
import { encodeSavedModel, type SignatureDef } from '../../compiler/tensorflow/protobuf.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { writeFileAtomically } from '../node/atomic-file.js';
import { requireTensors } from '../training/checkpoint.js';
import { evaluateScalars } from '../training/feeds.js';
import { compileSpec } from './compile-spec.js';
import type { CommandContext } from './context.js';
import { openCheckpoint } from './open-checkpoint.js';
import { stepName } from './run-folder.js';
import { keptSpec } from './spec-file.js';

export type ExportFormat = 'savedmodel';

export interface ExportOptions {
  readonly format: ExportFormat;
  readonly out?: string | undefined;
  /** Examples that the model takes at once; those of the training where left out. */
  readonly batch?: number | undefined;
}

export interface Exported {
  /** Training steps of the checkpoint. */
  readonly step: number;
  readonly batch: number;
  /** The folder, as a path from the working folder. */
  readonly path: string;
  readonly signatures: readonly ExportedSignature[];
}

export interface ExportedSignature {
  readonly name: string;
  readonly inputs: readonly NamedShape[];
  readonly outputs: readonly NamedShape[];
}

interface NamedShape {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * Writes all outputs of the spec with the weights of a run folder's newest checkpoint, or of a checkpoint file. Throws
 * DiagnosticError where there is none, or nothing to export, or where the file cannot be written.
 */
export async function exportModel(
  path: string,
  options: ExportOptions,
  context: CommandContext,
): Promise<Exported> {
  const checkpoint = await openCheckpoint(path, context);
  const { progress } = checkpoint;
  const overrides =
    options.batch === undefined ? [] : [{ path: 'train.batch', value: String(options.batch) }];
  const { program } = compileSpec(keptSpec(checkpoint.spec, context.workingFolder), overrides);
  requireTensors(program, checkpoint);
  if (program.outputs.length === 0) {
    throw new DiagnosticError({
      code: 'run/option',
      severity: 'error',
      message: 'The spec has no outputs, so there is nothing to export',
      help: 'Add one under `outputs`, for example `generate: G(z)`.',
    });
  }
  const hyper = new Map([...program.hyper, ...Object.entries(progress.hyper)]);
  const scope = { hyper, step: progress.step, steps: program.steps, execution: progress.step };
  const state = new Map([...checkpoint.tensors].map(([name, { data }]) => [name, data]));
  const outputs = program.outputs.map((source) => ({ source, scalars: evaluateScalars(source, scope) }));
  const model = frozenModel(outputs, program.state, state);
  const out = options.out ?? `${options.format}-${stepName(progress.step)}`;
  await write(join(out, 'saved_model.pb'), encodeSavedModel(model), context);
  const signatures = [...model.signatures].map(([name, signature]) => describe(name, signature));
  return { step: progress.step, batch: program.batch, path: out, signatures };
}

async function write(path: string, content: Uint8Array, { workingFolder }: CommandContext): Promise<void> {
  try {
    await writeFileAtomically(resolve(workingFolder, path), content);
  } catch (error) {
    throw new DiagnosticError({
      code: 'run/file',
      severity: 'error',
      message: `\`${path}\` cannot be written: ${(error as Error).message}`,
    });
  }
}

function describe(name: string, { inputs, outputs }: SignatureDef): ExportedSignature {
  const shapes = (tensors: SignatureDef['outputs']): NamedShape[] =>
    [...tensors].flatMap(([tensor, info]) => ('shape' in info ? [{ name: tensor, shape: info.shape }] : []));
  return { name, inputs: shapes(inputs), outputs: shapes(outputs) };
}
