/** `began-compile schema`: the JSON Schema of the language, for editors and other tools. */
import { readFile } from 'node:fs/promises';
import { Argument, Command } from 'commander';
import type { CommandMaker } from '../command.js';
import { packageFile } from '../../node/package-files.js';

const FILES = { spec: 'spec/schema/v1.json', library: 'spec/schema/library-v1.json' } as const;

export const schemaCommand: CommandMaker = ({ terminal }) =>
  new Command('schema')
    .summary('print the JSON Schema of specs')
    .description('Prints the JSON Schema (draft 2020-12) of specs, or of library files.')
    .addArgument(
      new Argument('[of]', 'what the schema describes')
        .choices(Object.keys(FILES))
        .default('spec' satisfies keyof typeof FILES),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile schema > began-compile.schema.json
  $ began-compile schema library`,
    )
    .action(async (of: keyof typeof FILES) => {
      terminal.out(await readFile(packageFile(FILES[of]), 'utf8'));
    });
