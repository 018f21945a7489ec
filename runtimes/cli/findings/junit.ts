/**
 * Findings as JUnit XML, which most CI systems show as tests: a suite for each file, a test for each finding, one that
 * passes for a clean file. What does not make the check fail passes, with its text as output.
 */
import Builder from 'fast-xml-builder';
import { DIAGNOSTIC_CODES } from '../../../spec/diagnostics/codes.js';
import type { Diagnostic } from '../../../spec/diagnostics/diagnostic.js';
import { locate } from '../../../spec/diagnostics/location.js';
import { renderDiagnostic } from '../../../spec/diagnostics/render.js';
import { fails, reportPath } from './findings.js';
import type { CheckedFile, Report } from './findings.js';

/** Keys that start with `@` are attributes, `#text` is what stands inside. */
type Element = { readonly [key: string]: string | number | Element | readonly Element[] };

export function junitReport(report: Report): string {
  const suites = report.files.map((file) => suite(file, report));
  const total = (key: string): number => suites.reduce((sum, one) => sum + (one[key] as number), 0);
  const builder = new Builder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    suppressBooleanAttributes: false,
    suppressEmptyNode: true,
    format: true,
  });
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: {
      '@name': `${report.tool.name} validate`,
      '@tests': total('@tests'),
      '@failures': total('@failures'),
      '@errors': total('@errors'),
      testsuite: suites,
    },
  });
}

function suite({ name, diagnostics, unreadable }: CheckedFile, { strict, workingFolder }: Report): Element {
  const path = attribute(reportPath(name, workingFolder));
  const test = (title: string, content: Element = {}): Element => ({
    '@name': attribute(title),
    '@classname': path,
    '@file': path,
    ...content,
  });
  const failed = diagnostics.filter(({ severity }) => fails(severity, strict));
  const tests = [
    ...(unreadable ?? []).map((found) => test(titleOf(found), { error: cause(found) })),
    ...diagnostics.map((found) =>
      test(
        titleOf(found),
        failed.includes(found) ? { failure: cause(found) } : { 'system-out': text(renderDiagnostic(found)) },
      ),
    ),
  ];
  if (tests.length === 0) tests.push(test('has no findings'));
  return {
    '@name': path,
    '@tests': tests.length,
    '@failures': failed.length,
    '@errors': unreadable?.length ?? 0,
    testcase: tests,
  };
}

/** Where and what: two findings of a file are two tests. */
function titleOf({ code, span, message }: Diagnostic): string {
  if (span === undefined) return `${code}: ${message}`;
  const { line, column } = locate(span.file, span.start);
  return `${code} at ${line}:${column}: ${message}`;
}

const cause = (found: Diagnostic): Element => ({
  '@message': attribute(found.message),
  '@type': found.code,
  '#text': text(`${DIAGNOSTIC_CODES[found.code]}\n\n${renderDiagnostic(found)}`),
});

// XML 1.0 has no place for these, escaped or not.
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

const text = (content: string): string => content.replace(NOT_XML, '\ufffd');

/** A reader makes spaces of line breaks in attributes. */
const attribute = (content: string): string => text(content.replace(/\s+/g, ' '));
