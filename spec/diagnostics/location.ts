import type { SourceFile, Span } from './diagnostic.js';

/** A place as editors and GitHub count it: lines and columns from 1, columns in UTF-16 units. */
export interface Location {
  readonly line: number;
  readonly column: number;
}

/** Where `offset` stands. An offset beyond the text stands behind its last character. */
export function locate(file: SourceFile, offset: number): Location {
  const end = Math.max(0, Math.min(offset, file.text.length));
  let line = 1;
  let lineStart = 0;
  for (;;) {
    const newline = file.text.indexOf('\n', lineStart);
    if (newline === -1 || newline >= end) return { line, column: end - lineStart + 1 };
    line += 1;
    lineStart = newline + 1;
  }
}

/** First and last place of a span; `end` is the place behind its last character. */
export function locateSpan(span: Span): { readonly start: Location; readonly end: Location } {
  return { start: locate(span.file, span.start), end: locate(span.file, span.end) };
}

/** The text of a line (from 1), without its line break. */
export function lineText(file: SourceFile, line: number): string {
  let start = 0;
  for (let i = 1; i < line; i++) {
    const newline = file.text.indexOf('\n', start);
    if (newline === -1) return '';
    start = newline + 1;
  }
  const end = file.text.indexOf('\n', start);
  const text = end === -1 ? file.text.slice(start) : file.text.slice(start, end);
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
