/** How tightly operators bind; shared by the parser and the printer so that they cannot disagree. */
import type { BinaryOperator, UnaryOperator } from './expression.js';

export interface OperatorRule {
  readonly power: number;
  /** `none`: `a < b < c` is refused. */
  readonly associates: 'left' | 'right' | 'none';
}

export const BINARY_OPERATORS: Readonly<Record<BinaryOperator, OperatorRule>> = {
  '||': { power: 1, associates: 'left' },
  '&&': { power: 2, associates: 'left' },
  '==': { power: 3, associates: 'none' },
  '!=': { power: 3, associates: 'none' },
  '<': { power: 3, associates: 'none' },
  '<=': { power: 3, associates: 'none' },
  '>': { power: 3, associates: 'none' },
  '>=': { power: 3, associates: 'none' },
  '+': { power: 4, associates: 'left' },
  '-': { power: 4, associates: 'left' },
  '*': { power: 5, associates: 'left' },
  '/': { power: 5, associates: 'left' },
  '%': { power: 5, associates: 'left' },
  // Above the unary operators: -x**2 is -(x**2).
  '**': { power: 7, associates: 'right' },
};

export const UNARY_POWER = 6;
export const UNARY_OPERATORS: Readonly<Record<UnaryOperator, true>> = { '-': true, '!': true };

export function isBinaryOperator(text: string): text is BinaryOperator {
  return Object.hasOwn(BINARY_OPERATORS, text);
}

/** Names of values, functions and networks. */
export const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
