/** What is said where an expression cannot go on: the parser only notices, the reasons are found here. */
import { enumerate, quote } from '../diagnostics/quote.js';
import { fail } from './failure.js';
import type { Token } from './token.js';

/** Where the parser stands: `next` is the first token it has not taken. */
export interface ParserState {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly next: number;
  /** Brackets that are open, the innermost last. */
  readonly open: readonly Token[];
}

export const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']' };

export const DOT_RULE =
  'A dot asks an update for one of its values, `critic.Lx`, or what a network computed for a tap or branch, `D(x).features`.';

/** Words of other languages, and what they are here. */
const FOREIGN_WORDS: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['is', '=='],
  ['mod', '%'],
  ['if', 'where(condition, a, b)'],
  ['else', 'where(condition, a, b)'],
]);

/** A bracket is open and the next token neither continues nor closes it. */
export function failUnclosed(state: ParserState, open: Token): never {
  const token = tokenAt(state, 0);
  const closing = CLOSING[open.text]!;
  if (token.kind === 'end') {
    fail(open, { message: `This \`${open.text}\` is never closed`, help: `Add a \`${closing}\`.` });
  }
  if (token.text === ')' || token.text === ']') {
    fail(token, {
      message: `\`${token.text}\` cannot close a \`${open.text}\``,
      related: { message: 'opened here', at: open },
      help: `Write \`${closing}\`.`,
    });
  }
  failAfterValue(state);
}

/** A value is complete and something stands behind it that cannot. */
export function failAfterValue(state: ParserState): never {
  const token = tokenAt(state, 0);
  const before = tokenAt(state, -1);
  if (token.kind === 'operator') {
    switch (token.text) {
      case ')':
      case ']':
        fail(token, {
          message: `This \`${token.text}\` closes nothing`,
          help: 'Remove it, or open the bracket before.',
        });
        break;
      case ',':
        fail(token, {
          message: 'A comma can only stand between arguments or the items of a list',
          help: 'Put lists in brackets: `[a, b]`; a decimal point is a dot: `0.5`.',
        });
        break;
      case '=':
        fail(token, {
          message: '`=` cannot stand here',
          note: '`=` gives a named argument of a function: `uniform(0, 1, per=sample)`.',
          help: 'Two values are compared with `==`.',
        });
        break;
      case '!':
        fail(token, { message: '`!` cannot stand behind a value', help: 'Not equal is written `!=`.' });
        break;
      case '.':
        fail(token, {
          message: 'A dot cannot stand here',
          note: DOT_RULE,
        });
        break;
      case '(':
        fail(token, {
          message: 'A call cannot stand behind this value',
          note: 'Only names can be called, and a product is never left unwritten.',
          help: 'Put an operator in between: `a * (b + c)`.',
        });
        break;
      case '[':
        fail(token, {
          message: 'Parts of a tensor cannot be picked with `[ ]`',
          help: 'Reduce it instead, for example with `mean(...)` or `sum(...)`.',
        });
    }
  }
  for (const word of [token, before]) {
    const operator = word.kind === 'name' ? FOREIGN_WORDS.get(word.text) : undefined;
    if (operator !== undefined) {
      fail(word, { message: `${quote(word.text)} is not an operator`, help: `Write \`${operator}\`.` });
    }
  }
  const left = state.text.slice(before.start, before.end);
  const right = state.text.slice(token.start, token.end);
  const product = before.kind === 'operator' ? '`*` for a product' : `\`${left} * ${right}\` for a product`;
  const pair =
    before.kind === 'operator' ? '`,` between two arguments' : `\`${left}, ${right}\` for two arguments`;
  fail(token, {
    message: `An operator is missing between ${quote(left)} and ${quote(right)}`,
    help: `Write ${product}${state.open.length > 0 ? `, or ${pair}` : ''}.`,
  });
}

/** A value is expected where `token` stands. */
export function failWithoutValue(state: ParserState): never {
  const token = tokenAt(state, 0);
  const before = state.tokens[state.next - 1];
  const number = state.tokens[state.next - 2];
  if (before?.kind === 'operator' && before.text === '%' && number?.kind === 'number') {
    fail(
      { start: number.start, end: before.end },
      {
        message: 'A value is missing behind `%`',
        help: `A share of the run is written without a space: \`${number.text}%\`.`,
      },
    );
  }
  if (token.kind === 'end' && before !== undefined) {
    const open = state.open.at(-1);
    if (open !== undefined && (before === open || before.text === ',')) failUnclosed(state, open);
    fail(before, {
      message: `The expression ends after ${quote(before.text)}`,
      help: `Write a value behind ${quote(before.text)}, or remove it.`,
    });
  }
  if (token.text === ')' || token.text === ']') {
    const open = state.open.at(-1);
    if (open === undefined || before === undefined) {
      fail(token, {
        message: `This \`${token.text}\` closes nothing`,
        help: 'Remove it, or open the bracket before.',
      });
    }
    if (before === open) failUnclosed(state, open);
    fail(before, {
      message: `A value is missing between ${quote(before.text)} and ${quote(token.text)}`,
      help: `Write a value behind ${quote(before.text)}, or remove it.`,
    });
  }
  if (token.text === '+') {
    fail(token, { message: '`+` in front of a value says nothing', help: 'Remove it.' });
  }
  if (token.text === ',') {
    fail(token, {
      message: 'A value is missing in front of the comma',
      help: 'Write a value, or remove the comma.',
    });
  }
  if (before === undefined || before.text === '(' || before.text === '[' || before.text === ',') {
    fail(token, {
      message: `A value is missing in front of ${quote(token.text)}`,
      help: `An expression starts with a number, a name, a bracket, ${enumerate(['-', '!'], 'or')}.`,
    });
  }
  fail(
    { start: before.start, end: token.end },
    {
      message: `A value is missing between ${quote(before.text)} and ${quote(token.text)}`,
      help:
        before.text === '='
          ? 'Two values are compared with `==`.'
          : 'Write a value between the two, or remove one.',
    },
  );
}

function tokenAt({ tokens, next }: ParserState, offset: number): Token {
  const token = tokens[next + offset];
  if (token === undefined) throw new RangeError('internal: the parser left its tokens');
  return token;
}
