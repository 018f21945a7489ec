/** The outputs of a trained run, written for another library to run. */
import type { Shape } from '../../../compiler/graph/graph.js';
import type { ProgramGraph } from '../../../compiler/program.js';
import type { WeightType } from '../../../compiler/tensorflow/graph-model.js';
import { requireTensors } from '../../training/checkpoint.js';
import { evaluateScalars } from '../../training/feeds.js';
import { chooseOutputs } from '../choose-outputs.js';
import { compileSpec } from '../compile-spec.js';
import type { CommandContext } from '../context.js';
import { openCheckpoint } from '../open-checkpoint.js';
import { stepName } from '../run-folder.js';
import { keptSpec } from '../spec-file.js';
import { EXPORT_FORMATS, type ExportFormat, type OutputFormat } from './format.js';
import { FORMATS } from './formats.js';
import { refuseOption } from '../refuse-option.js';
import { writeOutputFolder } from '../write-output-folder.js';

export interface ExportOptions {
  readonly format: ExportFormat;
  readonly out?: string | undefined;
  /** Examples that the model takes at once; those of the training where left out. */
  readonly batch?: number | undefined;
  /** Outputs by name; all where empty. */
  readonly output: readonly string[];
  readonly weights: WeightType;
}

export interface Exported {
  /** Training steps of the checkpoint. */
  readonly step: number;
  readonly batch: number;
  /** The folder, as a path from the working folder. */
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  readonly outputs: readonly ExportedOutput[];
}

export interface ExportedOutput {
  readonly name: string;
  readonly takes: readonly NamedShape[];
  readonly gives: readonly NamedShape[];
}

interface NamedShape {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * Writes outputs of the spec with the weights of a run folder's newest checkpoint, or of a checkpoint file. Throws
 * DiagnosticError where there is none, or nothing to export, or where the files cannot be written.
 */
export async function exportModel(
  path: string,
  options: ExportOptions,
  context: CommandContext,
): Promise<Exported> {
  const format = FORMATS[options.format];
  requireWeights(format, options);
  const checkpoint = await openCheckpoint(path, context);
  const { progress } = checkpoint;
  const overrides =
    options.batch === undefined ? [] : [{ path: 'train.batch', value: String(options.batch) }];
  const { program } = compileSpec(keptSpec(checkpoint.spec, context.workingFolder), overrides);
  requireTensors(program, checkpoint);
  const chosen = chooseOutputs(program.outputs, options.output, 'export');
  const hyper = new Map([...program.hyper, ...Object.entries(progress.hyper)]);
  const scope = { hyper, step: progress.step, steps: program.steps, execution: progress.step };
  const trained = {
    outputs: chosen.map((source) => ({ source, scalars: evaluateScalars(source, scope) })),
    declarations: program.state,
    state: new Map([...checkpoint.tensors].map(([name, { data }]) => [name, data])),
  };
  const files = format.files(trained, options.weights);
  const out = options.out ?? `${options.format}-${stepName(progress.step)}`;
  await writeOutputFolder(out, files, format.isLeftover, context);
  return {
    step: progress.step,
    batch: program.batch,
    path: out,
    files: files.length,
    bytes: files.reduce((sum, { content }) => sum + content.length, 0),
    outputs: chosen.map(describe),
  };
}

function requireWeights({ weights }: OutputFormat, { format, weights: wanted }: ExportOptions): void {
  if (weights.includes(wanted)) return;
  const able = EXPORT_FORMATS.filter((name) => FORMATS[name].weights.includes(wanted));
  throw refuseOption(
    `\`--format ${format}\` does not store weights as \`${wanted}\``,
    `Write it with \`--format ${able.join('` or `')}\`, or leave \`--weights\` out.`,
  );
}

function describe({ name, graph, feeds }: ProgramGraph): ExportedOutput {
  const gives = graph.outputs.map((output) => ({
    name: output.name,
    shape: graph.nodes[output.node]!.shape,
  }));
  return { name, takes: feeds, gives };
}
