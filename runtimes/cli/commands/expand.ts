/** `began-compile expand`: a spec with its library written out. */
import { Command } from 'commander';
import type { CommandMaker } from '../command.js';
import { printDiagnostics } from '../print-diagnostics.js';

export const expandCommand: CommandMaker = ({ terminal, workingFolder }) =>
  new Command('expand')
    .summary('write out what a spec takes from the library')
    .description(
      'Prints a spec with the equations of its objective and the layers of its blocks written out, and what it extends in one ' +
        'file. It trains the same, bit for bit. Paths in it are relative to the folder of the spec.',
    )
    .argument('<spec>', 'spec file')
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile expand faces.yaml
  $ began-compile expand faces.yaml > faces-written-out.yaml`,
    )
    .action(async (path: string) => {
      const [{ compileSpec }, { readSpecFile }, { expandSpec }, { folderLibrary }] = await Promise.all([
        import('../compile-spec.js'),
        import('../spec-file.js'),
        import('../../../spec/expand/expand-spec.js'),
        import('../../node/library-source.js'),
      ]);
      const { source, diagnostics } = compileSpec(await readSpecFile(path, workingFolder));
      printDiagnostics(diagnostics, terminal, 'err');
      terminal.out(expandSpec(source, folderLibrary()));
    });
