import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Expression } from './expression.js';
import { verbatimText } from '../yaml/located-text.js';
import { BINARY_OPERATORS } from './operators.js';
import { MAXIMUM_EXPRESSION_DEPTH, parseExpression } from './parse.js';
import { printExpression } from './print.js';

function parse(text: string): Expression {
  const { expression, diagnostic } = parseExpression(verbatimText({ name: 'test', text }, 0, text.length));
  if (expression === undefined) throw new Error(`${text}: ${diagnostic.message}`);
  return expression;
}

/** Every operation in parentheses: shows how a text was understood. */
function structure(expression: Expression): string {
  switch (expression.kind) {
    case 'unary':
      return `(${expression.operator} ${structure(expression.operand)})`;
    case 'binary':
      return `(${structure(expression.left)} ${expression.operator} ${structure(expression.right)})`;
    case 'call':
      return `${expression.callee}(${[
        ...expression.arguments.map(structure),
        ...expression.named.map(({ name, value }) => `${name}=${structure(value)}`),
      ].join(', ')})`;
    case 'list':
      return `[${expression.items.map(structure).join(', ')}]`;
    case 'percent':
      return `${expression.value}:percent`;
    case 'number':
    case 'boolean':
      return `${String(expression.value)}:${expression.kind}`;
    case 'string':
      return `<${expression.value}>`;
    case 'name':
      return expression.name;
    case 'member':
      return `${expression.object}.${expression.name}`;
    case 'field':
      return `{${structure(expression.of)} . ${expression.name}}`;
    default:
      throw new TypeError(String(expression satisfies never));
  }
}

describe('parseExpression understands', () => {
  it.each([
    ['a + b * c', '(a + (b * c))'],
    ['a - b - c', '((a - b) - c)'],
    ['a / b * c', '((a / b) * c)'],
    ['a ** b ** c', '(a ** (b ** c))'],
    ['-a ** 2', '(- (a ** 2:number))'],
    ['(-a) ** 2', '((- a) ** 2:number)'],
    ['-2 ** 2', '(- (2:number ** 2:number))'],
    ['(-2) ** 2', '(-2:number ** 2:number)'],
    ['a ** -b', '(a ** (- b))'],
    ['2 ** -a ** 2', '(2:number ** (- (a ** 2:number)))'],
    ['-a * b', '((- a) * b)'],
    ['!a && b || c', '(((! a) && b) || c)'],
    ['a < b && c >= d', '((a < b) && (c >= d))'],
    ['(a < b) == (c < d)', '((a < b) == (c < d))'],
    ['a + b < c * d', '((a + b) < (c * d))'],
    ['-1', '-1:number'],
    ['- 1', '-1:number'],
    ['--1', '(- -1:number)'],
    ['1 - -1', '(1:number - -1:number)'],
    ['.5', '0.5:number'],
    ['5.', '5:number'],
    ['1e-4', '0.0001:number'],
    ['2E+3', '2000:number'],
    ['true', 'true:boolean'],
    ['50%', '0.5:percent'],
    ['-50%', '-0.5:percent'],
    ['12.5%', '0.125:percent'],
    ['linear(1, 0, steps=50%)', 'linear(1:number, 0:number, steps=0.5:percent)'],
    ['50% + 1', '(0.5:percent + 1:number)'],
    ['50% - 1', '(0.5:percent - 1:number)'],
    ['50% % 3', '(0.5:percent % 3:number)'],
    ['50 % 3', '(50:number % 3:number)'],
    ['50%3', '(50:number % 3:number)'],
    ['50%n', '(50:number % n)'],
    ['50%(n)', '(50:number % n)'],
    ['step % 5 == 0', '((step % 5:number) == 0:number)'],
    ['50 % -3', '(50:number % -3:number)'],
    ['[50%, 2]', '[0.5:percent, 2:number]'],
    ['f()', 'f()'],
    ['f(a, b=c + 1)', 'f(a, b=(c + 1:number))'],
    ['critic.Lx * 2', '(critic.Lx * 2:number)'],
    ['D(x).features', '{D(x) . features}'],
    ['-D(x).q ** 2', '(- ({D(x) . q} ** 2:number))'],
    ['D(G(z).h0, y=a.b) . q * 2', '({D({G(z) . h0}, y=a.b) . q} * 2:number)'],
    ['[a, [1], []]', '[a, [1:number], []]'],
    [`loss == "l1"`, '(loss == <l1>)'],
    [`loss == 'say "no"'`, '(loss == <say "no">)'],
    ['\n a\n\t+ b\r\n', '(a + b)'],
  ])('%s', (text, expected) => {
    expect(structure(parse(text))).toBe(expected);
  });
});

describe('parseExpression places', () => {
  it('every node on exactly the text it was made of', () => {
    const text = 'x + clip((a + b) * -c, steps=50%, l=[critic.Lx, "s"]) ** D(x) .h0';
    const found: string[] = [];
    const visit = (at: Expression): void => {
      found.push(text.slice(at.span.start, at.span.end));
      if (at.kind === 'unary') visit(at.operand);
      if (at.kind === 'binary') [at.left, at.right].forEach(visit);
      if (at.kind === 'field') visit(at.of);
      if (at.kind === 'list') at.items.forEach(visit);
      if (at.kind === 'call') {
        found.push(text.slice(at.calleeSpan.start, at.calleeSpan.end));
        at.arguments.forEach(visit);
        for (const { nameSpan, value } of at.named) {
          found.push(text.slice(nameSpan.start, nameSpan.end));
          visit(value);
        }
      }
    };
    visit(parse(text));
    expect(found).toEqual([
      text,
      'x',
      'clip((a + b) * -c, steps=50%, l=[critic.Lx, "s"]) ** D(x) .h0',
      'clip((a + b) * -c, steps=50%, l=[critic.Lx, "s"])',
      'clip',
      '(a + b) * -c',
      'a + b',
      'a',
      'b',
      '-c',
      'c',
      'steps',
      '50%',
      'l',
      '[critic.Lx, "s"]',
      'critic.Lx',
      '"s"',
      'D(x) .h0',
      'D(x)',
      'D',
      'x',
    ]);
  });

  it('every mistake at its columns', () => {
    const place = (text: string): string => {
      const { diagnostic } = parseExpression(verbatimText({ name: 'test', text }, 0, text.length));
      if (diagnostic?.span === undefined) throw new Error(`no mistake in ${text}`);
      const { start, end } = diagnostic.span;
      return `${text.slice(0, start)}»${text.slice(start, end)}«${text.slice(end)}`;
    };
    expect(
      [
        'a + (b * c',
        'a + b)',
        'f(a, [b)',
        'a +',
        'a + * b',
        '* a',
        'a < b < c',
        'a == b != c',
        'a b',
        '3 x',
        '3x',
        '1.2.3',
        '1e',
        '1_000',
        '1e999',
        'x^2',
        'a ** λ',
        'a × b',
        '"open',
        'f(x=1, 2)',
        'f(x=1, x=2)',
        'f(a,)',
        'f(,a)',
        'f(a,,b)',
        '[a, b',
        'a.b.c',
        'a.b(c)',
        'a.1',
        'a.',
        'D(x).1',
        'D(x).',
        'D(x).a.b',
        'D(x).a(b)',
        'D(x).a[0]',
        '(D(x)).a',
        'x[0]',
        'a = b',
        'a, b',
        '()',
        'a ! b',
        'not a',
        'a and b',
        'a ? b : c',
        '+a',
        'f(a) (b)',
        '2(a)',
        '(a)(b)',
        '50 %',
        'a {b}',
        '\u200b',
        'a // b',
        'f(x',
        'f(',
        '(a]',
      ].map(place),
    ).toMatchInlineSnapshot(`
      [
        "a + »(«b * c",
        "a + b»)«",
        "f(a, [b»)«",
        "a »+«",
        "a »+ *« b",
        "»*« a",
        "a < b »<« c",
        "a == b »!=« c",
        "a »b«",
        "3 »x«",
        "»3x«",
        "»1.2.3«",
        "»1e«",
        "»1_000«",
        "»1e999«",
        "x»^«2",
        "a ** »λ«",
        "a »×« b",
        "»"«open",
        "f(x=1, »2«)",
        "f(x=1, »x«=2)",
        "f(a»,«)",
        "f(»,«a)",
        "f(a,»,«b)",
        "»[«a, b",
        "a.b».«c",
        "a.b»(«c)",
        "a».1«",
        "a».«",
        "D(x)».1«",
        "D(x)».«",
        "D(x).a».«b",
        "D(x).a»(«b)",
        "D(x).a»[«0]",
        "(D(x))».«a",
        "x»[«0]",
        "a »=« b",
        "a»,« b",
        "»()«",
        "a »!« b",
        "»not« a",
        "a »and« b",
        "a »?« b : c",
        "»+«a",
        "f(a) »(«b)",
        "2»(«a)",
        "(a)»(«b)",
        "»50 %«",
        "a »{«b}",
        "»​«",
        "a »//« b",
        "f»(«x",
        "f»(«",
        "(a»]«",
      ]
    `);
  });
});

describe('printExpression', () => {
  const name = fc.constantFrom('a', 'Lx', 'lambda_k', '_', 'D2', 'truth');
  const nowhere = { file: { name: '', text: '' }, start: 0, end: 0 };
  const span = fc.constant(nowhere);
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -1000, max: 1000 }),
    fc.constantFrom(0, -0, 1e-8, 2e-6, 0.1, 1e21, 5e-324),
  );
  const isNegative = (number: number): boolean => number < 0 || Object.is(number, -0);
  const { expression } = fc.letrec<{ expression: Expression; call: Expression }>((tie) => ({
    call: fc.record({
      kind: fc.constant('call' as const),
      callee: name,
      calleeSpan: span,
      arguments: fc.array(tie('expression'), { maxLength: 3 }),
      named: fc.uniqueArray(
        fc.record({
          name: fc.constantFrom('per', 'steps', 'axis'),
          nameSpan: span,
          value: tie('expression'),
        }),
        { selector: (argument) => argument.name, maxLength: 2 },
      ),
      span,
    }),
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({ kind: fc.constant('number' as const), value, span }),
      fc.record({ kind: fc.constant('percent' as const), value: value.map((number) => number / 100), span }),
      fc.record({
        kind: fc.constant('string' as const),
        value: fc.stringMatching(/^[^'"\n]*$/).map((text) => (text.length % 2 === 0 ? `${text}"` : text)),
        span,
      }),
      fc.record({ kind: fc.constant('boolean' as const), value: fc.boolean(), span }),
      fc.record({ kind: fc.constant('name' as const), name, span }),
      fc.record({ kind: fc.constant('member' as const), object: name, name, span }),
      fc
        .record({
          kind: fc.constant('unary' as const),
          operator: fc.constantFrom('-' as const, '!' as const),
          operand: tie('expression'),
          span,
        })
        // The parser reads a minus and a literal as one number, so it never builds this.
        .filter(
          ({ operator, operand }) =>
            operator === '!' ||
            (operand.kind !== 'number' && operand.kind !== 'percent') ||
            isNegative(operand.value),
        ),
      fc.record({
        kind: fc.constant('binary' as const),
        operator: fc.constantFrom(...(Object.keys(BINARY_OPERATORS) as (keyof typeof BINARY_OPERATORS)[])),
        left: tie('expression'),
        right: tie('expression'),
        span,
      }),
      tie('call'),
      fc.record({ kind: fc.constant('field' as const), of: tie('call'), name, span }),
      fc.record({
        kind: fc.constant('list' as const),
        items: fc.array(tie('expression'), { maxLength: 3 }),
        span,
      }),
    ),
  }));
  const withoutPlaces = (at: unknown): unknown =>
    JSON.parse(
      JSON.stringify(at, (key, part: unknown) =>
        /span$/i.test(key)
          ? undefined
          : Object.is(part, -0)
            ? 'minus zero'
            : typeof part === 'number'
              ? `#${part}`
              : part,
      ),
    );

  it('gives a text that parses to the same expression', () => {
    fc.assert(
      fc.property(expression, (original) => {
        const text = printExpression(original);
        expect(withoutPlaces(parse(text)), text).toEqual(withoutPlaces(original));
      }),
      { numRuns: 3000, seed: 1 },
    );
  });

  it('needs no pair of parentheses that could be left out', () => {
    fc.assert(
      fc.property(expression, (original) => {
        const text = printExpression(original);
        const expected = JSON.stringify(withoutPlaces(original));
        for (const [open, close] of pairs(text)) {
          const without = text.slice(0, open) + text.slice(open + 1, close) + text.slice(close + 1);
          const result = parseExpression(verbatimText({ name: 'test', text: without }, 0, without.length));
          const same =
            result.expression !== undefined && JSON.stringify(withoutPlaces(result.expression)) === expected;
          expect(same, `${text} could be ${without}`).toBe(false);
        }
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

  it.each([
    'a - (b - c)',
    '(a + b) * c',
    '(a**b)**c',
    'a**b**c',
    '-(a + b)',
    '!(a && b)',
    'f(x, y=2)',
    '(a < b) == c',
  ])('keeps %s as it is', (text) => {
    expect(printExpression(parse(text))).toBe(text);
  });

  /** Matching parentheses that are not those of a call, outside strings. */
  function pairs(text: string): [number, number][] {
    const open: number[] = [];
    const found: [number, number][] = [];
    let quote: string | undefined;
    for (const [at, letter] of text.split('').entries()) {
      if (quote !== undefined) {
        if (letter === quote) quote = undefined;
      } else if (letter === '"' || letter === "'") quote = letter;
      else if (letter === '(') open.push(at);
      else if (letter === ')') {
        const start = open.pop()!;
        if (!/[A-Za-z0-9_]/.test(text[start - 1] ?? ' ')) found.push([start, at]);
      }
    }
    return found;
  }
});

describe('a hostile expression', () => {
  it.each([
    ['brackets', '('.repeat(100_000)],
    ['minus signs', '-'.repeat(100_000) + 'x'],
    ['a long sum', Array(50_000).fill('x').join(' + ')],
    ['a tower of powers', Array(50_000).fill('x').join('**')],
    ['nested calls', 'f('.repeat(50_000)],
  ])('of %s is refused, not a stack overflow', (_name, text) => {
    const { diagnostic } = parseExpression(verbatimText({ name: 'test', text }, 0, text.length));
    expect(diagnostic?.message).toBe(
      `The expression is nested more than ${MAXIMUM_EXPRESSION_DEPTH} levels deep`,
    );
  });

  it('of random characters gives an expression or a diagnostic whose place lies in the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...'ab1.()[],+-*/%<>=!&|\'" \n^'), fc.string({ unit: 'binary' }))),
        (letters) => {
          const text = letters.join('');
          const { expression: parsed, diagnostic } = parseExpression(
            verbatimText({ name: 'test', text }, 0, text.length),
          );
          const at = parsed?.span ?? diagnostic?.span;
          expect(at!.start).toBeGreaterThanOrEqual(0);
          expect(at!.end).toBeGreaterThanOrEqual(at!.start);
          expect(at!.end).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: 5000, seed: 3 },
    );
  });
});
