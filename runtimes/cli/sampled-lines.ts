/** Lines of text that an output of a program writes. */
import { likeliestSymbols, linesOfSymbols } from '../training/text-lines.js';
import { printable } from '../../spec/diagnostics/quote.js';
import type { Generated } from '../training/generate.js';

/** An output whose numbers are those of a text's lines: 1 x length x symbols. */
export interface TextOutput {
  readonly kind: 'text';
  readonly name: string;
  /** The data stream it reads, where it reads one. */
  readonly stream: string | undefined;
  /** The data stream whose lines it imitates. */
  readonly like: string;
  readonly length: number;
  readonly alphabet: readonly string[];
}

/** Lines that are sampled to compare their n-grams with those of the text. */
export const COMPARED_LINES = 2048;

/** The likeliest symbol at every place; a line ends at its first padding. */
export const sampledLines = (output: TextOutput, { values }: Generated): readonly string[] =>
  linesOfSymbols(likeliestSymbols(values, 1 + output.alphabet.length), output);

export const linesFile = (lines: readonly string[]): Uint8Array =>
  new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));

const PREVIEW_ROWS = 3;
const PREVIEW_COLUMNS = 76;
const GAP = '  ';

/** The first few lines for a terminal: short ones share a row. */
export function previewOfLines(lines: readonly string[]): readonly string[] {
  const rows: string[] = [];
  for (const line of lines) {
    const text = printable(line);
    const last = rows.at(-1);
    const joined = last === undefined ? text : last + GAP + text;
    if (last !== undefined && [...joined].length <= PREVIEW_COLUMNS) rows[rows.length - 1] = joined;
    else if (rows.length === PREVIEW_ROWS) break;
    else rows.push(text);
  }
  return rows;
}
