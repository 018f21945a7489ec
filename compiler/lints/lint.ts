/** What a lint is: a pattern in a model that compiles and runs, and mostly does not do what its author wants. */
import type { Diagnostic, Severity, Span } from '../../spec/diagnostics/diagnostic.js';
import type { LintName } from '../../spec/diagnostics/codes.js';
import type { Model } from '../model/model.js';

export interface LintFinding {
  readonly message: string;
  /** Innermost first: the place itself, then the `use` lines that brought it in. */
  readonly spans: readonly [Span, ...Span[]];
  readonly related?: Diagnostic['related'];
  /** What was measured or read that makes this a mistake. */
  readonly note: string;
  readonly help: string;
}

export interface Lint {
  /** Where the spec's `lints` does not say otherwise. */
  readonly severity: Exclude<Severity, 'error'>;
  find(model: Model): readonly LintFinding[];
}

export type LintTable = Readonly<Record<LintName, Lint>>;
