/**
 * Reads a YAML 1.2 file into nodes that keep their places. Refuses what makes specs hard to read or dangerous to
 * load: duplicate keys, merge keys, tags, several documents, alias bombs.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Alias, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Diagnostic, SourceFile, Span } from '../diagnostics/diagnostic.js';
import { quote } from '../diagnostics/quote.js';
import { scalarText, verbatimText } from './located-text.js';
import type { ScalarStyle } from './located-text.js';
import type { YamlEntry, YamlNode, YamlScalar } from './node.js';
import { joinItems, joinPairs } from './split-expression.js';
import { syntaxDiagnostic } from './syntax-errors.js';

/** Nested deeper, or made of more nodes after aliases are followed, no spec is. */
const MAXIMUM_DEPTH = 60;
const MAXIMUM_NODES = 20_000;
const MAXIMUM_CHARACTERS = 1_000_000;

export interface YamlResult {
  /** Absent where the file is not YAML, or is empty. */
  readonly root?: YamlNode | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export const YAML_OPTIONS = {
  version: '1.2',
  schema: 'core',
  merge: false,
  prettyErrors: false,
  // Duplicates get a diagnostic that also shows the first place.
  uniqueKeys: false,
} as const;

export function readYaml(file: SourceFile): YamlResult {
  const refused = checkLength(file) ?? checkBracketDepth(file) ?? checkByteOrderMark(file);
  if (refused !== undefined) return { diagnostics: [refused] };
  const document = parseDocument(file.text, YAML_OPTIONS);
  // Later errors are nearly always consequences of the first.
  const first = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])[0];
  if (first !== undefined) return { diagnostics: [syntaxDiagnostic(file, first)] };
  if (document.contents === null) return { diagnostics: [] };
  const reader = new YamlReader(file);
  const root = reader.read(document.contents, 0);
  // Beyond a limit the rest is cut off, and what is missing then is no mistake of its own.
  if (reader.limitReported) return { diagnostics: reader.diagnostics };
  return { root, diagnostics: reader.diagnostics };
}

function checkLength(file: SourceFile): Diagnostic | undefined {
  if (file.text.length <= MAXIMUM_CHARACTERS) return undefined;
  return {
    code: 'yaml/limit',
    severity: 'error',
    message: `The file has more than ${MAXIMUM_CHARACTERS} characters`,
    span: { file, start: 0, end: 1 },
    help: 'A spec is a few pages of text: is this another file?',
  };
}

/** Brackets nested in the thousands would exhaust the stack of the YAML parser itself. */
function checkBracketDepth(file: SourceFile): Diagnostic | undefined {
  let depth = 0;
  for (let at = 0; at < file.text.length; at++) {
    const letter = file.text[at];
    if (letter === '[' || letter === '{') depth += 1;
    else if ((letter === ']' || letter === '}') && depth > 0) depth -= 1;
    if (depth > 1000) {
      return {
        code: 'yaml/limit',
        severity: 'error',
        message: 'More than 1000 brackets are open here',
        span: { file, start: at, end: at + 1 },
        help: 'Close the brackets above.',
      };
    }
  }
  return undefined;
}

/** One at the start is YAML's own; any further one would be an invisible letter of the word behind it. */
function checkByteOrderMark(file: SourceFile): Diagnostic | undefined {
  const at = file.text.indexOf('\uFEFF', 1);
  if (at === -1) return undefined;
  return {
    code: 'yaml/syntax',
    severity: 'error',
    message: 'An invisible byte order mark (U+FEFF) stands here',
    span: { file, start: at, end: at + 1 },
    note: 'It may be the first character of a file; mostly two files were put together, or one was saved twice.',
    help: 'Delete it: where the editor does not show it, type the line again.',
  };
}

class YamlReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #file: SourceFile;
  readonly #anchors = new Map<string, Node>();
  /** Anchored values being read, to notice an alias inside what it repeats. */
  readonly #open = new Set<Node>();
  #nodes = 0;
  limitReported = false;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  read(node: Node | null, depth: number): YamlNode {
    this.#nodes += 1;
    if (node === null) return this.#nothing(0);
    if (depth > MAXIMUM_DEPTH || this.#nodes > MAXIMUM_NODES) {
      this.#reportLimit(
        node,
        depth > MAXIMUM_DEPTH
          ? `Values are nested more than ${MAXIMUM_DEPTH} levels deep`
          : `The file has more than ${MAXIMUM_NODES} values once its aliases are followed`,
        depth > MAXIMUM_DEPTH
          ? 'Close the brackets above, or indent less.'
          : 'Write fewer values, or repeat fewer of them through aliases.',
      );
      return this.#broken(node);
    }
    if (isAlias(node)) return this.#readAlias(node, depth);
    if (this.#refusesTag(node)) return this.#broken(node);
    if (isScalar(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      return this.#readScalar(node);
    }
    if (!isMap(node) && !isSeq(node)) throw new TypeError('internal: a YAML node of an unknown kind');
    if (node.anchor === undefined) return this.#readCollection(node, depth);
    this.#anchors.set(node.anchor, node);
    this.#open.add(node);
    const collection = this.#readCollection(node, depth);
    this.#open.delete(node);
    return collection;
  }

  #readCollection(node: YAMLMap | YAMLSeq, depth: number): YamlNode {
    if (isMap(node)) {
      return { kind: 'mapping', entries: this.#readEntries(node, depth), span: this.#span(node) };
    }
    const items = node.flow === true ? joinItems(this.#file, node, this.diagnostics) : node.items;
    return {
      kind: 'sequence',
      items: items.map((item) => this.read(asNode(item), depth + 1)),
      span: this.#span(node),
    };
  }

  #readAlias(alias: Alias, depth: number): YamlNode {
    const target = this.#anchors.get(alias.source);
    const span = this.#span(alias);
    if (target === undefined) {
      this.diagnostics.push({
        code: 'yaml/syntax',
        severity: 'error',
        message: `Nothing is anchored as ${quote(alias.source)}`,
        span,
        note: 'In YAML a value that starts with `*` stands for what another place marks with `&`.',
        help: `Mark a value above with \`&${alias.source}\`, or put the value in quotes if it is an expression.`,
      });
      return this.#broken(alias);
    }
    if (this.#open.has(target)) {
      this.#reportLimit(
        alias,
        `The alias ${quote(`*${alias.source}`)} stands inside what it repeats`,
        'Write the value out without the alias.',
      );
      return this.#broken(alias);
    }
    return this.read(target, depth);
  }

  #readScalar(node: Scalar): YamlScalar {
    const span = this.#span(node);
    const value = node.value;
    const style = STYLES[node.type ?? 'PLAIN'] ?? 'plain';
    if (typeof value === 'string') {
      const [start, end] = node.range ?? [0, 0];
      // A comment or line breaks may stand between a plain value and the end of its range.
      return { kind: 'scalar', value, text: scalarText(this.#file, start, end, value, style), span };
    }
    const text = verbatimText(this.#file, span.start, span.end);
    if (typeof value === 'number' || typeof value === 'boolean' || value === null) {
      return { kind: 'scalar', value, text, span };
    }
    return { kind: 'scalar', value: String(value), text, span };
  }

  #readEntries(map: YAMLMap, depth: number): YamlEntry[] {
    const pairs = map.flow === true ? joinPairs(this.#file, map, this.diagnostics) : map.items;
    const entries: YamlEntry[] = [];
    const seen = new Map<string, Span>();
    for (const pair of pairs) {
      if (this.limitReported) break;
      const entry = this.#readEntry(pair, depth);
      if (entry === undefined) continue;
      const first = seen.get(entry.key);
      if (first !== undefined) {
        this.diagnostics.push({
          code: 'yaml/duplicate-key',
          severity: 'error',
          message: `The key ${quote(entry.key)} stands twice in one mapping`,
          span: entry.keySpan,
          related: [{ message: 'first written here', span: first }],
          note: 'Only one of them could count.',
          help: 'Remove or rename one of the two.',
        });
        continue;
      }
      seen.set(entry.key, entry.keySpan);
      entries.push(entry);
    }
    return entries;
  }

  #readEntry(pair: Pair, depth: number): YamlEntry | undefined {
    const keyNode = asNode(pair.key);
    const resolved = isAlias(keyNode) ? (this.#anchors.get(keyNode.source) ?? null) : keyNode;
    if (keyNode !== null && this.#refusesTag(keyNode)) return undefined;
    const keySpan: Span = keyNode === null ? { file: this.#file, start: 0, end: 0 } : this.#span(keyNode);
    if (!isScalar(resolved) || resolved.value === null) {
      this.diagnostics.push({
        code: 'yaml/syntax',
        severity: 'error',
        message: 'A key must be a plain word',
        span: keySpan,
        note: 'Here a list, a mapping or nothing at all stands in the place of a key.',
        help: 'Write `name: value`.',
      });
      return undefined;
    }
    const key =
      typeof resolved.value === 'string' ? resolved.value : (resolved.source ?? String(resolved.value));
    if (key === '<<') {
      this.diagnostics.push({
        code: 'yaml/syntax',
        severity: 'error',
        message: 'Merge keys (`<<`) are not part of YAML 1.2 and are not supported',
        span: keySpan,
        note: 'What they mean differs from parser to parser.',
        help: 'Write the keys out, or share values through `hyper`.',
      });
      return undefined;
    }
    const valueNode = asNode(pair.value);
    const value = valueNode === null ? this.#nothing(keySpan.end) : this.read(valueNode, depth + 1);
    return { key, keySpan, value };
  }

  /** Tags that YAML knows (`!!str`, `!!binary`) are read without a word by its parser; others it warns of itself. */
  #refusesTag(node: Node): boolean {
    if (isAlias(node) || node.tag === undefined) return false;
    const tag = node.tag.replace('tag:yaml.org,2002:', '!!');
    this.diagnostics.push({
      code: 'yaml/syntax',
      severity: 'error',
      message: `${quote(tag)} is a YAML tag`,
      span: this.#span(node),
      note: 'Specs use no tags: a value is a number, true, false or text as it is written.',
      help: 'Remove the tag, or put the value in quotes if it is an expression.',
    });
    return true;
  }

  #reportLimit(node: Node, message: string, help: string): void {
    if (this.limitReported) return;
    this.limitReported = true;
    this.diagnostics.push({
      code: 'yaml/limit',
      severity: 'error',
      message,
      span: this.#span(node),
      help,
    });
  }

  #broken(node: Node): YamlScalar {
    return { ...this.#nothing(this.#span(node).start), broken: true };
  }

  #nothing(offset: number): YamlScalar {
    return {
      kind: 'scalar',
      value: null,
      text: verbatimText(this.#file, offset, offset),
      span: { file: this.#file, start: offset, end: offset },
    };
  }

  #span(node: Node): Span {
    const [start, end] = node.range ?? [0, 0, 0];
    return { file: this.#file, start, end: Math.max(start, trimmedEnd(this.#file.text, start, end)) };
  }
}

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'block',
  BLOCK_FOLDED: 'block',
};

/** Collections and block scalars reach to the start of the next line; their place should not. */
function trimmedEnd(text: string, start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && /\s/.test(text[trimmed - 1]!)) trimmed -= 1;
  return trimmed;
}

function asNode(value: unknown): Node | null {
  return value === null || value === undefined ? null : (value as Node);
}
