/** A model of a spec or a run, written for another library. */
import { enumerate } from '../../../spec/diagnostics/quote.js';
import { chooseOutputs } from '../choose-outputs.js';
import type { CommandContext } from '../context.js';
import { openModel } from '../open-model.js';
import { refuseOption } from '../refuse-option.js';
import { stepName } from '../run-folder.js';
import { writeOutputFolder } from '../write-output-folder.js';
import {
  EXPORT_FORMATS,
  type ExportedModel,
  type ExportFormat,
  type ExportSource,
  type OutputFormat,
} from './format.js';
import { FORMATS } from './formats.js';

export interface ExportOptions {
  readonly format: ExportFormat;
  readonly out?: string | undefined;
  /** Examples that the model takes at once; where left out those of the training, or any number where the format can say so. */
  readonly batch?: number | undefined;
  /** Outputs by name; all where empty. */
  readonly output: readonly string[];
  readonly weights: ExportSource['weights'];
}

export interface Exported {
  /** Training steps of the checkpoint; undefined where the weights are those that a run starts with. */
  readonly step: number | undefined;
  /** The folder, as a path from the working folder. */
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  readonly holds: ExportedModel['holds'];
}

/** At least as large as any batch. */
const WHOLE = '1000000000';

/**
 * Writes outputs of a spec with the weights that a run starts with, or those of a run folder's newest checkpoint or of a checkpoint file.
 * Throws DiagnosticError where there is none, or nothing to export, or where the files cannot be written.
 */
export async function exportModel(
  path: string,
  options: ExportOptions,
  context: CommandContext,
): Promise<Exported> {
  const format = FORMATS[options.format];
  requireWeights(format, options);
  requireBatch(format, options);
  const overrides =
    options.batch === undefined
      ? []
      : [
          { path: 'train.batch', value: String(options.batch) },
          // Nothing is trained: whether parts leave a rest, or couple examples, is nothing to an export.
          { path: 'train.micro_batch', value: WHOLE },
        ];
  const opened = await openModel(path, context, overrides);
  const chosen = options.output.length > 0;
  const { files, holds } = format.write({
    ...opened,
    outputs:
      format.runs || chosen
        ? chooseOutputs(opened.compiled.program.outputs, options.output, 'export').map(({ name }) => name)
        : [],
    chosen,
    weights: options.weights,
    fixedBatch: options.batch !== undefined,
  });
  const out = options.out ?? `${options.format}-${stepName(opened.scope.step)}`;
  await writeOutputFolder(out, files, format.isLeftover, context);
  return {
    step: opened.step,
    path: out,
    files: files.length,
    bytes: files.reduce((sum, { content }) => sum + content.length, 0),
    holds,
  };
}

function requireWeights({ weights }: OutputFormat, { format, weights: wanted }: ExportOptions): void {
  if (weights.includes(wanted)) return;
  const able = EXPORT_FORMATS.filter((name) => FORMATS[name].weights.includes(wanted));
  throw refuseOption(
    `\`--format ${format}\` does not store weights as \`${wanted}\``,
    `Write it with ${enumerate(
      able.map((name) => `--format ${name}`),
      'or',
    )}, or leave \`--weights\` out.`,
  );
}

function requireBatch({ runs }: OutputFormat, { format, batch }: ExportOptions): void {
  if (runs || batch === undefined) return;
  throw refuseOption(
    `\`--format ${format}\` writes weights, which are the same for every batch`,
    'Leave `--batch` out.',
  );
}
