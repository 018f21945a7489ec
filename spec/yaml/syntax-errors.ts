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

const QUOTE_IT = 'put the value in quotes';

export const SYNTAX_ERRORS: Readonly<Record<ErrorCode, SyntaxExplanation>> = {
  ALIAS_PROPS: { message: 'an alias (`*name`) cannot carry an anchor or a tag' },
  BAD_ALIAS: {
    message: 'the name of an anchor or alias is not well-formed',
    note: 'in YAML a value that starts with `*` or `&` is a reference to another place',
    help: QUOTE_IT,
  },
  BAD_COLLECTION_TYPE: { message: 'the tag does not fit the value behind it', help: 'remove the tag' },
  BAD_DIRECTIVE: {
    message: 'a line that starts with `%` is a YAML directive, and this one is not known',
    help: 'remove the line, or put the value in quotes',
  },
  BAD_DQ_ESCAPE: {
    message: 'an escape that YAML does not know inside double quotes',
    help: "use single quotes, in which a backslash is a plain character: 'C:\\faces'",
  },
  BAD_INDENT: {
    message: 'the indentation does not fit, or a bracket above is never closed',
    note: 'everything between { } or [ ] must stand further right than the key it belongs to',
    help: 'close the bracket, or move the line under the keys it belongs with',
  },
  BAD_PROP_ORDER: {
    message: 'an anchor or tag stands in the wrong place',
    help: 'put it right before the value',
  },
  BAD_SCALAR_START: {
    message: 'a value cannot start with this character',
    note: 'YAML keeps @, ` and % at the start of a value for itself',
    help: QUOTE_IT,
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second `key: value` stands where the value of the first one is expected',
    note: 'either the line above already has a value, or one line holds two colons',
    help: 'line the keys up in one column, or put a value that contains `: ` in quotes',
  },
  BLOCK_IN_FLOW: {
    message: 'an indented list or mapping cannot stand inside { } or [ ]',
    help: 'write the whole value either with brackets or with indentation',
  },
  DUPLICATE_KEY: { message: 'a key stands twice in one mapping' },
  IMPOSSIBLE: { message: 'the file is not well-formed YAML here' },
  KEY_OVER_1024_CHARS: {
    message: 'a key is longer than 1024 characters',
    help: 'a quote may be missing above',
  },
  MISSING_CHAR: { message: 'a closing quote, bracket or separator is missing' },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a key must stand on one line',
    note: 'often the line above lacks its colon',
    help: 'add `:` to the line above, or put the two lines into one',
  },
  MULTIPLE_ANCHORS: { message: 'a value can have one anchor only' },
  MULTIPLE_DOCS: {
    message: 'the file holds a second document',
    note: 'a line of three dashes starts another document; a spec is one',
    help: 'remove the `---`, or put the second spec in a file of its own',
  },
  MULTIPLE_TAGS: { message: 'a value can have one tag only' },
  NON_STRING_KEY: { message: 'a key must be text' },
  RESOURCE_EXHAUSTION: { message: 'the file is nested too deeply' },
  TAB_AS_INDENT: {
    message: 'a tab is used as indentation',
    note: 'how wide a tab is depends on the editor, so YAML forbids it',
    help: 'indent with spaces',
  },
  TAG_RESOLVE_FAILED: {
    message: 'a value that starts with `!` is a YAML tag',
    note: 'specs use no tags; to say "not", the expression must be in quotes',
    help: 'put the value in quotes',
  },
  UNEXPECTED_TOKEN: {
    message: 'this does not fit what stands before it',
    note: 'a list item, a key and a plain value cannot stand side by side at one indentation',
    help: 'check the indentation of this line and the one above, and put values with brackets or commas in quotes',
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
          message: 'two `key: value` stand on one line',
          note: 'what follows the first colon is a value, and this value has a colon of its own',
          help: 'put several keys into braces, `{ a: 1, b: 2 }`, or a text that contains `: ` into quotes',
        },
      );
    }
    const next = /\S[^:\n]*/.exec(file.text.slice(lineEnd));
    if (next === null) return undefined;
    const key = lineEnd + next.index;
    return diagnosticOf(
      { file, start: key, end: key + next[0].trimEnd().length },
      {
        message: 'this line stands further right than the keys it belongs with',
        related: [{ message: 'the line above already has a value', span: { file, start, end: lineEnd } }],
        help: 'line the keys up in one column',
      },
    );
  },
  MULTILINE_IMPLICIT_KEY: (file, start) => {
    const lineEnd = lineEndAt(file.text, start);
    const line = file.text.slice(start, lineEnd).trimEnd();
    if (line === '' || line.includes(':')) return undefined;
    return diagnosticOf(
      { file, start, end: start + line.length },
      { message: `a colon is missing behind ${quote(line)}`, help: `write ${quote(`${line}:`)}` },
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
          note: 'inside { } and [ ] YAML keeps brackets and commas for itself',
          help: 'put the whole expression in quotes',
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
      message: `this \`${mark}\` is never closed`,
      related:
        found === undefined
          ? undefined
          : [{ message: `\`${closing}\` is expected before this`, span: { file, start, end: start + 1 } }],
      help: `add a \`${closing}\``,
    },
  );
}
