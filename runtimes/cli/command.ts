/** The command line: which commands there are, what they accept, and how every way to fail leaves the process. */
import { Command, CommanderError } from 'commander';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { CommandContext } from './context.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { buildCommand } from './commands/build.js';
import { doctorCommand } from './commands/doctor.js';
import { expandCommand } from './commands/expand.js';
import { explainCommand } from './commands/explain.js';
import { exportCommand } from './commands/export.js';
import { fmtCommand } from './commands/fmt.js';
import { initCommand } from './commands/init.js';
import { inspectCommand } from './commands/inspect.js';
import { profileCommand } from './commands/profile.js';
import { runCommand } from './commands/run.js';
import { sampleCommand } from './commands/sample.js';
import { schemaCommand } from './commands/schema.js';
import { serveCommand } from './commands/serve.js';
import { setupCommand } from './commands/setup.js';
import { validateCommand } from './commands/validate.js';
import { PACKAGE } from './package-info.js';
import { printDiagnostics } from './print-diagnostics.js';

/**
 * Makes one command; `exit` is told how it ended when it ended without an error. What a command works with is loaded
 * when it is run: the compiler and the picture libraries take longer to load than --help takes to print.
 */
export type CommandMaker = (context: CommandContext, exit: (code: ExitCode) => void) => Command;

const COMMANDS: readonly CommandMaker[] = [
  initCommand,
  runCommand,
  sampleCommand,
  buildCommand,
  serveCommand,
  exportCommand,
  validateCommand,
  inspectCommand,
  profileCommand,
  fmtCommand,
  expandCommand,
  explainCommand,
  schemaCommand,
  setupCommand,
  doctorCommand,
];

const EXAMPLES = `
Examples:
  $ began-compile init
  $ began-compile run examples/faces-32.yaml
  $ began-compile run examples/faces-32.yaml --set hyper.gamma=0.7 --out runs/gamma-0.7
  $ began-compile run --resume runs/faces-32
  $ began-compile sample runs/faces-32 --count 64
  $ began-compile build runs/faces-32 --outputs generate -o model
  $ began-compile serve model
  $ began-compile export runs/faces-32 -o faces-model
  $ began-compile validate examples/*.yaml
  $ began-compile inspect examples/faces-32.yaml
  $ began-compile profile examples/faces-32.yaml
  $ began-compile doctor

Exit codes: 0 clean, 1 findings in a spec, 2 the work could not be done, 130 interrupted.`;

/** Runs `argv` (without node and the script) and gives the exit code. Prints every error it meets. */
export async function execute(argv: readonly string[], context: CommandContext): Promise<ExitCode> {
  const { terminal } = context;
  let exitCode: ExitCode = EXIT.clean;
  const program = new Command('began-compile')
    .description(PACKAGE.description)
    .version(PACKAGE.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXAMPLES);
  for (const make of COMMANDS) program.addCommand(make(context, (code) => (exitCode = code)));
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showSuggestionAfterError(true)
      .helpOption('-h, --help', 'print this help')
      .configureOutput({
        writeOut: (text) => terminal.out(text),
        writeErr: (text) => terminal.err(text),
        getOutHelpWidth: () => (terminal.interactive ? terminal.columns() : 100),
        getErrHelpWidth: () => (terminal.interactive ? terminal.columns() : 100),
        outputError: (text, write) =>
          write(
            `${text}See ${['began-compile', ...(command === program ? [] : [command.name()])].join(' ')} --help\n`,
          ),
      });
  }

  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed its own message: help and version end with code 0, misuse with 1.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clean : EXIT.failed;
    if (error instanceof DiagnosticError) {
      printDiagnostics(error.diagnostics, terminal, 'err');
      return EXIT.failed;
    }
    terminal.err(unexpected(error));
    return EXIT.failed;
  }
}

function unexpected(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `began-compile met an error of its own:\n${stack}\nThis is a mistake in began-compile ${PACKAGE.version}; please report it with the text above.\n`;
}
