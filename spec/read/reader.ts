/**
 * Turns checked YAML nodes into the parts of a spec. It goes on after a mistake, so that one run reports all of them: where
 * a value cannot be read a placeholder takes its place, and the spec is then not handed out.
 */
import type { Diagnostic, Located, Span } from '../diagnostics/diagnostic.js';
import type { Expression } from '../expression/expression.js';
import { parseExpression } from '../expression/parse.js';
import type { YamlNode } from '../yaml/node.js';
import { entriesOf, valueOf } from '../yaml/node.js';

export class Reader {
  readonly diagnostics: Diagnostic[] = [];
  /** True once a placeholder was given out. */
  incomplete = false;

  report(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
  }

  /** A number, true or false, or a text that is parsed. */
  expression(node: YamlNode | undefined): Expression {
    if (node?.kind !== 'scalar' || node.value === null) return this.#placeholder(node);
    const { value, span } = node;
    if (typeof value === 'number') return { kind: 'number', value, span };
    if (typeof value === 'boolean') return { kind: 'boolean', value, span };
    const { expression, diagnostic } = parseExpression(node.text);
    if (diagnostic !== undefined) {
      this.report(diagnostic);
      return this.#placeholder(node);
    }
    return expression;
  }

  /** The expression under `key`, or a number where the key is absent; the number stands where `owner` does. */
  expressionOr(node: YamlNode, key: string, fallback: number): Expression {
    const value = valueOf(node, key);
    return value === undefined
      ? { kind: 'number', value: fallback, span: node.span }
      : this.expression(value);
  }

  /** A word as an expression: `padding: same`. */
  word(node: YamlNode | undefined): Expression {
    const { value, span } = this.text(node);
    return { kind: 'name', name: value, span };
  }

  text(node: YamlNode | undefined): Located<string> {
    if (node?.kind === 'scalar' && typeof node.value === 'string')
      return { value: node.value, span: node.span };
    this.incomplete = true;
    return { value: '', span: spanOf(node) };
  }

  /** One of the words; the schema has refused all others. */
  choice<const Word extends string>(node: YamlNode | undefined, words: readonly [Word, ...Word[]]): Word {
    const { value } = this.text(node);
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) this.incomplete = true;
    return word ?? words[0];
  }

  /** The same under a key that may be absent; then the first of the words. */
  choiceOr<const Word extends string>(owner: YamlNode, key: string, words: readonly [Word, ...Word[]]): Word {
    const node = valueOf(owner, key);
    return node === undefined ? words[0] : this.choice(node, words);
  }

  /** A text that may be absent. */
  optionalText(node: YamlNode | undefined): Located<string> | undefined {
    return node === undefined ? undefined : this.text(node);
  }

  /** An expression that may be absent. */
  optionalExpression(node: YamlNode | undefined): Expression | undefined {
    return node === undefined ? undefined : this.expression(node);
  }

  number(node: YamlNode | undefined): Located<number> {
    if (node?.kind === 'scalar' && typeof node.value === 'number')
      return { value: node.value, span: node.span };
    this.incomplete = true;
    return { value: 0, span: spanOf(node) };
  }

  numberOr(owner: YamlNode, key: string, fallback: number): Located<number> {
    const node = valueOf(owner, key);
    return node === undefined ? { value: fallback, span: owner.span } : this.number(node);
  }

  /** name -> expression, in the order written. */
  expressions(node: YamlNode | undefined): Map<string, Expression> {
    return new Map(entriesOf(node).map(({ key, value }) => [key, this.expression(value)]));
  }

  /** For a part that the schema has refused already. */
  missing(): void {
    this.incomplete = true;
  }

  #placeholder(node: YamlNode | undefined): Expression {
    this.incomplete = true;
    return { kind: 'number', value: 0, span: spanOf(node) };
  }
}

const NOWHERE: Span = { file: { name: '', text: '' }, start: 0, end: 0 };

/** The place of a node; a part that is not there at all has none, and its spec is never handed out. */
export function spanOf(node: YamlNode | undefined): Span {
  return node?.span ?? NOWHERE;
}
