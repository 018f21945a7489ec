/** `began-compile export`: the outputs of a run as a model of another library. */
import { Command, Option } from 'commander';
import type { CommandMaker } from '../command.js';
import type { ExportFormat, ExportOptions } from '../export-model.js';
import { formatCount } from '../format-number.js';
import { wholeNumber } from '../option-values.js';

const FORMATS: readonly ExportFormat[] = ['savedmodel'];

export const exportCommand: CommandMaker = (context) =>
  new Command('export')
    .summary('write the outputs of a run for TensorFlow')
    .description(
      'Writes the outputs of the spec, with the weights of the newest checkpoint of a run or of a checkpoint file, as ' +
        'one TensorFlow SavedModel: a signature for each output, which takes noise (and data) by the names they have ' +
        'in the spec. Needs neither the spec nor the data.',
    )
    .argument('<run>', 'run folder, or a .safetensors checkpoint')
    .addOption(new Option('--format <name>', 'what is written').choices(FORMATS).default(FORMATS[0]))
    .option('-o, --out <folder>', 'where it is written (default: savedmodel-step-N in the working folder)')
    .option(
      '--batch <n>',
      'examples that the model takes at once (default: those of the training)',
      wholeNumber(1),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile export runs/faces-32 -o faces-model
  $ began-compile export runs/faces-32/checkpoints/step-001000.safetensors --batch 1`,
    )
    .action(async (path: string, options: ExportOptions) => {
      const { exportModel } = await import('../export-model.js');
      const { step, batch, path: out, signatures } = await exportModel(path, options, context);
      const show = (tensors: (typeof signatures)[number]['inputs']): string =>
        tensors.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
      context.terminal.out(
        [
          `${signatures.length === 1 ? '1 output' : `${signatures.length} outputs`} at step ${formatCount(step)}, batch ${formatCount(batch)}: ${out}`,
          ...signatures.map(({ name, inputs, outputs }) => `  ${name}: ${show(inputs)} -> ${show(outputs)}`),
          '',
        ].join('\n'),
      );
    });
