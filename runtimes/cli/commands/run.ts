/** `began-compile run`: trains a spec, or goes on with a run. */
import { Command } from 'commander';
import type { CommandMaker } from '../command.js';
import { addEngineOptions } from '../engine-options.js';
import { EXIT } from '../exit-code.js';
import { dumpOption, setOption, wholeNumber } from '../option-values.js';
import { jsonReporter, textReporter } from '../run-reporter.js';
import type { RunOptions } from '../start-run.js';

export const runCommand: CommandMaker = (context, exit) =>
  addEngineOptions(
    new Command('run')
      .summary('train a spec')
      .description(
        'Trains a spec and leaves a run folder: pictures, metrics, checkpoints and report.html. Ctrl-C finishes the ' +
          'step, saves a checkpoint and says how to go on; a second Ctrl-C stops at once.',
      )
      .argument('[spec]', 'spec file; not needed with --resume'),
  )
    .option('--steps <n>', 'training steps in all, also with --resume', wholeNumber(1))
    .option('--out <folder>', 'run folder (default: runs/NAME for NAME.yaml)')
    .option('--seed <n>', 'seed of weights, noise and data order', wholeNumber(0))
    .addOption(setOption())
    .option('--resume <folder>', 'go on with the run in this folder')
    .addOption(dumpOption())
    .option('--json', 'print one JSON object per line instead of text')
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile run examples/faces-32.yaml
  $ began-compile run faces.yaml --set hyper.gamma=0.7 --set train.batch=32 --out runs/gamma-0.7
  $ began-compile run --resume runs/faces
  $ began-compile run --resume runs/faces --steps 400000`,
    )
    .action(
      async (
        spec: string | undefined,
        options: RunOptions & { readonly json?: boolean; readonly dumpAfter?: string },
      ) => {
        const [{ planRun }, { trainRun }] = await Promise.all([
          import('../start-run.js'),
          import('../train-run.js'),
        ]);
        const { terminal, clock } = context;
        const reporter = options.json === true ? jsonReporter(terminal) : textReporter(terminal, clock);
        const plan = await planRun(spec, options, context);
        if (options.dumpAfter !== undefined) {
          const { dumpAfter } = await import('../inspect/dump.js');
          terminal.out(dumpAfter(plan.compiled.program, options.dumpAfter));
          return;
        }
        const outcome = await trainRun(plan, context, reporter);
        exit(outcome === 'finished' ? EXIT.clean : EXIT.interrupted);
      },
    );
