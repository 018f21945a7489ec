/** Building the model's diagnostics: the innermost place first, then the `use` lines that led there. */
import { DiagnosticError, type Diagnostic, type Span } from '../../spec/diagnostics/diagnostic.js';
import type { DiagnosticCode } from '../../spec/diagnostics/codes.js';
import { suggest } from '../../spec/diagnostics/suggest.js';

export interface Refusal {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly span: Span;
  /** `use` lines, innermost first. */
  readonly uses?: readonly Span[];
  readonly related?: Diagnostic['related'];
  readonly note?: string | undefined;
  readonly help?: string | undefined;
}

export function refusal(refused: Refusal): DiagnosticError {
  const related = [
    ...(refused.related ?? []),
    ...(refused.uses ?? []).map((span) => ({ message: 'used here', span })),
  ];
  return new DiagnosticError({
    code: refused.code,
    severity: 'error',
    message: refused.message,
    span: refused.span,
    related: related.length > 0 ? related : undefined,
    note: refused.note,
    help: refused.help,
  });
}

/** Help text for a name that is close to one that exists; undefined where none is. */
export function didYouMean(written: string, known: Iterable<string>): string | undefined {
  const near = suggest(written, known);
  return near === undefined ? undefined : `Did you mean \`${near}\`?`;
}

/** Places further out are left away: those next to the mistake are what helps. */
const MAXIMUM_PLACES = 8;

/** A refusal with one more place on the way to it; anything else as it is. */
export function withPlace(error: unknown, message: string, span: Span): unknown {
  if (!(error instanceof DiagnosticError)) return error;
  return new DiagnosticError(
    error.diagnostics.map((found) => {
      const { related = [] } = found;
      return related.length >= MAXIMUM_PLACES
        ? found
        : { ...found, related: [...related, { message, span }] };
    }),
  );
}
