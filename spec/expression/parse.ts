/**
 * Parses the text of an expression by operator precedence (Pratt 1973): every operator knows how tightly it binds, and a
 * loop takes operators for as long as they bind at least as tightly as the caller asks.
 */
import type { Diagnostic, Span } from '../diagnostics/diagnostic.js';
import { quote } from '../diagnostics/quote.js';
import type { LocatedText } from '../yaml/located-text.js';
import type { BinaryOperator, Expression, NamedArgument, UnaryOperator } from './expression.js';
import { CLOSING, DOT_RULE, failAfterValue, failUnclosed, failWithoutValue } from './explain.js';
import type { ParserState } from './explain.js';
import { ExpressionFailure, fail } from './failure.js';
import type { TextRange } from './failure.js';
import { BINARY_OPERATORS, isBinaryOperator, UNARY_POWER } from './operators.js';
import { tokenize } from './token.js';
import type { Token } from './token.js';

/** Deeper trees are refused, so that whoever walks one may use recursion. */
export const MAXIMUM_EXPRESSION_DEPTH = 256;

export type ExpressionResult =
  | { readonly expression: Expression; readonly diagnostic?: undefined }
  | { readonly expression?: undefined; readonly diagnostic: Diagnostic };

/** Parses a whole text. One diagnostic, for the first mistake: what follows it is usually its consequence. */
export function parseExpression(source: LocatedText): ExpressionResult {
  try {
    return { expression: new ExpressionParser(source).parse() };
  } catch (error) {
    if (!(error instanceof ExpressionFailure)) throw error;
    const { code = 'expression/syntax', message, note, help, related } = error.text;
    return {
      diagnostic: {
        code,
        severity: 'error',
        message,
        span: source.span(error.at.start, error.at.end),
        note,
        help,
        related: related && [
          { message: related.message, span: source.span(related.at.start, related.at.end) },
        ],
      },
    };
  }
}

class ExpressionParser {
  readonly #source: LocatedText;
  readonly #tokens: readonly Token[];
  readonly #heights = new Map<Expression, number>();
  readonly #open: Token[] = [];
  #next = 0;
  #depth = 0;

  constructor(source: LocatedText) {
    this.#source = source;
    this.#tokens = tokenize(source.text);
  }

  parse(): Expression {
    if (this.#peek().kind === 'end') {
      fail(
        { start: 0, end: this.#source.text.length },
        { message: 'The expression is empty', help: 'Write a value.' },
      );
    }
    const expression = this.#binary(0);
    if (this.#peek().kind !== 'end') failAfterValue(this.#state());
    return expression;
  }

  #binary(minimumPower: number): Expression {
    this.#depth += 1;
    if (this.#depth > MAXIMUM_EXPRESSION_DEPTH) this.#failTooDeep(this.#peek());
    const start = this.#peek();
    let left = this.#unary();
    let compared: Token | undefined;
    for (;;) {
      const token = this.#peek();
      if (token.kind !== 'operator' || !isBinaryOperator(token.text)) break;
      const operator: BinaryOperator = token.text;
      const { power, associates } = BINARY_OPERATORS[operator];
      if (power < minimumPower) break;
      if (associates === 'none') {
        if (compared !== undefined) this.#failChained(compared, token);
        compared = token;
      }
      this.#next += 1;
      const right = this.#binary(associates === 'right' ? power : power + 1);
      left = this.#made(
        { kind: 'binary', operator, left, right, span: this.#spanFrom(start) },
        token,
        left,
        right,
      );
    }
    this.#depth -= 1;
    return left;
  }

  #unary(): Expression {
    const token = this.#peek();
    if (token.kind !== 'operator' || (token.text !== '-' && token.text !== '!')) return this.#primary();
    this.#next += 1;
    const operator: UnaryOperator = token.text;
    const operand = this.#binary(UNARY_POWER + 1);
    const span = this.#spanFrom(token);
    // `-1` is the number, as it is where YAML reads it. A second minus is an operation.
    if (
      operator === '-' &&
      (operand.kind === 'number' || operand.kind === 'percent') &&
      isPositive(operand.value)
    ) {
      return this.#made({ kind: operand.kind, value: -operand.value, span }, token);
    }
    return this.#made({ kind: 'unary', operator, operand, span }, token, operand);
  }

  #primary(): Expression {
    const token = this.#peek();
    const span = this.#source.span(token.start, token.end);
    switch (token.kind) {
      case 'number':
        this.#next += 1;
        return this.#number(token);
      case 'string':
        this.#next += 1;
        return this.#made({ kind: 'string', value: token.text, span }, token);
      case 'name':
        this.#next += 1;
        return this.#name(token);
      case 'operator':
        if (token.text === '(') return this.#group(token);
        if (token.text === '[') return this.#list(token);
        return failWithoutValue(this.#state());
      case 'end':
        return failWithoutValue(this.#state());
      default:
        throw new TypeError(`internal: no such token ${String(token.kind satisfies never)}`);
    }
  }

  /** A number, or a share: `50%` where no operand follows. */
  #number(token: Token): Expression {
    const value = Number(token.text);
    const sign = this.#peek();
    if (sign.kind === 'operator' && sign.text === '%') {
      const following = this.#tokens[this.#next + 1]!;
      const operandFollows =
        following.kind === 'number' ||
        following.kind === 'name' ||
        following.kind === 'string' ||
        following.text === '(' ||
        following.text === '[' ||
        following.text === '!';
      if (!operandFollows && sign.start === token.end) {
        this.#next += 1;
        return this.#made(
          { kind: 'percent', value: value / 100, span: this.#source.span(token.start, sign.end) },
          token,
        );
      }
    }
    return this.#made({ kind: 'number', value, span: this.#source.span(token.start, token.end) }, token);
  }

  #name(token: Token): Expression {
    const span = this.#source.span(token.start, token.end);
    if (token.text === 'true' || token.text === 'false') {
      return this.#made({ kind: 'boolean', value: token.text === 'true', span }, token);
    }
    const next = this.#peek();
    if (next.kind === 'operator' && next.text === '(') return this.#call(token, next);
    if (next.kind === 'operator' && next.text === '.') {
      this.#next += 1;
      const name = this.#peek();
      if (name.kind !== 'name') {
        fail(next, {
          message: `A name is expected behind ${quote(`${token.text}.`)}`,
          note: DOT_RULE,
        });
      }
      this.#next += 1;
      const after = this.#peek();
      if (after.kind === 'operator' && (after.text === '.' || after.text === '(')) {
        fail(after, {
          message: `${quote(`${token.text}.${name.text}`)} is a value; nothing can be ${after.text === '.' ? 'picked from' : 'called on'} it`,
          note: DOT_RULE,
          help: after.text === '(' ? `Write \`${name.text}(${token.text})\`.` : undefined,
        });
      }
      return this.#made(
        {
          kind: 'member',
          object: token.text,
          name: name.text,
          span: this.#source.span(token.start, name.end),
        },
        token,
      );
    }
    const operand = next.kind === 'name' || next.kind === 'number' || next.kind === 'string';
    if (operand && token.text === 'not') {
      fail(token, { message: '`not` is not an operator', help: 'Write `!` in front of the condition.' });
    }
    return this.#made({ kind: 'name', name: token.text, span }, token);
  }

  #call(callee: Token, open: Token): Expression {
    this.#next += 1;
    this.#open.push(open);
    const positional: Expression[] = [];
    const named: NamedArgument[] = [];
    while (!this.#closes(open)) {
      const token = this.#peek();
      const equals = this.#tokens[this.#next + 1];
      if (token.kind === 'name' && equals?.kind === 'operator' && equals.text === '=') {
        this.#next += 2;
        const earlier = named.find((argument) => argument.name === token.text);
        if (earlier !== undefined) {
          fail(token, {
            code: 'expression/arguments',
            message: `The argument ${quote(token.text)} is given twice`,
            help: 'Remove one of the two.',
          });
        }
        const value = this.#binary(0);
        named.push({
          name: token.text,
          nameSpan: this.#source.span(token.start, token.end),
          value,
        });
      } else {
        const value = this.#binary(0);
        if (named.length > 0) {
          fail(this.#range(token), {
            code: 'expression/arguments',
            message: 'An argument without a name stands behind a named one',
            help: `Give it a name as well, or move it in front of ${quote(`${named[0]!.name}=`)}.`,
          });
        }
        positional.push(value);
      }
      if (!this.#separated(open)) break;
    }
    const close = this.#close(open);
    const call = this.#made(
      {
        kind: 'call',
        callee: callee.text,
        calleeSpan: this.#source.span(callee.start, callee.end),
        arguments: positional,
        named,
        span: this.#source.span(callee.start, close.end),
      },
      callee,
      ...positional,
      ...named.map((argument) => argument.value),
    );
    return this.#field(call, callee);
  }

  /** What follows a call: `.features`, or nothing. */
  #field(call: Expression, callee: Token): Expression {
    const dot = this.#peek();
    if (dot.kind !== 'operator' || dot.text !== '.') return call;
    this.#next += 1;
    const name = this.#peek();
    const written = this.#source.text.slice(callee.start, dot.end);
    if (name.kind !== 'name') {
      fail(dot, { message: `A name is expected behind ${quote(written)}`, note: DOT_RULE });
    }
    this.#next += 1;
    const after = this.#peek();
    if (after.kind === 'operator' && (after.text === '.' || after.text === '(')) {
      fail(after, {
        message: `${quote(written + name.text)} is a value; nothing can be ${after.text === '.' ? 'picked from' : 'called on'} it`,
        note: DOT_RULE,
      });
    }
    return this.#made({ kind: 'field', of: call, name: name.text, span: this.#spanFrom(callee) }, dot, call);
  }

  #list(open: Token): Expression {
    this.#next += 1;
    this.#open.push(open);
    const items: Expression[] = [];
    while (!this.#closes(open)) {
      items.push(this.#binary(0));
      if (!this.#separated(open)) break;
    }
    const close = this.#close(open);
    return this.#made(
      { kind: 'list', items, span: this.#source.span(open.start, close.end) },
      open,
      ...items,
    );
  }

  #group(open: Token): Expression {
    this.#next += 1;
    this.#open.push(open);
    if (this.#closes(open)) {
      fail(
        { start: open.start, end: this.#peek().end },
        { message: 'Nothing stands between the parentheses', help: 'Write a value inside them.' },
      );
    }
    const inner = this.#binary(0);
    this.#close(open);
    return inner;
  }

  #closes(open: Token): boolean {
    const token = this.#peek();
    return token.kind === 'operator' && token.text === CLOSING[open.text];
  }

  /** Takes a comma; false where the list ends. */
  #separated(open: Token): boolean {
    const token = this.#peek();
    if (token.kind !== 'operator' || token.text !== ',') return false;
    this.#next += 1;
    if (this.#closes(open)) {
      fail(token, {
        message: `A value is expected between \`,\` and \`${CLOSING[open.text]!}\``,
        help: 'Remove the comma.',
      });
    }
    return true;
  }

  #close(open: Token): Token {
    if (!this.#closes(open)) failUnclosed(this.#state(), open);
    this.#open.pop();
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  /** From the start of `token` to the end of what has been read. */
  #range(token: Token): TextRange {
    return { start: token.start, end: this.#tokens[this.#next - 1]!.end };
  }

  /** The same as a place in the file: parentheses around an operand are part of the operation. */
  #spanFrom(token: Token): Span {
    const { start, end } = this.#range(token);
    return this.#source.span(start, end);
  }

  #made(expression: Expression, at: Token, ...parts: readonly Expression[]): Expression {
    let height = 1;
    for (const part of parts) height = Math.max(height, 1 + (this.#heights.get(part) ?? 1));
    if (height > MAXIMUM_EXPRESSION_DEPTH) this.#failTooDeep(at);
    this.#heights.set(expression, height);
    return expression;
  }

  #state(): ParserState {
    return { text: this.#source.text, tokens: this.#tokens, next: this.#next, open: this.#open };
  }

  #failTooDeep(at: TextRange): never {
    fail(at, {
      message: `The expression is nested more than ${MAXIMUM_EXPRESSION_DEPTH} levels deep`,
      help: 'Give parts of it names of their own under `let`.',
    });
  }

  #failChained(first: Token, second: Token): never {
    fail(second, {
      message: 'Two comparisons cannot be chained',
      related: { message: 'the first comparison', at: first },
      note: `\`a ${first.text} b ${second.text} c\` would compare a truth value with a number.`,
      help: `Write \`a ${first.text} b && b ${second.text} c\`.`,
    });
  }
}

function isPositive(value: number): boolean {
  return value > 0 || Object.is(value, 0);
}
