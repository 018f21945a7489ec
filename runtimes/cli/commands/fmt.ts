/** `began-compile fmt`: specs in one style, comments kept. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import type { CommandMaker } from '../command.js';
import type { CommandContext } from '../context.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { printDiagnostics } from '../print-diagnostics.js';
import { STANDARD_INPUT } from '../standard-input.js';

export const fmtCommand: CommandMaker = (context, exit) =>
  new Command('fmt')
    .summary('write specs in one style')
    .description(
      'Rewrites specs and library files in one style: indentation, spaces, brackets, empty lines. Comments, the order of keys ' +
        'and the meaning stay. With - the text comes from standard input and goes to standard output.\n' +
        'Exit code 0: done; 1: with --check, files would change; 2: a file could not be read or is no YAML.',
    )
    .argument('[paths...]', 'files, folders (searched for specs), globs, or - for standard input', ['.'])
    .option('--check', 'change nothing; name the files that would change', false)
    .option('--specs-only', 'pass over YAML files that are no specs, also where they are named', false)
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile fmt faces.yaml
  $ began-compile fmt specs --check
  $ began-compile expand faces.yaml | began-compile fmt -`,
    )
    .action(async (paths: readonly string[], options: FormatOptions) => {
      exit(
        paths.includes(STANDARD_INPUT)
          ? await formatInput(paths, options, context)
          : await formatFiles(paths, options, context),
      );
    });

interface FormatOptions {
  readonly check: boolean;
  readonly specsOnly: boolean;
}

/** As a filter, for editors. Where the text is no YAML nothing is written: an error is no text to go on with. */
async function formatInput(
  paths: readonly string[],
  { check, specsOnly }: FormatOptions,
  { terminal, workingFolder, input }: CommandContext,
): Promise<ExitCode> {
  if (paths.length > 1) {
    throw new DiagnosticError({
      code: 'run/option',
      severity: 'error',
      message: `\`${STANDARD_INPUT}\` cannot stand beside other paths`,
      note: 'What comes from standard input is written to standard output.',
      help: 'Call `fmt` once for the files and once for the text.',
    });
  }
  const [{ readStandardInput }, { formatSpec }, { recognise }] = await Promise.all([
    import('../standard-input.js'),
    import('../../../spec/format.js'),
    import('../findings/recognise.js'),
  ]);
  const { source } = await readStandardInput(input(), workingFolder);
  const passedOver = specsOnly && recognise(source.text) === undefined;
  const formatted = passedOver ? source.text : formatSpec(source);
  if (!check) terminal.out(formatted);
  else if (formatted !== source.text) {
    terminal.out(`Would format ${source.name}\n`);
    return EXIT.findings;
  }
  return EXIT.clean;
}

async function formatFiles(
  paths: readonly string[],
  { check, specsOnly }: FormatOptions,
  { terminal, workingFolder, input }: CommandContext,
): Promise<ExitCode> {
  const [{ selectFiles }, { formatSpec }, { readSpecFile }, { writeFileAtomically }] = await Promise.all([
    import('../findings/select-files.js'),
    import('../../../spec/format.js'),
    import('../spec-file.js'),
    import('../../node/atomic-file.js'),
  ]);
  const { files, refused } = await selectFiles(paths, { workingFolder, specsOnly, input });
  let exit: ExitCode = refused.length > 0 ? EXIT.failed : EXIT.clean;
  printDiagnostics(
    refused.map(({ diagnostic }) => diagnostic),
    terminal,
    'err',
  );
  for (const { name } of files) {
    const path = resolve(workingFolder, name);
    try {
      const { text } = (await readSpecFile(name, workingFolder)).source;
      const formatted = formatSpec({ name, text });
      if (formatted === text) continue;
      if (!check) await writeFileAtomically(path, formatted);
      else if (exit === EXIT.clean) exit = EXIT.findings;
      terminal.out(`${check ? 'Would format' : 'Formatted'} ${name}\n`);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      printDiagnostics(error.diagnostics, terminal, 'err');
      exit = EXIT.failed;
    }
  }
  return exit;
}
