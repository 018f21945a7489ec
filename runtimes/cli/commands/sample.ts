/** `began-compile sample`: pictures or lines from a checkpoint alone; the spec is inside it. */
import { Command, Option } from 'commander';
import { printable } from '../../../spec/diagnostics/quote.js';
import { BACKENDS, type Backend } from '../backends.js';
import type { CommandMaker } from '../command.js';
import { formatCount } from '../format-number.js';
import { wholeNumber } from '../option-values.js';
import type { SampleOptions } from '../draw-samples.js';

export const sampleCommand: CommandMaker = (context) =>
  new Command('sample')
    .summary('draw samples from a run')
    .description(
      'Draws samples from the newest checkpoint of a run, or from a checkpoint file: a grid, or with --separate one ' +
        'PNG per sample; lines of text are printed, or with --out written. Needs neither the spec nor the data. Sample number i of a seed is the same for every count.',
    )
    .argument('<run>', 'run folder, or a .safetensors checkpoint')
    .option('--count <n>', 'number of samples', wholeNumber(1), 64)
    .option('--output <name>', 'output of the spec (default: the first that needs no data)')
    .option('--seed <n>', 'seed of the noise', wholeNumber(0), 1)
    .option(
      '--out <path>',
      'PNG file, file of lines, or with --separate a folder (default: in the working folder)',
    )
    .option('--separate', 'one PNG per sample instead of a grid')
    .addOption(
      new Option('--backend <name>', 'what runs the program')
        .choices(BACKENDS)
        .default('wasm' satisfies Backend),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile sample runs/faces-32
  $ began-compile sample runs/faces-32 --count 100 --seed 7 --out more.png
  $ began-compile sample runs/names --count 20
  $ began-compile sample runs/faces-32/checkpoints/step-001000.safetensors --separate --out faces/`,
    )
    .action(async (path: string, options: SampleOptions) => {
      const { drawSamples } = await import('../draw-samples.js');
      const { output, step, result } = await drawSamples(path, options, context);
      if (result.kind === 'lines') {
        context.terminal.out(result.lines.map((line) => `${printable(line)}\n`).join(''));
        return;
      }
      context.terminal.out(
        `${formatCount(options.count)} samples of '${output}' at step ${formatCount(step)}, seed ${options.seed}: ${result.path}\n`,
      );
    });
