/** `began-compile validate`: everything that can be said about specs without running them. */
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { DiagnosticCode } from '../../../spec/diagnostics/codes.js';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import type { CommandMaker } from '../command.js';
import type { CommandContext } from '../context.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Report } from '../findings/findings.js';
import { FORMATS, type Format } from '../findings/formats.js';
import { PACKAGE } from '../package-info.js';
import { printDiagnostics } from '../print-diagnostics.js';

interface ValidateOptions {
  readonly format: Format;
  readonly output: readonly Output[];
  readonly strict: boolean;
  readonly summary: boolean;
  readonly checkData: boolean;
  readonly specsOnly: boolean;
}

interface Output {
  readonly format: Format;
  readonly file: string;
}

export const validateCommand: CommandMaker = (context, exit) =>
  new Command('validate')
    .summary('check specs: syntax, names, shapes; needs no data')
    .description(
      'Checks specs and library files without running them: syntax, keys, expressions, names, shapes, and what is likely ' +
        'to go wrong in training. Needs no data.\n' +
        'Exit code 0: no errors (there may be warnings); 1: errors were found; 2: a file could not be read or written.',
    )
    .argument('[paths...]', 'files, folders (searched for specs), globs, and - for standard input', ['.'])
    .addOption(
      new Option('--format <format>', 'what is printed').choices(FORMATS).default('pretty' satisfies Format),
    )
    .addOption(
      new Option('--output <format=file>', 'writes findings to a file as well; may be repeated')
        .default([], 'nothing')
        .argParser(output),
    )
    .option('--strict', 'warnings are errors', false)
    .option('--summary', 'count the findings by code as well (of the format pretty)', false)
    .option('--check-data', 'open the data of every spec too', false)
    .option('--specs-only', 'pass over YAML files that are no specs, also where they are named', false)
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile validate faces.yaml
  $ began-compile validate specs/ "more/**/*.yaml" --strict
  $ began-compile expand faces.yaml | began-compile validate -
  $ began-compile validate . --format github --output sarif=findings.sarif --output junit=report.xml`,
    )
    .action(async (paths: readonly string[], options: ValidateOptions) => {
      exit(await validate(paths, options, context));
    });

async function validate(
  paths: readonly string[],
  options: ValidateOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, workingFolder, input } = context;
  const [{ selectFiles }, { checkFiles }, { countsOf, distinctFindings }, { writeReport }] =
    await Promise.all([
      import('../findings/select-files.js'),
      import('../findings/check-files.js'),
      import('../findings/findings.js'),
      import('../findings/formats.js'),
    ]);
  const { files, refused } = await selectFiles(paths, { workingFolder, specsOnly: options.specsOnly, input });
  const status = options.checkData ? await statusOf(context) : undefined;
  const progress = (line: string): void => status?.show(() => [line]);
  const checkedFiles = await checkFiles(files, context, { data: options.checkData, progress });
  status?.clear();
  const checked = [
    ...checkedFiles,
    ...refused.map(({ argument, diagnostic }) => ({
      name: argument,
      sources: [],
      diagnostics: [],
      unreadable: [diagnostic],
    })),
  ];
  const bare: Report = {
    files: checked,
    workingFolder,
    tool: { name: 'began-compile', version: PACKAGE.version },
    strict: options.strict,
    pages: new Map(),
  };
  const formats = [options.format, ...options.output.map(({ format }) => format)];
  const report = formats.includes('sarif') ? await withPages(bare) : bare;

  const { summary } = options;
  for (const { format, file } of options.output) {
    const text = await writeReport(format, report, { colours: await noColours(), summary });
    await write(file, text, workingFolder);
  }
  for (const { unreadable } of checked) {
    if (unreadable !== undefined) printDiagnostics(unreadable, terminal, 'err');
  }
  terminal.out(await writeReport(options.format, report, { colours: terminal.colours.out, summary }));

  if (checked.some(({ unreadable }) => unreadable !== undefined)) return EXIT.failed;
  const { error, warning } = countsOf(distinctFindings(report));
  return error > 0 || (options.strict && warning > 0) ? EXIT.findings : EXIT.clean;
}

/** With the page of every code that was found. */
async function withPages(report: Report): Promise<Report> {
  const { pageOf } = await import('../../../spec/diagnostics/pages.js');
  const codes = new Set<DiagnosticCode>(
    report.files.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code)),
  );
  const pages = await Promise.all([...codes].map(async (code) => [code, await pageOf(code)] as const));
  return { ...report, pages: new Map(pages) };
}

async function write(file: string, text: string, workingFolder: string): Promise<void> {
  const { writeFileAtomically } = await import('../../node/atomic-file.js');
  try {
    await writeFileAtomically(resolve(workingFolder, file), text);
  } catch (error) {
    throw new DiagnosticError({
      code: 'run/file',
      severity: 'error',
      message: `The report \`${file}\` cannot be written: ${(error as Error).message}`,
    });
  }
}

/** Data are read for a while: a terminal shows how far. */
async function statusOf({ terminal, clock }: CommandContext) {
  if (!terminal.interactive) return undefined;
  const { StatusLine } = await import('../status-line.js');
  return new StatusLine({ terminal: { ...terminal, out: (text) => terminal.err(text) }, clock });
}

async function noColours() {
  const { default: pc } = await import('picocolors');
  return pc.createColors(false);
}

/** `sarif=out.sarif`, appended to those before it. */
function output(text: string, before: readonly Output[]): readonly Output[] {
  const at = text.indexOf('=');
  const name = at === -1 ? text : text.slice(0, at);
  const file = text.slice(at + 1);
  const format = FORMATS.find((known) => known === name);
  if (at === -1 || format === undefined || file === '') {
    throw new InvalidArgumentError(
      `It must be a format (${FORMATS.join(', ')}), = and a file, for example sarif=findings.sarif.`,
    );
  }
  return [...before, { format, file }];
}
