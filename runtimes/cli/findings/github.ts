/**
 * Findings as workflow commands of GitHub Actions, which show them at the lines of a pull request:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
import type { Severity, Span } from '../../../spec/diagnostics/diagnostic.js';
import { locate, locateSpan } from '../../../spec/diagnostics/location.js';
import { distinctFindings, isOfLibrary, plainText, reportPath, userSpan } from './findings.js';
import type { Finding, Report } from './findings.js';

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'notice',
};

export function githubReport(report: Report): string {
  const { files, workingFolder, strict } = report;
  const unreadable = files.flatMap((file) =>
    (file.unreadable ?? []).map((diagnostic) =>
      command(
        'error',
        { file: reportPath(file.name, workingFolder), title: diagnostic.code },
        plainText(diagnostic),
      ),
    ),
  );
  const findings = distinctFindings(report).map((finding) => {
    const { severity, code } = finding.diagnostic;
    const shown = severity === 'warning' && strict ? 'error' : severity;
    return command(COMMANDS[shown], { ...placeOf(finding, workingFolder), title: code }, messageOf(finding));
  });
  return [...unreadable, ...findings].map((line) => `${line}\n`).join('');
}

function placeOf(finding: Finding, workingFolder: string): Readonly<Record<string, string | number>> {
  const span = userSpan(finding);
  if (span === undefined) return { file: reportPath(finding.file.name, workingFolder), line: 1 };
  const { start, end } = locateSpan(span);
  const lines = { file: reportPath(span.file.name, workingFolder), line: start.line, endLine: end.line };
  // Columns are refused where the lines differ.
  if (start.line !== end.line) return lines;
  return { ...lines, col: start.column, endColumn: Math.max(start.column, end.column - 1) };
}

/** What is wrong inside the library says so, as the annotation stands at the user's line. */
function messageOf(finding: Finding): string {
  const { span } = finding.diagnostic;
  const text = plainText(finding.diagnostic);
  return span !== undefined && isOfLibrary(finding, span) ? `${text}\nFound at ${libraryPlace(span)}` : text;
}

function libraryPlace(span: Span): string {
  const { line, column } = locate(span.file, span.start);
  return `${span.file.name}:${line}:${column}`;
}

function command(name: string, properties: Readonly<Record<string, string | number>>, text: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name} ${list.join(',')}::${escapeData(text)}`;
}

const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
