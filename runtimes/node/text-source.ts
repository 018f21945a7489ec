/**
 * Lines of a UTF-8 file as symbols. Text is read in Unicode's normal form C; a line ends with LF or CRLF, and empty ones are
 * no lines. What does not fit is left out and counted in a warning: a line that is too long (cut off, it would teach that
 * text ends in the middle of a word) and one with a character that is not in the alphabet.
 *
 * `windows` takes the text as one line, every run of white space as one space, and cuts it every `length` characters. The
 * pieces do not overlap, so that `train` and `test` share no text.
 */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Diagnostic, Span } from '../../spec/diagnostics/diagnostic.js';
import { quote } from '../../spec/diagnostics/quote.js';
import type { ExampleSource, LoadedExamples, PackedText } from '../training/example-source.js';
import { readIfThere } from './read-if-there.js';

export interface TextOptions {
  readonly path: string;
  /** Symbols per example. */
  readonly length: number;
  readonly alphabet: readonly string[];
  readonly by: 'lines' | 'windows';
  readonly span?: Span | undefined;
}

interface Line {
  /** As its place in the file is told: `line 3`. */
  readonly place: string;
  readonly characters: readonly string[];
}

const PADDING = 0;

export class TextSource implements ExampleSource<PackedText> {
  readonly #options: TextOptions;

  constructor(options: TextOptions) {
    this.#options = options;
  }

  /** Throws DiagnosticError data/not-found, data/format, data/too-few and run/file. */
  async load(): Promise<LoadedExamples<PackedText>> {
    const { path, span, by } = this.#options;
    const bytes = await readIfThere(path, span);
    if (bytes === undefined) {
      throw new DiagnosticError({
        code: 'data/not-found',
        severity: 'error',
        message: `There is no file \`${path}\``,
        span,
        help: 'Correct the path, which is relative to the spec.',
      });
    }
    const lines = this.#decode(bytes);
    return this.#pack(by === 'lines' ? splitLines(lines) : this.#windows(lines));
  }

  #decode(bytes: Uint8Array): readonly string[] {
    const { path, span } = this.#options;
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const lines: string[] = [];
    // Line by line, so that what cannot be decoded has a place; a line feed is never part of another character.
    for (let start = 0; start <= bytes.length;) {
      const end = bytes.indexOf(0x0a, start);
      const line = bytes.subarray(start, end === -1 ? bytes.length : end);
      try {
        lines.push(decoder.decode(line));
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        throw new DiagnosticError({
          code: 'data/format',
          severity: 'error',
          message: `\`${path}\` is not UTF-8 text: line ${lines.length + 1} cannot be decoded`,
          span,
          help: 'Save the file as UTF-8.',
        });
      }
      if (end === -1) break;
      start = end + 1;
    }
    const [first = ''] = lines;
    return [first.replace(/^\ufeff/, ''), ...lines.slice(1)];
  }

  #windows(lines: readonly string[]): readonly Line[] {
    const { length } = this.#options;
    const characters = [...lines.join(' ').normalize('NFC').replace(/\s+/gu, ' ').trim()];
    const windows: Line[] = [];
    // A last piece that is shorter is left out: padding would be symbols that the others never have.
    for (let start = 0; start + length <= characters.length; start += length) {
      windows.push({
        place: `characters ${start + 1} to ${start + length}`,
        characters: characters.slice(start, start + length),
      });
    }
    return windows;
  }

  #pack(lines: readonly Line[]): LoadedExamples<PackedText> {
    const { path, length, alphabet, by, span } = this.#options;
    const numbers = new Map(alphabet.map((character, i) => [character, i + 1]));
    const kept: (readonly string[])[] = [];
    const long: Line[] = [];
    const foreign: Line[] = [];
    for (const line of lines) {
      if (line.characters.length > length) long.push(line);
      else if (line.characters.every((character) => numbers.has(character))) kept.push(line.characters);
      else foreign.push(line);
    }
    const warnings = [...tooLong(long, this.#options), ...outsideAlphabet(foreign, numbers, this.#options)];
    if (kept.length === 0) {
      throw new DiagnosticError({
        code: 'data/too-few',
        severity: 'error',
        message: `\`${path}\` gives no ${by === 'lines' ? 'line' : `window of ${length} characters`}`,
        span,
        note: warnings.length === 0 ? undefined : warnings.map(({ message }) => `${message}.`).join(' '),
        help:
          warnings.length > 0
            ? 'Change `length` or `alphabet`.'
            : by === 'lines'
              ? 'Name a file with text in it.'
              : 'Name a file with more text in it.',
      });
    }
    const symbols = new Uint16Array(kept.length * length).fill(PADDING);
    kept.forEach((characters, i) => {
      symbols.set(characters.map((character) => numbers.get(character)!), i * length);
    }); // prettier-ignore
    return { examples: { count: kept.length, length, alphabet, symbols }, diagnostics: warnings };
  }
}

const splitLines = (lines: readonly string[]): readonly Line[] =>
  lines.flatMap((line, i) => {
    const text = line.replace(/\r$/, '').normalize('NFC');
    return text === '' ? [] : [{ place: `line ${i + 1}`, characters: [...text] }];
  });

const counted = (count: number, noun: string) => (count === 1 ? `1 ${noun}` : `${count} ${noun}s`);

function tooLong(lines: readonly Line[], { path, length, span }: TextOptions): readonly Diagnostic[] {
  const [first] = lines;
  if (first === undefined) return [];
  const longest = lines.reduce((most, { characters }) => Math.max(most, characters.length), 0);
  return [
    {
      code: 'data/format',
      severity: 'warning',
      message: `${counted(lines.length, 'line')} of \`${path}\` ${lines.length === 1 ? 'is' : 'are'} longer than ${length} and left out; the first is ${first.place}`,
      span,
      help: `The longest has ${longest} characters: raise \`length\`, or write \`by: windows\`.`,
    },
  ];
}

/** Characters of the text that a warning names. */
const MOST_NAMED = 20;

function outsideAlphabet(
  lines: readonly Line[],
  numbers: ReadonlyMap<string, number>,
  { path, by, span }: TextOptions,
): readonly Diagnostic[] {
  const [first] = lines;
  if (first === undefined) return [];
  const counts = new Map<string, number>();
  for (const character of lines.flatMap(({ characters }) => characters)) {
    if (!numbers.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const foreign = [...counts].sort(([, a], [, b]) => b - a).map(([character]) => quote(character));
  const more = foreign.length > MOST_NAMED ? ` and ${foreign.length - MOST_NAMED} more` : '';
  const verb = lines.length === 1 ? 'has' : 'have';
  return [
    {
      code: 'data/format',
      severity: 'warning',
      message: `${counted(lines.length, by === 'lines' ? 'line' : 'window')} of \`${path}\` ${verb} characters outside the alphabet and ${lines.length === 1 ? 'is' : 'are'} left out; the first is ${first.place}`,
      span,
      help: `Add them to \`alphabet\` if they are meant: ${foreign.slice(0, MOST_NAMED).join(' ')}${more}.`,
    },
  ];
}
