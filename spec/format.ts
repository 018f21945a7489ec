/**
 * The one way to write a spec: two spaces, `{ a: 1 }` and `[1, 2]` where they fit on a line, block style where they do not,
 * at most one empty line in a row. Comments stay, keys keep their order, numbers and quotes are left as they are written.
 */
import { Document, isMap, isPair, isScalar, isSeq, parseDocument, Scalar, visit, YAMLSeq } from 'yaml';
import type { Node, ToStringOptions, YAMLMap } from 'yaml';
import { DiagnosticError } from './diagnostics/diagnostic.js';
import type { SourceFile } from './diagnostics/diagnostic.js';
import { toJson } from './yaml/node.js';
import { readYaml, YAML_OPTIONS } from './yaml/read.js';

const LINE_WIDTH = 110;
const INDENT = 2;

/** Without a type but text, so that `1e4` stays what it is. */
export const AS_WRITTEN = { ...YAML_OPTIONS, schema: 'failsafe' } as const;
/** Values are never folded: an expression stays on its line. */
const STYLE: ToStringOptions = {
  lineWidth: 0,
  singleQuote: true,
  flowCollectionPadding: true,
  verifyAliasOrder: false,
  // The library's own takes U+2028 inside a comment for the start of another.
  commentString: (comment) =>
    comment
      .split('\n')
      .map((line) => (line === '' ? '' : `#${line === ' ' ? '' : line}`))
      .join('\n'),
};

/** The text in our style; the same text where it already is. Throws DiagnosticError yaml/... where it is not YAML. */
export function formatSpec(source: SourceFile): string {
  const before = readYaml(source);
  if (before.diagnostics.length > 0) throw new DiagnosticError(before.diagnostics);
  if (before.root === undefined) return source.text;
  const written = source.text.replaceAll('\r\n', '\n');
  const document = parseDocument(written, AS_WRITTEN);
  visit(document, {
    Seq: (_, node) => void (node.flow === true && closeBrackets(node)),
    Map: (_, node) => void (node.flow === true && openBraces(node)),
  });
  layOut(document.contents, written, 0, 0);
  const text = document.toString(STYLE);
  const after = readYaml({ name: source.name, text });
  if (
    after.root === undefined ||
    JSON.stringify(toJson(after.root)) !== JSON.stringify(toJson(before.root))
  ) {
    throw new TypeError(`internal: the meaning of ${source.name} changes where it is formatted`);
  }
  return text;
}

/** `[1, 2]`, also inside braces. */
function closeBrackets(node: YAMLSeq): void {
  node.toString = (context, ...rest) =>
    YAMLSeq.prototype.toString.call(node, context && { ...context, flowCollectionPadding: '' }, ...rest);
}

/** `{ a: 1 }`, also inside brackets. */
function openBraces(node: YAMLMap): void {
  const own = node.toString.bind(node);
  node.toString = (context, ...rest) => own(context && { ...context, flowCollectionPadding: ' ' }, ...rest);
}

/**
 * Takes the brackets away from collections that are too long for a line or hold comments.
 * @param text that the node was read from
 * @param indent of the line that the node begins on
 * @param start column at which it begins
 */
function layOut(node: unknown, text: string, indent: number, start: number): void {
  if (!isMap(node) && !isSeq(node)) return;
  if (node.flow === true && node.items.length > 0) {
    if (start + lengthOf(node) <= LINE_WIDTH && !hasCommentsInside(node, text)) return;
    node.flow = false;
    if (isMap(node)) endKeys(node);
    // What stood behind the bracket stands above the items.
    if (isSaid(node.comment) && isBehind(node, text)) {
      node.commentBefore = [node.commentBefore, node.comment].filter(isSaid).join('\n');
      node.comment = null;
    }
  }
  for (const item of node.items) {
    if (!isPair(item)) {
      layOut(item, text, indent + INDENT, indent + INDENT);
      continue;
    }
    const key = isScalar(item.key) ? String(item.key.source ?? item.key.value) : '';
    layOut(item.value, text, indent + INDENT, indent + key.length + ': '.length);
  }
}

/** `{ a, b: 1 }` has a key without a colon, which block style has no way to write. */
function endKeys(node: YAMLMap): void {
  for (const pair of node.items) {
    if (pair.value !== null) continue;
    const nothing = new Scalar('');
    nothing.type = Scalar.PLAIN;
    nothing.source = '';
    pair.value = nothing;
  }
}

function lengthOf(node: Node): number {
  const alone = new Document(null, AS_WRITTEN);
  alone.contents = node;
  return alone.toString(STYLE).trimEnd().length;
}

function hasCommentsInside(collection: YAMLMap | YAMLSeq, text: string): boolean {
  let found = isSaid(collection.comment) && !isBehind(collection, text);
  const look = (_: unknown, node: Node): void => {
    found ||= isSaid(node.comment) || isSaid(node.commentBefore) || node.spaceBefore === true;
  };
  for (const item of collection.items) visit(item as Node, { Node: look });
  return found;
}

/** True of a comment behind the closing bracket and not above it. */
function isBehind({ range, comment }: YAMLMap | YAMLSeq, text: string): boolean {
  if (range === null || range === undefined || !isSaid(comment)) return false;
  return !text.slice(range[0], range[1]).includes(`#${comment.split('\n', 1)[0]!}`);
}

const isSaid = (comment: string | null | undefined): comment is string => typeof comment === 'string';
