/** `began-compile init`: a first spec, with comments, that editors know the language of. */
import { Argument, Command } from 'commander';
import type { CommandMaker } from '../command.js';

/** What each file of spec/templates is. */
export const TEMPLATES = {
  began: 'pictures, auto-encoder energies kept in balance',
  'wgan-gp': 'points in the plane, a critic whose slope is penalised',
  acgan: 'digits by class, with branches and labels',
  equations: 'points in the plane, an objective written out',
} as const;

export type Template = keyof typeof TEMPLATES;

const WIDTH = Math.max(...Object.keys(TEMPLATES).map((name) => name.length));

export const initCommand: CommandMaker = ({ terminal, workingFolder, invocation }) =>
  new Command('init')
    .summary('write a first spec')
    .description(
      'Writes a spec with comments to start from. Editors with a YAML language server complete and check it by the schema ' +
        'that its first line names.',
    )
    .addArgument(
      new Argument('[template]', 'what to start from')
        .choices(Object.keys(TEMPLATES))
        .default('began' satisfies Template),
    )
    .option('-o, --output <file>', 'where to (default: the template with .yaml)')
    .addHelpText(
      'after',
      `
Templates:
${Object.entries(TEMPLATES)
  .map(([name, what]) => `  ${name.padEnd(WIDTH)}  ${what}`)
  .join('\n')}

Examples:
  $ began-compile init
  $ began-compile init wgan-gp -o specs/points.yaml`,
    )
    .action(async (template: Template, { output }: { readonly output?: string }) => {
      const { writeTemplate } = await import('../write-template.js');
      const { file, schema } = await writeTemplate(template, output ?? `${template}.yaml`, workingFolder);
      if (schema !== undefined) terminal.out(`Wrote ${schema}, which editors read.\n`);
      terminal.out(`Wrote ${file}. To train it: ${invocation} run ${file}\n`);
    });
