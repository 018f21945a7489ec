/** `began-compile validate`: everything that can be said about specs without running them. Needs no data. */
import { Command } from 'commander';
import { DiagnosticError, type Diagnostic } from '../../../spec/diagnostics/diagnostic.js';
import type { CommandMaker } from '../command.js';
import { EXIT } from '../exit-code.js';
import { formatCount } from '../format-number.js';
import { printDiagnostics } from '../print-diagnostics.js';

export const validateCommand: CommandMaker = ({ terminal, workingFolder }, exit) =>
  new Command('validate')
    .summary('check specs: syntax, names, shapes; needs no data')
    .description(
      'Checks specs without running them: syntax, keys, expressions, names, shapes. Needs no data.\n' +
        'Exit code 0: no errors (there may be warnings); 1: errors were found; 2: a file could not be read.',
    )
    .argument('<files...>', 'spec files')
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile validate faces.yaml
  $ began-compile validate specs/*.yaml`,
    )
    .action(async (files: readonly string[]) => {
      const { checkSpec, readSpecFile } = await import('../compile-spec.js');
      const found: Diagnostic[] = [];
      let unread = 0;
      for (const file of files) {
        try {
          const diagnostics = checkSpec(await readSpecFile(file, workingFolder));
          printDiagnostics(diagnostics, terminal, 'out');
          found.push(...diagnostics);
        } catch (error) {
          // An unreadable file must not hide what the others have to say.
          if (!(error instanceof DiagnosticError)) throw error;
          printDiagnostics(error.diagnostics, terminal, 'err');
          unread++;
        }
      }
      const errors = found.filter(({ severity }) => severity === 'error').length;
      const warnings = found.filter(({ severity }) => severity === 'warning').length;
      const checked = files.length - unread;
      terminal.out(
        `${plural(checked, 'file')} checked: ${plural(errors, 'error')}, ${plural(warnings, 'warning')}` +
          `${unread === 0 ? '' : `; ${plural(unread, 'file')} could not be read`}\n`,
      );
      exit(unread > 0 ? EXIT.failed : errors > 0 ? EXIT.findings : EXIT.clean);
    });

const plural = (count: number, noun: string): string =>
  `${count === 0 ? 'no' : formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
