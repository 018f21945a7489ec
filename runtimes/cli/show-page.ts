/** Pages of diagnostic codes on a terminal. */
import { DIAGNOSTIC_CODES, type DiagnosticCode } from '../../spec/diagnostics/codes.js';
import type { Example, Page } from '../../spec/diagnostics/pages/page.js';
import { formatTable } from './table.js';
import type { Colours } from './terminal.js';

const LINE_WIDTH = 80;

export function listCodes(colours: Colours): string {
  return formatTable(
    [
      { title: 'code', align: 'left' },
      { title: 'what it says', align: 'left' },
    ],
    Object.entries(DIAGNOSTIC_CODES),
    colours,
  );
}

export function showPage(code: DiagnosticCode, { explanation, bad, good }: Page, colours: Colours): string {
  return [
    `${colours.bold(code)}: ${DIAGNOSTIC_CODES[code]}\n`,
    `${explanation.split('\n').map(wrap).join('\n')}\n`,
    `${colours.red('Bad:')}\n\n${example(bad, colours)}`,
    `${colours.green('Good:')}\n\n${example(good, colours)}`,
  ].join('\n');
}

function example(one: Example, colours: Colours): string {
  const parts = [indented(one.text)];
  if (one.kind === 'spec') {
    for (const [path, text] of Object.entries(one.files ?? {})) {
      parts.push(`    ${colours.dim(`# ${path}`)}\n${indented(text)}`);
    }
  }
  if (one.where !== undefined) parts.push(`${wrap(one.where)}\n`);
  return parts.join('\n');
}

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`.trimEnd() + '\n')
    .join('');

/** A paragraph in lines that are not too long; words are never cut. */
function wrap(paragraph: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > LINE_WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
