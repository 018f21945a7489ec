/** Findings for people: each with its line, then how many there are. */
import { DIAGNOSTIC_CODES } from '../../../spec/diagnostics/codes.js';
import type { DiagnosticCode } from '../../../spec/diagnostics/codes.js';
import { renderDiagnostic } from '../../../spec/diagnostics/render.js';
import { formatCount } from '../format-number.js';
import { painter } from '../print-diagnostics.js';
import { formatTable } from '../table.js';
import type { Colours } from '../terminal.js';
import { countsOf, distinctFindings } from './findings.js';
import type { Finding, Report } from './findings.js';

/**
 * Files that could not be read are counted; why is said on standard error.
 * @param summary adds a line for every code that was found
 */
export function prettyReport(report: Report, colours: Colours, summary = false): string {
  const paint = painter(colours);
  const findings = distinctFindings(report);
  const texts = findings.map(({ diagnostic }) => `${renderDiagnostic(diagnostic, paint)}\n\n`);
  const unread = report.files.filter(({ unreadable }) => unreadable !== undefined).length;
  const { error, warning } = countsOf(findings);
  const counts =
    `${plural(report.files.length - unread, 'file')} checked: ${plural(error, 'error')}, ${plural(warning, 'warning')}` +
    `${unread === 0 ? '' : `; ${plural(unread, 'file')} could not be read`}\n`;
  return `${texts.join('')}${counts}${summary ? byCode(findings, colours) : ''}`;
}

const COLUMNS = [
  { title: 'findings', align: 'right' },
  { title: 'code', align: 'left' },
  { title: 'where', align: 'left' },
  { title: 'what it says', align: 'left' },
] as const;

/** The most frequent code first. */
function byCode(findings: readonly Finding[], colours: Colours): string {
  const codes = new Map<DiagnosticCode, Finding[]>();
  for (const finding of findings) {
    const { code } = finding.diagnostic;
    codes.set(code, [...(codes.get(code) ?? []), finding]);
  }
  if (codes.size === 0) return '';
  const rows = [...codes]
    .sort(([a, many], [b, more]) => more.length - many.length || (a < b ? -1 : 1))
    .map(([code, list]) => [
      formatCount(list.length),
      code,
      `in ${plural(new Set(list.map(({ file }) => file)).size, 'file')}`,
      DIAGNOSTIC_CODES[code],
    ]);
  return `\n${formatTable(COLUMNS, rows, colours)}`;
}

const plural = (count: number, noun: string): string =>
  `${count === 0 ? 'no' : formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
