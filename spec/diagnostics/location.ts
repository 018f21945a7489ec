import type { SourceFile, Span } from './diagnostic.js';

/** A place as editors and GitHub count it: lines and columns from 1, columns in UTF-16 units. */
export interface Location {
  readonly line: number;
  readonly column: number;
}

/** Where `offset` stands. An offset beyond the text stands behind its last character. */
export function locate(file: SourceFile, offset: number): Location {
  const place = Math.max(0, Math.min(offset, file.text.length));
  const starts = lineStarts(file);
  let first = 0;
  let behind = starts.length;
  while (behind - first > 1) {
    const middle = (first + behind) >> 1;
    if (starts[middle]! <= place) first = middle;
    else behind = middle;
  }
  return { line: first + 1, column: place - starts[first]! + 1 };
}

/** Found once for a file: one with twenty thousand mistakes would otherwise be read from its start twenty thousand times. */
const LINE_STARTS = new WeakMap<SourceFile, readonly number[]>();

function lineStarts(file: SourceFile): readonly number[] {
  const known = LINE_STARTS.get(file);
  if (known !== undefined) return known;
  const starts = [0];
  for (let at = file.text.indexOf('\n'); at !== -1; at = file.text.indexOf('\n', at + 1)) starts.push(at + 1);
  LINE_STARTS.set(file, starts);
  return starts;
}

/** First and last place of a span; `end` is the place behind its last character. */
export function locateSpan(span: Span): { readonly start: Location; readonly end: Location } {
  return { start: locate(span.file, span.start), end: locate(span.file, span.end) };
}

/** The text of a line (from 1), without its line break. */
export function lineText(file: SourceFile, line: number): string {
  const starts = lineStarts(file);
  const start = starts[line - 1];
  if (start === undefined) return '';
  const next = starts[line];
  const text = file.text.slice(start, next === undefined ? undefined : next - 1);
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
