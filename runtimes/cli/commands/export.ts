/** `began-compile export`: the outputs of a run as a model of another library. */
import { Command, Option } from 'commander';
import type { CommandMaker } from '../command.js';
import type { ExportOptions } from '../export/export-model.js';
import { EXPORT_FORMATS, WEIGHT_TYPES } from '../export/format.js';
import { formatBytes, formatCount } from '../format-number.js';
import { wholeNumber } from '../option-values.js';

export const exportCommand: CommandMaker = (context) =>
  new Command('export')
    .summary('write the outputs of a run for TensorFlow or TensorFlow.js')
    .description(
      'Writes the outputs of the spec, with the weights of the newest checkpoint of a run or of a checkpoint file, as ' +
        'one model, which takes noise (and data) by the names they have in the spec: a TensorFlow SavedModel with a ' +
        'signature for each output, or a TensorFlow.js graph model for the browser. Needs neither the spec nor the data.',
    )
    .argument('<run>', 'run folder, or a .safetensors checkpoint')
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
      'examples that the model takes at once (default: those of the training)',
      wholeNumber(1),
    )
    .addOption(
      new Option('--weights <type>', 'how tfjs models store weights')
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
  $ began-compile export runs/faces-32/checkpoints/step-001000.safetensors --batch 1`,
    )
    .action(async (path: string, options: ExportOptions) => {
      const { exportModel } = await import('../export/export-model.js');
      const { step, batch, path: out, files, bytes, outputs } = await exportModel(path, options, context);
      const show = (tensors: (typeof outputs)[number]['takes']): string =>
        tensors.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
      const counted = (count: number, what: string): string =>
        `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
      context.terminal.out(
        [
          `${counted(outputs.length, 'output')} at step ${formatCount(step)}, batch ${formatCount(batch)}: ${out}`,
          ...outputs.map(({ name, takes, gives }) => `  ${name}: ${show(takes)} -> ${show(gives)}`),
          `  ${counted(files, 'file')}, ${formatBytes(bytes)}`,
          '',
        ].join('\n'),
      );
    });
