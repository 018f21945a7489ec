/** `began-compile sample`: pictures or lines from a checkpoint alone; the spec is inside it. */
import { Command } from 'commander';
import { printable } from '../../../spec/diagnostics/quote.js';
import type { CommandMaker } from '../command.js';
import { addEngineOptions } from '../engine-options.js';
import { formatCount } from '../format-number.js';
import { wholeNumber } from '../option-values.js';
import type { SampleOptions } from '../draw-samples.js';

export const sampleCommand: CommandMaker = (context) =>
  addEngineOptions(
    new Command('sample')
      .summary('draw samples from a run')
      .description(
        'Draws samples from the newest checkpoint of a run, or from a checkpoint file: a grid, or with --separate one ' +
          'PNG per sample; lines of text are printed, or with --out written. Needs neither the spec nor the data. ' +
          'Sample number i of a seed is the same for every count.\n\n' +
          'Whatever the output draws can be chosen by its name in the spec: --y 3 is one class, --c1 0.5 one number, ' +
          '--s.1 0.5 one number of several. A range, --c1 -2..2 or --y 0..9, goes across the columns, everything else ' +
          'being the same in a row; a second range goes down the rows. Classes that are not chosen come in turn.',
      )
      .usage('[options] <run> [--NAME VALUE...]')
      .argument('<run>', 'run folder, or a .safetensors checkpoint')
      .allowUnknownOption()
      .allowExcessArguments()
      .option(
        '--count <n>',
        'number of samples (default: 8 rows, or 1,024 points of the plane)',
        wholeNumber(1),
      )
      .option('--output <name>', 'output of the spec (default: the first that needs no data)')
      .option('--seed <n>', 'seed of the noise', wholeNumber(0), 1)
      .option(
        '--out <path>',
        'PNG file, file of lines, or with --separate a folder (default: in the working folder)',
      )
      .option('--separate', 'one PNG per sample instead of a grid'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile sample runs/faces-32
  $ began-compile sample runs/faces-32 --count 100 --seed 7 --out more.png
  $ began-compile sample runs/names --count 20
  $ began-compile sample runs/digits --y 3 --c1 -2..2
  $ began-compile sample runs/faces-32/checkpoints/step-001000.safetensors --separate --out faces/`,
    )
    .action(async (_run: string, options: Omit<SampleOptions, 'inputs'>, command: Command) => {
      const { readInputs } = await import('../sample-inputs.js');
      const { operands, inputs } = readInputs(command.args);
      const [path, excess] = operands;
      if (path === undefined) command.error("error: missing required argument 'run'");
      if (excess !== undefined) command.error(`error: one run is sampled, and '${excess}' is a second one`);
      const { drawSamples } = await import('../draw-samples.js');
      const { output, count, said, step, result, engine } = await drawSamples(
        path,
        { ...options, inputs },
        context,
      );
      if (result.kind === 'lines') {
        context.terminal.out(result.lines.map((line) => `${printable(line)}\n`).join(''));
        return;
      }
      const chosen = said.map((words) => `, ${words}`).join('');
      const on = /^wasm\b/.test(engine) ? '' : `, ${engine}`;
      context.terminal.out(
        `${formatCount(count)} samples of '${output}' at step ${formatCount(step)}, seed ${options.seed}${chosen}${on}: ${result.path}\n`,
      );
    });
