/** What `validate` found, before it is written in one format or another. */
import { isAbsolute, relative, resolve } from 'node:path';
import type { Diagnostic, Severity, SourceFile, Span } from '../../../spec/diagnostics/diagnostic.js';
import { printable } from '../../../spec/diagnostics/quote.js';
import type { DiagnosticCode } from '../../../spec/diagnostics/codes.js';
import type { Page } from '../../../spec/diagnostics/pages/page.js';

/** One file that was to be checked. */
export interface CheckedFile {
  /** As the user named it, or as it was found. */
  readonly name: string;
  /** The file and those it extends: what the user wrote; every other file is the library's. */
  readonly sources: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** Why it could not be checked at all. */
  readonly unreadable?: readonly Diagnostic[] | undefined;
}

export interface Report {
  readonly files: readonly CheckedFile[];
  /** Names of files are relative to it. */
  readonly workingFolder: string;
  readonly tool: { readonly name: string; readonly version: string };
  /** Warnings count as errors. */
  readonly strict: boolean;
  /** What is said about the codes that were found, beyond their titles. */
  readonly pages: ReadonlyMap<DiagnosticCode, Page>;
}

export interface Finding {
  readonly diagnostic: Diagnostic;
  readonly file: CheckedFile;
}

/** Every finding once: two specs that extend a third both have what is wrong with it. */
export function distinctFindings({ files, workingFolder }: Report): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const file of files) {
    for (const diagnostic of file.diagnostics) {
      const { code, message, span } = diagnostic;
      const path = span === undefined ? file.name : span.file.name;
      const key = [code, message, resolve(workingFolder, path), span?.start, span?.end].join('\n');
      if (!findings.has(key)) findings.set(key, { diagnostic, file });
    }
  }
  return [...findings.values()];
}

/** Where in the user's own files a finding is shown: what is wrong inside the library, at the line that brought it in. */
export function userSpan({ diagnostic, file }: Finding): Span | undefined {
  const places = [diagnostic.span, ...(diagnostic.related ?? []).map(({ span }) => span)];
  return places.find((span) => span !== undefined && file.sources.includes(span.file));
}

export const isOfLibrary = ({ file }: Finding, span: Span): boolean => !file.sources.includes(span.file);

/**
 * A path as reports give it: relative to the working folder with `/` where the file lies below it, absolute elsewhere.
 */
export function reportPath(name: string, workingFolder: string): string {
  const path = relative(workingFolder, resolve(workingFolder, name));
  const outside = path.startsWith('..') || isAbsolute(path);
  return (outside ? resolve(workingFolder, name) : path).replaceAll('\\', '/');
}

export type Counts = Readonly<Record<Severity, number>>;

export function countsOf(findings: readonly Finding[]): Counts {
  const of = (severity: Severity): number =>
    findings.filter(({ diagnostic }) => diagnostic.severity === severity).length;
  return { error: of('error'), warning: of('warning'), information: of('information') };
}

/** True of what makes a check fail. */
export const fails = (severity: Severity, strict: boolean): boolean =>
  severity === 'error' || (strict && severity === 'warning');

/** Message, reason and remedy as lines of plain text, without what would move the cursor of a log. */
export function plainText({ message, note, help }: Diagnostic): string {
  const lines = [message, note, help]
    .filter((part) => part !== undefined)
    .flatMap((part) => part.split('\n'));
  return lines.map(printable).join('\n');
}
