/** `began-compile setup`: what a backend needs and npm cannot bring. */
import { Argument, Command } from 'commander';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import type { CommandMaker } from '../command.js';
import { EXIT } from '../exit-code.js';
import { wholeNumber } from '../option-values.js';
import { StatusLine } from '../status-line.js';

interface SetupCommandOptions {
  readonly tensorflow?: string | undefined;
  readonly mirror?: string | undefined;
  readonly timeout: number;
}

const LABEL_WIDTH = 14;

export const setupCommand: CommandMaker = ({ terminal, workingFolder, clock, now, interruption }, exit) =>
  new Command('setup')
    .summary('set up TensorFlow for the backend cuda')
    .description(
      'Sets up what the backend cuda needs: looks at driver, GPU and CUDA libraries, takes the TensorFlow that fits, builds ' +
        'the native addon for it, loads it and says what was reached. What worked before is replaced only by what works.',
    )
    .addArgument(new Argument('<backend>', 'what is set up').choices(['cuda']))
    .option(
      '--tensorflow <which>',
      'stock (2.9.1, CUDA 11), pip (current, brings CUDA 12), a wheel, or a folder (default: what fits)',
    )
    .option('--mirror <url>', 'where the stock TensorFlow is downloaded instead of storage.googleapis.com')
    .option('--timeout <seconds>', 'how long a download may stand still', wholeNumber(1), 60)
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile setup cuda
  $ began-compile setup cuda --tensorflow pip
  $ began-compile setup cuda --tensorflow tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl
  $ began-compile setup cuda --tensorflow .venv
  $ began-compile setup cuda --tensorflow stock --mirror https://mirror.example
  $ began-compile doctor cuda`,
    )
    .action(async (_backend: string, { tensorflow, mirror, timeout }: SetupCommandOptions) => {
      checkMirror(mirror, tensorflow);
      const [{ setUpCuda }, { packageFolders, setupFolder }] = await Promise.all([
        import('../../cuda/setup/set-up-cuda.js'),
        import('../../cuda/package-folders.js'),
      ]);
      const status = new StatusLine({ terminal, clock });
      const signal = interruption();
      const environment = process.env;
      try {
        await setUpCuda(
          { tensorflow, mirror, patience: timeout },
          {
            environment,
            packageFolders: () => packageFolders(workingFolder, environment),
            setupFolder: setupFolder(environment),
            workingFolder,
            report: {
              line: (label, text) => {
                status.clear();
                terminal.out(`${terminal.colours.out.dim(label.padEnd(LABEL_WIDTH))}  ${text}\n`);
              },
              progress: (parts) => status.show(() => parts),
            },
            signal,
            now,
          },
        );
      } catch (error) {
        if (!signal.aborted) throw error;
        exit(EXIT.interrupted);
      } finally {
        status.clear();
      }
    });

/** Throws DiagnosticError run/option. */
function checkMirror(mirror: string | undefined, tensorflow: string | undefined): void {
  if (mirror === undefined) return;
  if (!URL.canParse(mirror) || !['http:', 'https:'].includes(new URL(mirror).protocol)) {
    throw new DiagnosticError({
      code: 'run/option',
      severity: 'error',
      message: `\`--mirror ${mirror}\` is no address of a server`,
      help: 'Write one that begins with `https://` or `http://`.',
    });
  }
  if (tensorflow !== undefined && tensorflow !== 'stock') {
    throw new DiagnosticError({
      code: 'run/option',
      severity: 'error',
      message: `\`--mirror\` says nothing to \`--tensorflow ${tensorflow}\``,
      note: 'It is where the stock TensorFlow is downloaded. pip takes its index from `PIP_INDEX_URL`.',
      help: 'Leave it out, or write `--tensorflow stock`.',
    });
  }
}
