/** A diagnostic as text for people: what, where, the line itself, how it came about, why, and what to write instead. */
import type { Diagnostic, Severity, Span } from './diagnostic.js';
import { lineText, locateSpan } from './location.js';
import { printable } from './quote.js';

export type Style = Severity | 'message' | 'location' | 'gutter' | 'why' | 'help';

/** Adds colour; given from outside, as only a terminal has any. */
export type Painter = (style: Style, text: string) => string;

const plain: Painter = (_style, text) => text;

/** Wider lines are cut around the place that is meant. */
const FRAME_WIDTH = 100;
const TAB = '    ';

/**
 *     error[schema/unknown-key] `train` does not know the key `batc`
 *       --> faces.yaml:12:10
 *        |
 *     12 | train: { batc: 16 }
 *        |          ^^^^
 *     why: Examples per batch.
 *     help: Did you mean `batch`?
 *
 * Without a line break at the end.
 */
export function renderDiagnostic(diagnostic: Diagnostic, paint: Painter = plain): string {
  const { severity, code, message, span, related = [], note, help } = diagnostic;
  const lines = [`${paint(severity, `${severity}[${code}]`)} ${paint('message', printableLines(message))}`];
  if (span !== undefined) lines.push(...frame(span, severity, paint));
  for (const place of related) {
    lines.push(`${paint('information', 'note:')} ${printableLines(place.message)}`);
    lines.push(...frame(place.span, 'information', paint));
  }
  if (note !== undefined) lines.push(`${paint('why', 'why:')} ${printableLines(note)}`);
  if (help !== undefined) lines.push(`${paint('help', 'help:')} ${printableLines(help)}`);
  return lines.join('\n');
}

/** All of them, with an empty line in between. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], paint: Painter = plain): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, paint)).join('\n\n');
}

function frame(span: Span, severity: Severity, paint: Painter): string[] {
  const { start, end } = locateSpan(span);
  const width = String(end.line).length;
  const gutter = (label: string): string => paint('gutter', `${label.padStart(width)} |`);
  const place = `${printable(span.file.name)}:${start.line}:${start.column}`;
  const lines = [`${' '.repeat(width)}${paint('gutter', '-->')} ${paint('location', place)}`, gutter('')];
  const show = (line: number): void => {
    const text = lineText(span.file, line);
    const from = line === start.line ? start.column - 1 : text.length - text.trimStart().length;
    const to = line === end.line ? end.column - 1 : text.length;
    const { code, indent, carets } = excerpt(text, from, Math.max(to, from));
    lines.push(`${gutter(String(line))} ${code}`.trimEnd());
    lines.push(`${gutter('')} ${indent}${paint(severity, carets)}`);
  };
  if (end.line - start.line < 3) {
    for (let line = start.line; line <= end.line; line++) show(line);
  } else {
    show(start.line);
    lines.push(gutter('...'.slice(0, width)));
    show(end.line);
  }
  return lines;
}

/** A line, cut where it is long, with carets below what is meant. */
function excerpt(text: string, from: number, to: number): { code: string; indent: string; carets: string } {
  let first = 0;
  let last = text.length;
  if (text.length > FRAME_WIDTH) {
    first = Math.max(0, Math.min(from - FRAME_WIDTH / 4, text.length - FRAME_WIDTH));
    last = Math.min(text.length, first + FRAME_WIDTH);
  }
  const before = (first > 0 ? '…' : '') + visible(text.slice(first, from));
  const meant = visible(text.slice(from, Math.min(to, last)));
  const after = visible(text.slice(Math.min(to, last), last)) + (last < text.length ? '…' : '');
  return {
    code: before + meant + after,
    indent: ' '.repeat([...before].length),
    carets: '^'.repeat(Math.max(1, [...meant].length)),
  };
}

function visible(text: string): string {
  return printable(text.replaceAll('\t', TAB));
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
