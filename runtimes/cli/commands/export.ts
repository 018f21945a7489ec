/** `began-compile export`: a model of a spec or a run, for another library. */
import { Command, Option } from 'commander';
import type { CommandMaker } from '../command.js';
import type { ExportOptions } from '../export/export-model.js';
import { EXPORT_FORMATS, WEIGHT_TYPES, type ExportFormat } from '../export/format.js';
import {
  PROGRAM_FORMATS,
  refuseProgramOptions,
  type ProgramFormat,
  type ProgramOptions,
} from '../export/program-options.js';
import { setOption, wholeNumber } from '../option-values.js';

type Options = Omit<ExportOptions, 'format'> &
  ProgramOptions & { readonly format: ExportFormat | ProgramFormat };

export const exportCommand: CommandMaker = (context) =>
  new Command('export')
    .summary('write the outputs of a run for other libraries, or its weights')
    .description(
      'Writes the outputs of the spec with the weights of the newest checkpoint of a run or of a checkpoint file, or with ' +
        'those that a run of a spec starts with. They take noise (and data) by the names they have in the spec. As one ' +
        'model, a TensorFlow SavedModel with a signature for each output or a TensorFlow.js graph model for the browser; as ' +
        'an ONNX file for each output, for any number of examples; or the weights alone, as safetensors.\n\n' +
        'With --format pytorch a spec becomes a Python program that trains it, with its examples beside it.',
    )
    .argument('<path>', 'spec, run folder, or a .safetensors checkpoint')
    .addOption(
      new Option('--format <name>', 'what is written')
        .choices([...EXPORT_FORMATS, ...PROGRAM_FORMATS])
        .default(EXPORT_FORMATS[0]),
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
    .addOption(setOption())
    .option('--no-data', 'leave the examples out of a program')
    .option(
      '-o, --out <folder>',
      'where it is written (default: FORMAT-step-N, for a program pytorch-NAME, in the working folder)',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile export runs/faces-32 -o faces-model
  $ began-compile export runs/faces-32 --format tfjs --output generate --batch 1
  $ began-compile export runs/faces-32 --format onnx --output generate
  $ began-compile export runs/faces-32/checkpoints/step-001000.safetensors --batch 1
  $ began-compile export examples/faces-32.yaml --format pytorch -o faces-pytorch`,
    )
    .action(async (path: string, { format, ...options }: Options) => {
      if (format === 'pytorch') {
        const { exportProgram, showProgram } = await import('../export/export-program.js');
        context.terminal.out(showProgram(await exportProgram(path, options, context)));
        return;
      }
      refuseProgramOptions(options);
      const { exportModel } = await import('../export/export-model.js');
      const { showExported } = await import('../export/show-exported.js');
      context.terminal.out(showExported(await exportModel(path, { ...options, format }, context)));
    });
