/** Expressions in YAML nodes of library files. Text is read as it is written: `1e4` stays `1e4`. */
import { isAlias, isMap, isPair, isScalar, isSeq, Scalar } from 'yaml';
import type { Node } from 'yaml';
import { decide, namesIn, substitute } from '../expression/substitute.js';
import type { Expression } from '../expression/expression.js';
import { parseExpression } from '../expression/parse.js';
import { printExpression } from '../expression/print.js';
import { verbatimText } from '../yaml/located-text.js';
import type { Values } from './values.js';

/** The expression of a scalar; undefined of text that is none. */
export function expressionOf(node: unknown): Expression | undefined {
  if (!isScalar(node)) return undefined;
  const file = { name: '', text: String(node.value) };
  const parsed = parseExpression(verbatimText(file, 0, file.text.length));
  return 'expression' in parsed ? parsed.expression : undefined;
}

/** The same expression with values in the place of names; the node itself where none occurs. */
export function withValues(node: unknown, values: Values): unknown {
  const written = expressionOf(node);
  if (written === undefined || ![...namesIn(written)].some((name) => values.has(name))) return node;
  const result = decide(substitute(written, values));
  // A word alone stands without quotes.
  const text = result.kind === 'string' ? result.value : printExpression(result);
  const copy = new Scalar(text);
  const { comment, commentBefore, spaceBefore } = node as Scalar;
  return Object.assign(copy, { comment, commentBefore, spaceBefore });
}

/** Every scalar below a node, except those under a key that holds a name. */
export function mapScalars(
  node: unknown,
  map: (scalar: Scalar) => unknown,
  names: ReadonlySet<string>,
): unknown {
  if (isScalar(node)) return map(node);
  if (isSeq(node)) node.items = node.items.map((item) => mapScalars(item, map, names));
  if (isMap(node)) {
    for (const pair of node.items) {
      if (!names.has(String(pair.key))) pair.value = mapScalars(pair.value, map, names);
    }
  }
  return node;
}

/** Every expression below a node. */
export function expressionsIn(node: unknown): readonly Expression[] {
  if (isSeq(node)) return node.items.flatMap(expressionsIn);
  if (isMap(node)) return node.items.flatMap((pair) => expressionsIn(pair.value));
  const expression = expressionOf(node);
  return expression === undefined ? [] : [expression];
}

/** Anchors are followed, so that each place can get values of its own. */
export function withoutAliases(node: Node, resolve: (alias: Node) => Node | undefined): Node {
  if (isAlias(node)) {
    const target = resolve(node);
    if (target === undefined) throw new TypeError('internal: an alias without an anchor');
    return withoutAliases(target.clone() as Node, resolve);
  }
  if (isSeq(node)) node.items = node.items.map((item) => withoutAliases(item as Node, resolve));
  if (isMap(node)) {
    for (const pair of node.items) {
      if (isPair(pair) && pair.value !== null) pair.value = withoutAliases(pair.value as Node, resolve);
    }
  }
  if (isScalar(node) || isSeq(node) || isMap(node)) delete node.anchor;
  return node;
}
