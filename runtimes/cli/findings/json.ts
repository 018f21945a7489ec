/** Findings as JSON; docs/ci.md describes the format. */
import { DIAGNOSTIC_CODES } from '../../../spec/diagnostics/codes.js';
import type { Span } from '../../../spec/diagnostics/diagnostic.js';
import { locateSpan } from '../../../spec/diagnostics/location.js';
import { countsOf, distinctFindings, isOfLibrary, reportPath } from './findings.js';
import type { CheckedFile, Finding, Report } from './findings.js';

/** Raised when a reader of the format would have to change; new keys may appear without. */
const FORMAT_VERSION = 1;

/** Lines and columns count from 1, columns and offsets in UTF-16 units; `end` is behind the last character. */
export function jsonReport(report: Report): string {
  const { files, tool, strict, workingFolder } = report;
  const findings = distinctFindings(report);
  const { error, warning, information } = countsOf(findings);
  const unreadable = files.flatMap((file) => file.unreadable ?? []);
  const json = {
    version: FORMAT_VERSION,
    tool,
    strict,
    summary: {
      files: files.length,
      unreadable: files.filter(isUnreadable).length,
      errors: error,
      warnings: warning,
      information,
    },
    files: files.map((file) => ({
      path: reportPath(file.name, workingFolder),
      status: isUnreadable(file) ? 'unreadable' : file.diagnostics.length > 0 ? 'findings' : 'clean',
    })),
    findings: findings.map((finding) => findingJson(finding, workingFolder)),
    unreadable: unreadable.map(({ code, message }) => ({ code, message })),
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

const isUnreadable = ({ unreadable }: CheckedFile): boolean => unreadable !== undefined;

function findingJson(finding: Finding, workingFolder: string): object {
  const { code, severity, message, note, help, span, related = [] } = finding.diagnostic;
  const place = (where: Span): object => placeJson(where, isOfLibrary(finding, where), workingFolder);
  return {
    code,
    title: DIAGNOSTIC_CODES[code],
    severity,
    message,
    why: note,
    help,
    checked: reportPath(finding.file.name, workingFolder),
    place: span === undefined ? undefined : place(span),
    related: related.map((one) => ({ message: one.message, place: place(one.span) })),
  };
}

/** Files of the library are named by themselves, as `library/began.yaml`: they lie in the package. */
function placeJson(span: Span, library: boolean, workingFolder: string): object {
  const { start, end } = locateSpan(span);
  return {
    origin: library ? 'library' : 'file',
    path: library ? span.file.name : reportPath(span.file.name, workingFolder),
    start: { ...start, offset: span.start },
    end: { ...end, offset: span.end },
  };
}
