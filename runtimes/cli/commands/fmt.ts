/** `began-compile fmt`: specs in one style, comments kept. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import type { CommandMaker } from '../command.js';
import type { CommandContext } from '../context.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { printDiagnostics } from '../print-diagnostics.js';

export const fmtCommand: CommandMaker = (context, exit) =>
  new Command('fmt')
    .summary('write specs in one style')
    .description(
      'Rewrites specs and library files in one style: indentation, spaces, brackets, empty lines. Comments, the order of keys ' +
        'and the meaning stay.\n' +
        'Exit code 0: done; 1: with --check, files would change; 2: a file could not be read or is no YAML.',
    )
    .argument('[paths...]', 'files, folders (searched for specs) and globs', ['.'])
    .option('--check', 'change nothing; name the files that would change', false)
    .option('--specs-only', 'pass over YAML files that are no specs, also where they are named', false)
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile fmt faces.yaml
  $ began-compile fmt specs --check`,
    )
    .action(async (paths: readonly string[], options: FormatOptions) => {
      exit(await formatFiles(paths, options, context));
    });

interface FormatOptions {
  readonly check: boolean;
  readonly specsOnly: boolean;
}

async function formatFiles(
  paths: readonly string[],
  { check, specsOnly }: FormatOptions,
  { terminal, workingFolder }: CommandContext,
): Promise<ExitCode> {
  const [{ selectFiles }, { formatSpec }, { readSpecFile }, { writeFileAtomically }] = await Promise.all([
    import('../findings/select-files.js'),
    import('../../../spec/format.js'),
    import('../spec-file.js'),
    import('../../node/atomic-file.js'),
  ]);
  const { files, refused } = await selectFiles(paths, { workingFolder, specsOnly });
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
