/** Python as trees, and how they are printed: PEP 8, at most 100 columns, broken as formatters break it. */

export const WIDTH = 100;
const INDENT = '    ';
/** What may stand behind a closing bracket. */
const SHORT = 20;

export type Python =
  /** What is never broken: names, numbers, texts. */
  | { readonly kind: 'atom'; readonly code: string; readonly precedence: number }
  | { readonly kind: 'call'; readonly callee: string; readonly arguments: readonly Argument[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: Python; readonly precedence: number }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Python;
      readonly right: Python;
      readonly precedence: number;
    }
  | { readonly kind: 'choice'; readonly condition: Python; readonly then: Python; readonly otherwise: Python }
  /** `{...}` of keys and values, `[...]`, `(...)`. */
  | {
      readonly kind: 'collection';
      readonly brackets: '{}' | '[]' | '()';
      readonly items: readonly Argument[];
    }
  | { readonly kind: 'lambda'; readonly parameters: string; readonly body: Python };

/** `value`, `name=value`, or `"key": value` in a dictionary. */
export interface Argument {
  readonly label?: string | undefined;
  readonly value: Python;
}

const PRECEDENCE = {
  lambda: 0,
  choice: 1,
  not: 2,
  comparison: 3,
  and: 4,
  sum: 5,
  product: 6,
  sign: 7,
  power: 8,
  whole: 9,
} as const;

const BINARY: Readonly<Record<string, keyof typeof PRECEDENCE>> = {
  '<': 'comparison',
  '<=': 'comparison',
  '>': 'comparison',
  '>=': 'comparison',
  '==': 'comparison',
  '!=': 'comparison',
  '&': 'and',
  '+': 'sum',
  '-': 'sum',
  '*': 'product',
  '/': 'product',
  '%': 'product',
  '**': 'power',
};

export const name = (code: string): Python => ({ kind: 'atom', code, precedence: PRECEDENCE.whole });

export function number(value: number): Python {
  if (value < 0 || Object.is(value, -0)) return unary('-', number(-value));
  return name(numeral(value));
}

/** Of a number that is not negative. */
function numeral(value: number): string {
  return Number.isFinite(value) ? String(value).replace('e+', 'e') : `float("${value > 0 ? 'inf' : 'nan'}")`;
}

/** A text between double quotes. */
export const text = (value: string): Python => name(quoted(value));

export function quoted(value: string): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

export const call = (callee: string, ...given: readonly Python[]): Python => ({
  kind: 'call',
  callee,
  arguments: given.map((value) => ({ value })),
});

export const callWith = (callee: string, given: readonly Argument[]): Python => ({
  kind: 'call',
  callee,
  arguments: given,
});

export const unary = (operator: '-' | 'not ', of: Python): Python => ({
  kind: 'unary',
  operator,
  of,
  precedence: operator === '-' ? PRECEDENCE.sign : PRECEDENCE.not,
});

export const binary = (operator: string, left: Python, right: Python): Python => ({
  kind: 'binary',
  operator,
  left,
  right,
  precedence: PRECEDENCE[BINARY[operator]!],
});

export const choice = (condition: Python, then: Python, otherwise: Python): Python => ({
  kind: 'choice',
  condition,
  then,
  otherwise,
});

export const list = (items: readonly Python[]): Python => ({
  kind: 'collection',
  brackets: '[]',
  items: items.map((value) => ({ value })),
});

export const tuple = (items: readonly Python[]): Python => ({
  kind: 'collection',
  brackets: '()',
  items: items.map((value) => ({ value })),
});

export const dictionary = (entries: Iterable<readonly [string, Python]>): Python => ({
  kind: 'collection',
  brackets: '{}',
  items: [...entries].map(([key, value]) => ({ label: quoted(key), value })),
});

export const ofRun = (body: Python): Python => ({ kind: 'lambda', parameters: 'run', body });

/** A method or an index behind an expression: `x.view(-1, 1)`. */
export const behind = (of: Python, suffix: string): Python =>
  name(`${grouped(of, PRECEDENCE.whole)}${suffix}`);

export const isName = (python: Python): boolean =>
  python.kind === 'atom' && /^[A-Za-z_]\w*$/.test(python.code);

function precedenceOf(python: Python): number {
  switch (python.kind) {
    case 'atom':
    case 'unary':
    case 'binary':
      return python.precedence;
    case 'call':
    case 'collection':
      return PRECEDENCE.whole;
    case 'choice':
      return PRECEDENCE.choice;
    case 'lambda':
      return PRECEDENCE.lambda;
    default:
      throw new Error(`internal: unknown Python ${String(python satisfies never)}`);
  }
}

const grouped = (python: Python, least: number): string =>
  precedenceOf(python) < least ? `(${flat(python)})` : flat(python);

/** On one line. */
export function flat(python: Python): string {
  switch (python.kind) {
    case 'atom':
      return python.code;
    case 'call':
      return `${python.callee}(${python.arguments.map(flatArgument('=')).join(', ')})`;
    case 'unary':
      return `${python.operator}${grouped(python.of, python.precedence)}`;
    case 'binary': {
      const { operator, left, right, precedence } = python;
      const power = operator === '**';
      const sides = [
        grouped(left, precedence + (power ? 1 : 0)),
        grouped(right, precedence + (power ? 0 : 1)),
      ];
      const tight = power && sides.every((side) => /^-?[\w.]+$/.test(side));
      return sides.join(tight ? operator : ` ${operator} `);
    }
    case 'choice': {
      const side = (part: Python): string => grouped(part, PRECEDENCE.choice + 1);
      return `${side(python.then)} if ${side(python.condition)} else ${grouped(python.otherwise, PRECEDENCE.choice)}`;
    }
    case 'collection': {
      const { brackets, items } = python;
      const single = brackets === '()' && items.length === 1 ? ',' : '';
      return `${brackets[0]!}${items.map(flatArgument(': ')).join(', ')}${single}${brackets[1]!}`;
    }
    case 'lambda':
      return `lambda ${python.parameters}: ${flat(python.body)}`;
    default:
      throw new Error(`internal: unknown Python ${String(python satisfies never)}`);
  }
}

const flatArgument =
  (sign: string) =>
  ({ label, value }: Argument): string =>
    `${label === undefined ? '' : `${label}${sign}`}${flat(value)}`;

/**
 * `before` and the expression and `after` as lines at a depth of indentation, broken where one line would be too long.
 * `inBrackets`: what surrounds it is broken already, so that an operator may start a line.
 */
export function lines(
  before: string,
  python: Python,
  after: string,
  depth: number,
  inBrackets = false,
): readonly string[] {
  const margin = INDENT.repeat(depth);
  const whole = `${margin}${before}${flat(python)}${after}`;
  if (whole.length <= WIDTH) return [whole];
  const parts = (all: readonly Operand[]): readonly string[] => {
    if (inBrackets) return broken(before, all, after, depth);
    const inner = `${margin}${INDENT}${flat(python)}`;
    const body = inner.length <= WIDTH ? [inner] : broken('', all, '', depth + 1);
    return [`${margin}${before}(`, ...body, `${margin})${after}`];
  };
  switch (python.kind) {
    case 'call':
      return inside(`${before}${python.callee}(`, python.arguments, '=', `)${after}`, depth);
    case 'collection':
      return inside(
        `${before}${python.brackets[0]!}`,
        python.items,
        ': ',
        `${python.brackets[1]!}${after}`,
        depth,
        true,
      );
    case 'binary': {
      const { operator, left, right, precedence } = python;
      const behindIt = ` ${operator} ${grouped(right, precedence + 1)}${after}`;
      // A sum in brackets is broken within them.
      if (precedenceOf(left) < precedence && behindIt.length <= SHORT) {
        return [`${margin}${before}(`, ...lines('', left, '', depth + 1, true), `${margin})${behindIt}`];
      }
      return parts(operands(python));
    }
    case 'choice':
      return parts([
        { sign: '', part: bracketed(python.then, PRECEDENCE.choice + 1) },
        { sign: 'if ', part: bracketed(python.condition, PRECEDENCE.choice + 1) },
        { sign: 'else ', part: bracketed(python.otherwise, PRECEDENCE.choice) },
      ]);
    case 'lambda':
      return lines(`${before}lambda ${python.parameters}: `, python.body, after, depth);
    case 'atom':
    case 'unary':
      return [whole];
    default:
      throw new Error(`internal: unknown Python ${String(python satisfies never)}`);
  }
}

/** What stands between brackets: on a line of its own where it fits, else every part on one. */
function inside(
  open: string,
  items: readonly Argument[],
  sign: string,
  close: string,
  depth: number,
  each = false,
): readonly string[] {
  const margin = INDENT.repeat(depth);
  const together = `${margin}${INDENT}${items.map(flatArgument(sign)).join(', ')}`;
  const body =
    !each && together.length <= WIDTH
      ? [together]
      : items.flatMap(({ label, value }) =>
          lines(
            label === undefined ? '' : `${label}${sign}`,
            value,
            ',',
            depth + 1,
            items.length > 1 || sign === ': ',
          ),
        );
  return [`${margin}${open}`, ...body, `${margin}${close}`];
}

interface Operand {
  readonly sign: string;
  readonly part: Python;
}

/** Of a chain of operators of one precedence. */
function operands(python: Extract<Python, { kind: 'binary' }>): readonly Operand[] {
  const { left, right, operator, precedence } = python;
  const first =
    left.kind === 'binary' && left.precedence === precedence && operator !== '**'
      ? operands(left)
      : [{ sign: '', part: bracketed(left, precedence) }];
  return [...first, { sign: `${operator} `, part: bracketed(right, precedence + 1) }];
}

/** What binds less than its place asks for stands in brackets. */
const bracketed = (part: Python, least: number): Python =>
  precedenceOf(part) < least ? name(`(${flat(part)})`) : part;

function broken(before: string, parts: readonly Operand[], after: string, depth: number): readonly string[] {
  return parts.flatMap(({ sign, part }, i) =>
    lines(`${i === 0 ? before : ''}${sign}`, part, i === parts.length - 1 ? after : '', depth, true),
  );
}

/** `name = value` */
export const assign = (target: string, value: Python, depth = 1): readonly string[] =>
  lines(`${target} = `, value, '', depth);

/** A comment or a docstring's text, wrapped. */
export function wrapped(words: string, margin: string, width = WIDTH): readonly string[] {
  const result: string[] = [];
  let line = margin;
  for (const word of words.split(/\s+/).filter((one) => one !== '')) {
    if (line.length > margin.length && line.length + 1 + word.length > width) {
      result.push(line);
      line = margin;
    }
    line += line.length > margin.length ? ` ${word}` : word;
  }
  return [...result, line];
}

export const comment = (words: string, depth: number): readonly string[] =>
  wrapped(words, `${INDENT.repeat(depth)}# `);

/** A docstring of one paragraph; `open` where more of them follow. */
export function docstring(words: string, depth: number, open = false): readonly string[] {
  const margin = INDENT.repeat(depth);
  const safe = words.replaceAll('\\', '\\\\').replaceAll('"""', "'''").replace(/"$/, '".');
  const one = `${margin}"""${safe}"""`;
  if (one.length <= WIDTH) return [open ? one.slice(0, -3) : one];
  // Quotes that would have fitted behind the last word are no reason for a line of their own.
  const [first = '', ...rest] = wrapped(`"""${safe}`, margin, WIDTH - 3);
  return [first, ...rest, ...(open ? [] : [`${margin}"""`])];
}
