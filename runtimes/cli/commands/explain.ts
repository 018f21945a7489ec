/** `began-compile explain`: what a diagnostic code means, with an example of the mistake and of its remedy. */
import { Command } from 'commander';
import { DIAGNOSTIC_CODES, type DiagnosticCode } from '../../../spec/diagnostics/codes.js';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import { enumerate, quote } from '../../../spec/diagnostics/quote.js';
import { suggest } from '../../../spec/diagnostics/suggest.js';
import type { CommandMaker } from '../command.js';

export const explainCommand: CommandMaker = ({ terminal }) =>
  new Command('explain')
    .summary('say what a diagnostic code means')
    .description(
      'Says what a diagnostic code means and why, with an example of the mistake and of its remedy. Without a code: all of them.',
    )
    .argument('[code]', 'a code, as it stands in brackets: schema/unknown-key, or its last part')
    .addHelpText(
      'after',
      `
Examples:
  $ began-compile explain
  $ began-compile explain model/shape-mismatch
  $ began-compile explain batch-norm-under-penalty`,
    )
    .action(async (written: string | undefined) => {
      const { listCodes, showPage } = await import('../show-page.js');
      const colours = terminal.colours.out;
      if (written === undefined) {
        terminal.out(listCodes(colours));
        return;
      }
      const { pageOf } = await import('../../../spec/diagnostics/pages.js');
      const code = codeOf(written);
      terminal.out(showPage(code, await pageOf(code), colours));
    });

const CODES = Object.keys(DIAGNOSTIC_CODES) as readonly DiagnosticCode[];
const lastPart = (code: string): string => code.slice(code.indexOf('/') + 1);

/** Throws DiagnosticError run/option. */
function codeOf(written: string): DiagnosticCode {
  const code = written.replace(/^\[|\]$/g, '').toLowerCase();
  const meant = CODES.filter((known) => known === code || lastPart(known) === code);
  if (meant.length === 1) return meant[0]!;
  const near =
    suggest(code, CODES) ?? CODES.find((known) => lastPart(known) === suggest(code, CODES.map(lastPart)));
  throw new DiagnosticError({
    code: 'run/option',
    severity: 'error',
    message: `There is no diagnostic ${quote(written)}`,
    help:
      meant.length > 1
        ? `Did you mean ${enumerate(meant, 'or')}?`
        : near === undefined
          ? '`began-compile explain` lists them.'
          : `Did you mean \`${near}\`?`,
  });
}
