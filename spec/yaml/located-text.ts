/**
 * The content of a YAML scalar with the place of each of its characters in the file. Quotes, escapes, folded lines
 * and the indentation of block scalars make content and file differ, yet an expression error must point into the file.
 */
import type { SourceFile, Span } from '../diagnostics/diagnostic.js';

export interface LocatedText {
  readonly text: string;
  /** The place of the characters from `start` to `end` (exclusive) of `text`. */
  span(start: number, end: number): Span;
}

export type ScalarStyle = 'plain' | 'single' | 'double' | 'block';

/** Text that stands in the file exactly as it is. */
export function verbatimText(file: SourceFile, start: number, end: number): LocatedText {
  return {
    text: file.text.slice(start, end),
    span: (from, to) => ({ file, start: start + from, end: start + to }),
  };
}

/**
 * The content `value` of a scalar written in `style` at [start, end) of the file. Line folding and indentation only
 * ever change white space, so the other characters of content and file are the same, in the same order; white space
 * is placed behind the character before it. Where that fails, every span is the whole scalar.
 */
export function scalarText(
  file: SourceFile,
  start: number,
  end: number,
  value: string,
  style: ScalarStyle,
): LocatedText {
  if (file.text.slice(start, end) === value) return verbatimText(file, start, end);
  const pieces = solidPieces(file.text, start, end, style);
  const starts: number[] = [];
  const ends: number[] = [];
  let next = 0;
  let lastEnd = pieces[0]?.start ?? start;
  for (const letter of value) {
    const piece = pieces[next];
    if (piece !== undefined && piece.letter === letter) {
      for (let i = 0; i < letter.length; i++) {
        starts.push(piece.start);
        ends.push(piece.end);
      }
      lastEnd = piece.end;
      next += 1;
    } else if (letter.trim() === '') {
      starts.push(lastEnd);
      ends.push(lastEnd);
    } else {
      return { text: value, span: () => ({ file, start, end }) };
    }
  }
  if (next !== pieces.length) return { text: value, span: () => ({ file, start, end }) };
  return {
    text: value,
    span: (from, to) => {
      const first = starts[from] ?? lastEnd;
      return { file, start: first, end: to > from ? Math.max(first, ends[to - 1] ?? lastEnd) : first };
    },
  };
}

interface Piece {
  readonly letter: string;
  readonly start: number;
  readonly end: number;
}

const ESCAPE_LENGTHS: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };
const ESCAPED: Readonly<Record<string, string>> = {
  '0': '\0', a: '\x07', b: '\b', t: '\t', '\t': '\t', n: '\n', v: '\v', f: '\f', r: '\r', e: '\x1b',
  ' ': ' ', '"': '"', '/': '/', '\\': '\\', N: '\x85', _: '\xa0', L: '\u2028', P: '\u2029',
}; // prettier-ignore

/** Everything between [start, end) that reaches the content and is not white space the folding may have changed. */
function solidPieces(text: string, start: number, end: number, style: ScalarStyle): Piece[] {
  let from = start;
  let to = end;
  if (style === 'single' || style === 'double') {
    from += 1;
    to -= 1;
  } else if (style === 'block') {
    const header = text.indexOf('\n', start);
    from = header === -1 ? end : header + 1;
  }
  const pieces: Piece[] = [];
  for (let at = from; at < to;) {
    const letter = String.fromCodePoint(text.codePointAt(at)!);
    let length = letter.length;
    let content = letter;
    if (style === 'single' && letter === "'") {
      length = 2;
    } else if (style === 'double' && letter === '\\') {
      const code = text[at + 1] ?? '';
      length = ESCAPE_LENGTHS[code] ?? 2;
      content = length === 2 ? (ESCAPED[code] ?? '') : fromHexadecimal(text.slice(at + 2, at + length));
    }
    if (content !== '' && (length > letter.length || content.trim() !== '')) {
      pieces.push({ letter: content, start: at, end: at + length });
    }
    at += length;
  }
  return pieces;
}

function fromHexadecimal(digits: string): string {
  const code = parseInt(digits, 16);
  return Number.isInteger(code) && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
