/**
 * Specs as strangers, slips of the pen and programs would write them: good texts with some edits. What an edit is belongs to
 * its seed alone, so that every mutant can be made again by its number.
 */
import { integer, pick, type Random } from '../ops/random.js';

/** Texts to take words, values, layers and expressions from. */
export interface Phrases {
  /** What stands behind a key somewhere, by the key. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Elements of `[ ]` and `- `. */
  readonly items: readonly string[];
  /** Texts with operators or calls. */
  readonly expressions: readonly string[];
  readonly words: readonly string[];
}

/** `key: value` where the value is a word, a number or an expression: not where it opens a collection. */
const VALUE = /([A-Za-z_][\w.]*(?:\([\w, ]*\))?): +([^\s{}[\],&*#|>][^{}[\],\n#]*)/g;
const ITEM = /(?<=[[,] *)(?:\{[^{}\n]*\}|[^\s{}[\],:]+)(?= *[\],])|(?<=^ *- )[^\n]+$/gm;
const WORD = /[A-Za-z_]\w*/g;
const NUMBER = /(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?%?(?![\w.])/g;

export function phrasesOf(texts: readonly string[]): Phrases {
  const values = new Map<string, string[]>();
  for (const text of texts) {
    for (const [, key = '', value = ''] of text.matchAll(VALUE)) {
      values.set(key, [...(values.get(key) ?? []), value.trim()]);
    }
  }
  const distinct = (matches: readonly string[]): readonly string[] => [...new Set(matches)];
  return {
    values: new Map([...values].map(([key, all]) => [key, distinct(all)])),
    items: distinct(texts.flatMap((text) => text.match(ITEM) ?? [])),
    expressions: distinct([...values.values()].flat().filter((value) => /[A-Za-z]\(|[-+*/] /.test(value))),
    words: distinct(texts.flatMap((text) => text.match(WORD) ?? [])),
  };
}

const NASTY_VALUES = [
  ...['0', '-1', '-0', '1', '1e9', '1e308', '1e-308', '5e-324', '-1e308', '2147483648', '9007199254740993'],
  ...['NaN', '.nan', '.inf', '-.inf', '1e999', '0x10', '0o7', '1_000', '1.', '.5', '50%', '-50%', '1e308%'],
  ...["''", '""', 'null', '~', '', '{}', '[]', '[[]]', '[{}]', '{ a: 1 }', '[1, 2]', '[0, 0]', '[-1, 1e9]'],
  ...['off', 'on', 'yes', 'true', 'false', 'True', '2026-11-22', '!!binary aGk=', '!!js/function x', '!x y'],
  ...[
    'x'.repeat(5000),
    '"\\u0000"',
    '"\\ud800"',
    'λ',
    '"𝒳"',
    '"\u202e"',
    "'`'",
    '"\\n"',
    '.',
    '..',
    '/',
    '*',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', '__defineGetter__'],
  ...['../../etc/passwd', '/dev/zero', 'began/../wgan_gp', '|', '>-', '? a', '- a', '#', '&a', '*a', '<<'],
];

const NASTY_EXPRESSIONS = [
  ...['1/0', '0/0', '-1/0', '1e308 * 10', 'log(0)', 'log(-1)', 'sqrt(-1)', '0 ** -1', '(-8) ** (1/3)'],
  ...['grad(x, x)', 'grad(D(x), D(x))', 'grad(mean(D(x)), z)', 'grad(grad(sum(D(x)), x), x)', 'grad(1, x)'],
  ...['D(D(x))', 'G(G(z))', 'D(G(D(G(z))))', 'G(x)', 'D(z)', 'D()', 'D(x, x)', 'D', 'D(x).nothing', 'x.y'],
  ...['mean(', 'mean)', 'mean()', 'mean(mean(x))', 'mean(x, per=sample)', 'mean(x, per=x)', 'sum(x, x)'],
  ...['x', 'z', '-x', 'x + z', 'x * G(z)', 'x - x', 'x / x', 'x ** x', 'x == x', 'not x', 'x and x', 'x < 0'],
  ...['stop(x)', 'fresh(z)', 'G(fresh(z))', 'fresh(x)', 'norm(x)', 'norm(x - x, per=sample)', 'gram(x)'],
  ...['where(x > 0, x, 0)', 'where(true, 1, x)', 'where(1, 2)', 'one_hot(x)', 'one_hot(y)', 'clip(x, 1, -1)'],
  ...['max(x, 0)', 'min(1, 2)', 'abs(step)', 'step', 'steps', 'step / steps', 'k', 'linear(1, 0, steps=50%)'],
  ...['linear(0, 0, steps=0)', 'cosine(1, 0, steps=100%)', 'piecewise(1, 0, 2)', 'uniform(0, 1, per=sample)'],
  ...['uniform(1, 0)', 'normal(0, -1)', 'e: e', 'mean(square(D(G(z)) - 1))', 'mean(abs(x - D(x)))', 'x % 0'],
  ...['softmax(x)', 'cross_entropy(D(x), y)', 'shuffle(x)', 'reverse(x)', 'toString(x)', 'constructor'],
  ...[
    '(((((((((1)))))))))',
    `${'('.repeat(300)}1${')'.repeat(300)}`,
    `${'-'.repeat(500)}1`,
    '1 '.repeat(300),
  ],
  ...['1 + + 1', '1 ** 2 ** 3 ** 4', '+', '=', 'a=b', '1 < 2 < 3', 'x[0]', '"x"', "f('x')", '1 if 2 else 3'],
];

const OPERATORS = ['+', '-', '*', '/', '**', '==', '<', '>', '<=', '>=', '%', ',', '.', '=', 'and', 'or'];
const WRAPPERS = 'mean sum abs sqrt log exp square stop norm sigmoid tanh softplus D G fresh max not -'.split(
  ' ',
);
const FACTORS = [0, -1, 0.5, 2, 3, 10, 1000, 1e6, 1e-6, 1e30];
const STRAY = [
  '\t',
  '\0',
  '\ud800',
  '\udc00',
  '\ufeff',
  '\u2028',
  '\u0085',
  'λ',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
];

type Edit = (text: string, random: Random, phrases: Phrases) => string;

/** Edits by what they do. Those that mostly leave a spec whole stand several times below. */
export const EDITS = {
  'delete a line': (text, random) => editLines(text, (lines) => lines.toSpliced(place(lines, random), 1)),
  'double a line': (text, random) =>
    editLines(text, (lines) => {
      const at = place(lines, random);
      return lines.toSpliced(at, 0, lines[at]!);
    }),
  'swap two lines': (text, random) =>
    editLines(text, (lines) => {
      const [a, b] = [place(lines, random), place(lines, random)];
      return lines.with(a, lines[b]!).with(b, lines[a]!);
    }),
  'indent a line otherwise': (text, random) =>
    editLines(text, (lines) => {
      const at = place(lines, random);
      return lines.with(at, ' '.repeat(integer(random, 0, 8)) + lines[at]!.trimStart());
    }),
  'misspell a key': (text, random) =>
    replaceOne(text, /[A-Za-z_]\w*(?=:)/g, random, (key) => {
      const at = integer(random, 0, key.length - 1);
      const letter = pick(random, [...'aeinrst_XA1']);
      return key.slice(0, at) + letter + key.slice(at + integer(random, 0, 1));
    }),
  'put a nasty value': (text, random) =>
    replaceOne(text, VALUE, random, (found) => behindKey(found, pick(random, NASTY_VALUES))),
  'put a nasty expression': (text, random) =>
    replaceOne(text, VALUE, random, (found) =>
      behindKey(found, quoted(pick(random, NASTY_EXPRESSIONS), random)),
    ),
  'take the value of the same key elsewhere': (text, random, { values }) =>
    replaceOne(text, VALUE, random, (found) => {
      const key = found.slice(0, found.indexOf(':'));
      return behindKey(found, pick(random, values.get(key) ?? ['0']));
    }),
  'put an expression from elsewhere': (text, random, { expressions }) =>
    replaceOne(text, VALUE, random, (found) => behindKey(found, quoted(pick(random, expressions), random))),
  'multiply a number': (text, random) =>
    replaceOne(text, NUMBER, random, (found) => {
      const product = Number.parseFloat(found) * pick(random, FACTORS);
      return `${product}${found.endsWith('%') ? '%' : ''}`;
    }),
  'put another small number': (text, random) =>
    replaceOne(text, NUMBER, random, () => String(integer(random, -1, 12))),
  'put a number where a name stands': (text, random) =>
    replaceOne(text, WORD, random, () => pick(random, ['0', '1', '2.5', '-3', '1e4'])),
  'exchange two items': (text, random) => {
    const items = [...text.matchAll(ITEM)];
    if (items.length < 2) return text;
    const [a, b] = [pick(random, items), pick(random, items)].sort((one, two) => one.index - two.index) as [
      RegExpExecArray,
      RegExpExecArray,
    ];
    if (a.index + a[0].length > b.index) return text;
    return (
      text.slice(0, a.index) +
      b[0] +
      text.slice(a.index + a[0].length, b.index) +
      a[0] +
      text.slice(b.index + b[0].length)
    );
  },
  'put an item from elsewhere': (text, random, { items }) =>
    replaceOne(text, ITEM, random, () => pick(random, items)),
  'add an item': (text, random, { items }) =>
    replaceOne(text, ITEM, random, (found) =>
      found.startsWith('{') || !text.includes(`- ${found}`) ? `${found}, ${pick(random, items)}` : found,
    ),
  'put another name': (text, random, { words }) =>
    replaceOne(text, WORD, random, () =>
      random() < 0.8 ? pick(random, text.match(WORD)!) : pick(random, words),
    ),
  'put another operator': (text, random) =>
    replaceOne(text, /(?<=[\w)] )(?:[-+*/<>=]+)(?= [\w(-])/g, random, () => pick(random, OPERATORS)),
  'wrap a part': (text, random) =>
    replaceOne(text, /(?<=[(:*+-] *)[A-Za-z_]\w*(?:\([\w, ]*\))?(?!:)/g, random, (found) => {
      return `${pick(random, WRAPPERS)}(${found})`;
    }),
  'unwrap a part': (text, random) =>
    replaceOne(text, /[A-Za-z_]\w*\(([\w, ]*)\)(?!:)/g, random, (found) =>
      found.slice(found.indexOf('(') + 1, -1),
    ),
  'delete a token': (text, random) => replaceOne(text, /\w+|[^\s\w]/g, random, () => ''),
  'double a token': (text, random) => replaceOne(text, /\w+|[^\s\w]/g, random, (found) => found + found),
  'nest parentheses': (text, random) =>
    replaceOne(text, VALUE, random, (found) => {
      const depth = pick(random, [1, 10, 100, 255, 256, 257, 3000]);
      const value = found.slice(found.indexOf(':') + 1).trim();
      return behindKey(found, `${'('.repeat(depth)}${value}${')'.repeat(depth)}`);
    }),
  'set a comma trap': (text, random) =>
    replaceOne(text, /(?<=\{[^{}\n]*): *[^{}[\],\n]+/g, random, () =>
      pick(random, [': max(1, 2)', ': G(z, y)', ': clip(k, 0, 1)', ': 1,5', ': 1,', ': , 1']),
    ),
  'name a value and repeat it': (text, random) => {
    const named = replaceOne(text, /(?<=: +)[^\s&*]/g, random, (found) => `&a ${found}`);
    return replaceOne(named, /(?<=: +|[[,] *)[\w.]+(?= *[\n,\]}])/g, random, () => '*a');
  },
  merge: (text, random) =>
    editLines(text, (lines) => {
      const at = place(lines, random);
      const indent = lines[at]!.slice(0, lines[at]!.length - lines[at]!.trimStart().length);
      return lines.toSpliced(at, 0, `${indent}<<: ${pick(random, ['*a', '{ a: 1 }', '[*a, *a]'])}`);
    }),
  'put a stray character': (text, random) => {
    const at = integer(random, 0, text.length);
    return text.slice(0, at) + pick(random, STRAY) + text.slice(at);
  },
  'cut the text': (text, random) => text.slice(0, integer(random, 0, text.length)),
  'use tabs': (text) => text.replaceAll('  ', '\t'),
  'use CRLF': (text) => text.replaceAll('\n', '\r\n'),
  'begin with a byte order mark': (text) => `\ufeff${text}`,
} satisfies Record<string, Edit>;

export type EditName = keyof typeof EDITS;

/** What leaves most specs whole is chosen more often: a mutant that is refused at its first line says little. */
const FREQUENT: readonly EditName[] = [
  ...['multiply a number', 'put another small number', 'take the value of the same key elsewhere'],
  ...['exchange two items', 'put an item from elsewhere', 'add an item', 'put another name', 'wrap a part'],
  ...['put another operator', 'put an expression from elsewhere', 'unwrap a part', 'swap two lines'],
] as EditName[];
const DRAWN: readonly EditName[] = [
  ...(Object.keys(EDITS) as EditName[]),
  ...FREQUENT,
  ...FREQUENT,
  ...FREQUENT,
];

/** One to five edits, most often one. */
export function mutate(
  text: string,
  random: Random,
  phrases: Phrases,
): { readonly text: string; readonly edits: readonly EditName[] } {
  const edits: EditName[] = [];
  let mutant = text;
  do {
    const name = pick(random, DRAWN);
    edits.push(name);
    mutant = EDITS[name](mutant, random, phrases);
  } while (edits.length < 5 && random() < 0.25);
  return { text: mutant, edits };
}

function editLines(text: string, edit: (lines: readonly string[]) => readonly string[]): string {
  return edit(text.split('\n')).join('\n');
}

const place = (lines: readonly string[], random: Random): number => integer(random, 0, lines.length - 1);

function replaceOne(text: string, pattern: RegExp, random: Random, by: (found: string) => string): string {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return text;
  const { 0: found, index } = pick(random, matches);
  return text.slice(0, index) + by(found) + text.slice(index + found.length);
}

const behindKey = (found: string, value: string): string => `${found.slice(0, found.indexOf(':'))}: ${value}`;

/** Half of the expressions with commas get the quotes that they need inside braces. */
const quoted = (expression: string, random: Random): string =>
  expression.includes(',') && !/['"]/.test(expression) && random() < 0.5 ? `'${expression}'` : expression;
