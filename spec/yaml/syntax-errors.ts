/** What to say for each way in which a file is not YAML. */
import type { ErrorCode, YAMLError } from 'yaml';
import type { Diagnostic, SourceFile, Span } from '../diagnostics/diagnostic.js';
import { quote } from '../diagnostics/quote.js';
import { lineEndAt, openAt } from './unclosed.js';

export interface SyntaxExplanation {
  readonly message: string;
  readonly note?: string;
  readonly help?: string;
}

const QUOTE_IT = 'Put the value in quotes.';

export const SYNTAX_ERRORS: Readonly<Record<ErrorCode, SyntaxExplanation>> = {
  ALIAS_PROPS: { message: 'An alias (`*name`) cannot carry an anchor or a tag' },
  BAD_ALIAS: {
    message: 'The name of an anchor or alias is not well-formed',
    note: 'In YAML a value that starts with `*` or `&` is a reference to another place.',
    help: QUOTE_IT,
  },
  BAD_COLLECTION_TYPE: { message: 'The tag does not fit the value behind it', help: 'Remove the tag.' },
  BAD_DIRECTIVE: {
    message: 'A line that starts with `%` is a YAML directive, and this one is not known',
    help: 'Remove the line, or put the value in quotes.',
  },
  BAD_DQ_ESCAPE: {
    message: 'YAML does not know this escape inside double quotes',
    help: "Use single quotes, in which a backslash is a plain character: `'C:\\faces'`.",
  },
  BAD_INDENT: {
    message: 'The indentation does not fit, or a bracket above is never closed',
    note: 'Everything between `{ }` or `[ ]` must stand further right than the key it belongs to.',
    help: 'Close the bracket, or move the line under the keys it belongs with.',
  },
  BAD_PROP_ORDER: {
    message: 'An anchor or tag stands in the wrong place',
    help: 'Put it right before the value.',
  },
  BAD_SCALAR_START: {
    message: 'A value cannot start with this character',
    note: 'YAML keeps `@`, `%` and the backtick at the start of a value for itself.',
    help: QUOTE_IT,
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'A second `key: value` stands where the value of the first one is expected',
    note: 'Either the line above already has a value, or one line holds two colons.',
    help: 'Line the keys up in one column, or put a value that contains `: ` in quotes.',
  },
  BLOCK_IN_FLOW: {
    message: 'An indented list or mapping cannot stand inside `{ }` or `[ ]`',
    help: 'Write the whole value either with brackets or with indentation.',
  },
  DUPLICATE_KEY: { message: 'A key stands twice in one mapping' },
  IMPOSSIBLE: { message: 'The file is not well-formed YAML here' },
  KEY_OVER_1024_CHARS: {
    message: 'A key is longer than 1024 characters',
    help: 'A quote may be missing above.',
  },
  MISSING_CHAR: { message: 'A closing quote, bracket or separator is missing' },
  MULTILINE_IMPLICIT_KEY: {
    message: 'A key must stand on one line',
    note: 'Often the line above lacks its colon.',
    help: 'Add `:` to the line above, or put the two lines into one.',
  },
  MULTIPLE_ANCHORS: { message: 'A value can have one anchor only' },
  MULTIPLE_DOCS: {
    message: 'The file holds a second document',
    note: 'A line of three dashes starts another document; a spec is one.',
    help: 'Remove the `---`, or put the second spec in a file of its own.',
  },
  MULTIPLE_TAGS: { message: 'A value can have one tag only' },
  NON_STRING_KEY: { message: 'A key must be text' },
  RESOURCE_EXHAUSTION: { message: 'The file is nested too deeply' },
  TAB_AS_INDENT: {
    message: 'A tab is used as indentation',
    note: 'How wide a tab is depends on the editor, so YAML forbids it.',
    help: 'Indent with spaces.',
  },
  TAG_RESOLVE_FAILED: {
    message: 'A value that starts with `!` is a YAML tag',
    note: 'Specs use no tags; an expression that starts with `!` must be in quotes.',
    help: QUOTE_IT,
  },
  UNEXPECTED_TOKEN: {
    message: 'This does not fit what stands before it',
    note: 'A list item, a key and a plain value cannot stand side by side at one indentation.',
    help: 'Check the indentation of this line and the one above, and put values with brackets or commas in quotes.',
  },
};

/** The diagnostic of an error (or warning) of the YAML parser. */
export function syntaxDiagnostic(file: SourceFile, error: YAMLError): Diagnostic {
  const start = Math.min(error.pos[0], file.text.length);
  const end = Math.max(start, Math.min(error.pos[1], file.text.length));
  const special = SPECIAL_CASES[error.code]?.(file, start, end);
  if (special !== undefined) return special;
  const { message, note, help } = SYNTAX_ERRORS[error.code];
  // What follows the first line is rarely part of the mistake.
  return diagnosticOf(
    { file, start, end: Math.min(end, lineEndAt(file.text, start)) },
    { message, note, help },
  );
}

function diagnosticOf(
  span: Span,
  text: Pick<Diagnostic, 'message' | 'note' | 'help' | 'related'>,
): Diagnostic {
  return { code: 'yaml/syntax', severity: 'error', span, ...text };
}

type SpecialCase = (file: SourceFile, start: number, end: number) => Diagnostic | undefined;

/** Errors whose cause stands elsewhere than where the parser notices them. */
const SPECIAL_CASES: Readonly<Partial<Record<ErrorCode, SpecialCase>>> = {
  BAD_INDENT: neverClosed,
  MISSING_CHAR: neverClosed,
  BLOCK_AS_IMPLICIT_KEY: (file, start) => {
    const lineEnd = lineEndAt(file.text, start);
    if (/:(\s|$)/.test(file.text.slice(start, lineEnd))) {
      return diagnosticOf(
        { file, start, end: lineEnd },
        {
          message: 'Two `key: value` stand on one line',
          note: 'What follows the first colon is a value, and this value has a colon of its own.',
          help: 'Put several keys into braces, `{ a: 1, b: 2 }`, or a text that contains `: ` into quotes.',
        },
      );
    }
    const next = /\S[^:\n]*/.exec(file.text.slice(lineEnd));
    if (next === null) return undefined;
    const key = lineEnd + next.index;
    return diagnosticOf(
      { file, start: key, end: key + next[0].trimEnd().length },
      {
        message: 'This line stands further right than the keys it belongs with',
        related: [{ message: 'the value of the line above', span: { file, start, end: lineEnd } }],
        help: 'Line the keys up in one column.',
      },
    );
  },
  MULTILINE_IMPLICIT_KEY: (file, start) => {
    const lineEnd = lineEndAt(file.text, start);
    const line = file.text.slice(start, lineEnd).trimEnd();
    if (line === '' || line.includes(':')) return undefined;
    return diagnosticOf(
      { file, start, end: start + line.length },
      { message: `A colon is missing behind ${quote(line)}`, help: `Write ${quote(`${line}:`)}.` },
    );
  },
  UNEXPECTED_TOKEN: (file, start) => {
    const letter = file.text[start];
    const before = file.text[start - 1] ?? '';
    if ((letter !== '[' && letter !== '{') || !/[\w(*/+,-]/.test(before)) return undefined;
    return {
      ...diagnosticOf(
        { file, start, end: start + 1 },
        {
          message: `\`${letter}\` ends the value in front of it`,
          note: 'Inside `{ }` and `[ ]` YAML keeps brackets and commas for itself.',
          help: 'Put the whole expression in quotes.',
        },
      ),
      code: 'yaml/split-expression',
    };
  },
};

/** A bracket or quotation mark that is still open where the parser gives up. */
function neverClosed(file: SourceFile, start: number): Diagnostic | undefined {
  const open = openAt(file.text, start);
  if (open === undefined) return undefined;
  const mark = file.text[open]!;
  const closing = { '[': ']', '{': '}' }[mark] ?? mark;
  const found = file.text.slice(start).trim() === '' ? undefined : file.text[start];
  return diagnosticOf(
    { file, start: open, end: open + 1 },
    {
      message: `This \`${mark}\` is never closed`,
      related:
        found === undefined
          ? undefined
          : [{ message: `\`${closing}\` expected before this`, span: { file, start, end: start + 1 } }],
      help: `Add a \`${closing}\`.`,
    },
  );
}
