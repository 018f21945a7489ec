/** Expression -> text with as few parentheses as the grammar allows; parsing the text gives the expression again. */
import type { Expression } from './expression.js';
import { BINARY_OPERATORS, UNARY_POWER } from './operators.js';

const ATOM = 100;

export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return printNumber(expression.value);
    case 'percent':
      return `${printNumber(percentage(expression.value))}%`;
    case 'string':
      return expression.value.includes('"') ? `'${expression.value}'` : `"${expression.value}"`;
    case 'boolean':
      return String(expression.value);
    case 'name':
      return expression.name;
    case 'member':
      return `${expression.object}.${expression.name}`;
    case 'field':
      return `${printExpression(expression.of)}.${expression.name}`;
    case 'unary':
      return expression.operator + inParentheses(expression.operand, UNARY_POWER);
    case 'binary': {
      const { power, associates } = BINARY_OPERATORS[expression.operator];
      const left = inParentheses(expression.left, associates === 'left' ? power : power + 1);
      const right = inParentheses(
        expression.right,
        associates === 'right' ? Math.min(power, UNARY_POWER) : power + 1,
      );
      return expression.operator === '**' ? `${left}**${right}` : `${left} ${expression.operator} ${right}`;
    }
    case 'call': {
      const positional = expression.arguments.map(printExpression);
      const named = expression.named.map(({ name, value }) => `${name}=${printExpression(value)}`);
      return `${expression.callee}(${[...positional, ...named].join(', ')})`;
    }
    case 'list':
      return `[${expression.items.map(printExpression).join(', ')}]`;
    default:
      throw new TypeError(`internal: no such expression ${String(expression satisfies never)}`);
  }
}

function inParentheses(expression: Expression, minimumPower: number): string {
  const text = printExpression(expression);
  return powerOf(expression) < minimumPower ? `(${text})` : text;
}

function powerOf(expression: Expression): number {
  switch (expression.kind) {
    case 'number':
    case 'percent':
      // A minus sign binds less tightly than `**`.
      return expression.value < 0 || Object.is(expression.value, -0) ? UNARY_POWER : ATOM;
    case 'unary':
      return UNARY_POWER;
    case 'binary':
      return BINARY_OPERATORS[expression.operator].power;
    default:
      return ATOM;
  }
}

function printNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The number that divided by 100 gives `share` again: 100 * share is often off by the last digit. */
function percentage(share: number): number {
  for (let digits = 1; digits <= 17; digits++) {
    const candidate = Number((share * 100).toPrecision(digits));
    if (Object.is(candidate / 100, share)) return candidate;
  }
  return share * 100;
}
