import type { DiagnosticCode } from '../diagnostics/codes.js';

/** A place in the text of an expression. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export interface FailureText {
  readonly code?: DiagnosticCode;
  readonly message: string;
  readonly note?: string | undefined;
  readonly help?: string | undefined;
  readonly related?: { readonly message: string; readonly at: TextRange };
}

/** Leaves the parser at the first mistake; never leaves parseExpression. */
export class ExpressionFailure extends Error {
  readonly at: TextRange;
  readonly text: FailureText;

  constructor(at: TextRange, text: FailureText) {
    super(text.message);
    this.at = at;
    this.text = text;
  }
}

export function fail(at: TextRange, text: FailureText): never {
  throw new ExpressionFailure({ start: at.start, end: at.end }, text);
}
