/** `began-compile export`: a model of a spec or a run, for another library. */
import { Command, Option } from 'commander';
import type { CommandMaker } from '../command.js';
import type { ExportOptions } from '../export/export-model.js';
import { EXPORT_FORMATS, WEIGHT_TYPES } from '../export/format.js';
import { wholeNumber } from '../option-values.js';

export const exportCommand: CommandMaker = (context) =>
  new Command('export')
    .summary('write the outputs of a run for other libraries, or its weights')
    .description(
      'Writes the outputs of the spec with the weights of the newest checkpoint of a run or of a checkpoint file, or with ' +
        'those that a run of a spec starts with. They take noise (and data) by the names they have in the spec. As one ' +
        'model, a TensorFlow SavedModel with a signature for each output or a TensorFlow.js graph model for the browser; as ' +
        'an ONNX file for each output, for any number of examples; or the weights alone, as safetensors.',
    )
    .argument('<path>', 'spec, run folder, or a .safetensors checkpoint')
    .addOption(
      new Option('--format <name>', 'what is written').choices(EXPORT_FORMATS).default(EXPORT_FORMATS[0]),
    )
    .addOption(
      new Option('--output <name>', 'output of the spec; may be repeated')
        .default([], 'all')
        .argParser((name: string, before: readonly string[]) => [...before, name]),
    )
    .option(
      '--batch <n>',
      'examples that the model takes at once (default: any number for onnx, else those of the training)',
      wholeNumber(1),
    )
    .addOption(
      new Option('--weights <type>', 'how tfjs and safetensors store weights')
        .choices(WEIGHT_TYPES)
        .default(WEIGHT_TYPES[0]),
    )
    .option('-o, --out <folder>', 'where it is written (default: FORMAT-step-N in the working folder)')
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile export runs/faces-32 -o faces-model
  $ began-compile export runs/faces-32 --format tfjs --output generate --batch 1
  $ began-compile export runs/faces-32 --format onnx --output generate
  $ began-compile export runs/faces-32/checkpoints/step-001000.safetensors --batch 1`,
    )
    .action(async (path: string, options: ExportOptions) => {
      const { exportModel } = await import('../export/export-model.js');
      const { showExported } = await import('../export/show-exported.js');
      context.terminal.out(showExported(await exportModel(path, options, context)));
    });
