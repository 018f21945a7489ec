/**
 * The one shape of everything we say to a user: YAML syntax, schema, expression, shape and lint findings, and
 * run-time refusals (no GPU, corrupt image, checkpoint of another spec) are all a `Diagnostic`.
 */
import type { DiagnosticCode } from './codes.js';

/** A text the user (or the library) wrote; `name` is what is printed, usually the path as it was given. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** Half-open range of UTF-16 offsets into `file.text`. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

export type Severity = 'error' | 'warning' | 'information';

export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** Stands alone: readable without the code frame. How it is written: docs/diagnostics-style.md. */
  readonly message: string;
  /** Where it is wrong; absent only for findings that have no place in a file (no GPU, an empty folder). */
  readonly span?: Span | undefined;
  /** How we got there: the `use` line that brought a library line in, the first definition of a duplicate. Lower-case labels. */
  readonly related?: readonly { readonly message: string; readonly span: Span }[] | undefined;
  /** Why this is a problem: whole sentences. */
  readonly note?: string | undefined;
  /** What to write instead: whole sentences. */
  readonly help?: string | undefined;
}

/** A value with the place it was written at. */
export interface Located<T> {
  readonly value: T;
  readonly span: Span;
}

/** Thrown across layers when work cannot go on; the command prints the diagnostics and exits. */
export class DiagnosticError extends Error {
  override readonly name = 'DiagnosticError';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: Diagnostic | readonly Diagnostic[]) {
    const list: readonly Diagnostic[] = Array.isArray(diagnostics)
      ? (diagnostics as readonly Diagnostic[])
      : [diagnostics as Diagnostic];
    super(list.map((d) => `${d.code}: ${d.message}`).join('\n'));
    this.diagnostics = list;
  }
}
