/**
 * Findings as SARIF 2.1.0, which code scanning services keep and compare over time:
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Location, Log, ReportingDescriptor, Result } from 'sarif';
import { DIAGNOSTIC_CODES } from '../../../spec/diagnostics/codes.js';
import type { DiagnosticCode } from '../../../spec/diagnostics/codes.js';
import type { Severity, Span } from '../../../spec/diagnostics/diagnostic.js';
import { lineText, locate, locateSpan } from '../../../spec/diagnostics/location.js';
import type { Example, Page } from '../../../spec/diagnostics/pages/page.js';
import { distinctFindings, isOfLibrary, plainText, reportPath, userSpan } from './findings.js';
import type { Finding, Report } from './findings.js';

const LEVELS: Readonly<Record<Severity, Result.level>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
};

export function sarifReport(report: Report): string {
  const { tool, files, pages } = report;
  const findings = distinctFindings(report);
  const codes = [...new Set(findings.map(({ diagnostic }) => diagnostic.code))].sort();
  const unreadable = files.flatMap((file) => (file.unreadable ?? []).map((found) => ({ file, found })));
  const fingerprints = new Fingerprints(report.workingFolder);
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: tool.name,
            semanticVersion: tool.version,
            rules: codes.map((code) => ruleOf(code, pages.get(code))),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: unreadable.length === 0,
            toolExecutionNotifications: unreadable.map(({ file, found }) => ({
              level: 'error',
              descriptor: { id: found.code },
              message: { text: plainText(found) },
              locations: [
                { physicalLocation: { artifactLocation: { uri: uriOf(file.name, report.workingFolder) } } },
              ],
            })),
          },
        ],
        results: findings.map((finding) => resultOf(finding, codes, report, fingerprints)),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function ruleOf(code: DiagnosticCode, page: Page | undefined): ReportingDescriptor {
  const title = DIAGNOSTIC_CODES[code];
  const rule: ReportingDescriptor = {
    id: code,
    shortDescription: { text: title },
    properties: { tags: [code.slice(0, code.indexOf('/'))] },
  };
  if (page === undefined) return rule;
  return {
    ...rule,
    fullDescription: { text: page.explanation },
    help: {
      text: `${page.explanation}\n\nBad:\n\n${exampleText(page.bad)}\n\nGood:\n\n${exampleText(page.good)}`,
      markdown: `${page.explanation}\n\nBad:\n\n${fenced(page.bad)}\n\nGood:\n\n${fenced(page.good)}`,
    },
  };
}

const exampleText = ({ text, where }: Example): string =>
  where === undefined ? text.trimEnd() : `${text.trimEnd()}\n\n${where}`;

function fenced({ kind, text, where }: Example): string {
  const block = `\`\`\`${kind === 'spec' ? 'yaml' : 'sh'}\n${text.trimEnd()}\n\`\`\``;
  return where === undefined ? block : `${block}\n\n${where}`;
}

function resultOf(
  finding: Finding,
  codes: readonly DiagnosticCode[],
  { workingFolder, strict }: Report,
  fingerprints: Fingerprints,
): Result {
  const { code, severity, span, related = [] } = finding.diagnostic;
  const place = userSpan(finding);
  const others = related.filter((one) => one.span !== place && !isOfLibrary(finding, one.span));
  const text = plainText(finding.diagnostic);
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: LEVELS[severity === 'warning' && strict ? 'error' : severity],
    message: {
      text: span !== undefined && isOfLibrary(finding, span) ? `${text}\nFound at ${inLibrary(span)}` : text,
    },
    locations: [
      place === undefined
        ? { physicalLocation: { artifactLocation: { uri: uriOf(finding.file.name, workingFolder) } } }
        : locationOf(place, workingFolder),
    ],
    relatedLocations: others.map((one, index) => ({
      id: index + 1,
      message: { text: one.message },
      ...locationOf(one.span, workingFolder),
    })),
    partialFingerprints: { 'findingText/v1': fingerprints.of(finding, place) },
  };
}

function inLibrary(span: Span): string {
  const { line, column } = locate(span.file, span.start);
  return `${span.file.name}:${line}:${column}`;
}

function locationOf(span: Span, workingFolder: string): Location {
  const { start, end } = locateSpan(span);
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(span.file.name, workingFolder) },
      region: {
        startLine: start.line,
        startColumn: start.column,
        endLine: end.line,
        endColumn: end.column,
      },
    },
  };
}

/** Relative where the file lies below the working folder: services know the checkout by that. */
function uriOf(name: string, workingFolder: string): string {
  const path = reportPath(name, workingFolder);
  return isAbsolute(path) ? pathToFileURL(path).href : path.split('/').map(encodeURIComponent).join('/');
}

/** The same finding has the same fingerprint after lines were added above it: its line's text counts, not its number. */
class Fingerprints {
  readonly #workingFolder: string;
  readonly #counts = new Map<string, number>();

  constructor(workingFolder: string) {
    this.#workingFolder = workingFolder;
  }

  of({ diagnostic, file }: Finding, place: Span | undefined): string {
    const line = place === undefined ? '' : lineText(place.file, locate(place.file, place.start).line).trim();
    const path = reportPath(place?.file.name ?? file.name, this.#workingFolder);
    const text = [diagnostic.code, path, line, diagnostic.message].join('\n');
    // Several of the same text are told apart by their order.
    const count = (this.#counts.get(text) ?? 0) + 1;
    this.#counts.set(text, count);
    return createHash('sha256').update(`${text}\n${count}`).digest('hex').slice(0, 32);
  }
}
