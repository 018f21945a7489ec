/** All functions and operators of expressions as one table. */
import type { BinaryOperator } from '../../spec/expression/expression.js';
import { CLASSIFICATION } from './functions/classification.js';
import { MATRICES } from './functions/matrices.js';
import { POINTWISE } from './functions/pointwise.js';
import { REDUCTIONS } from './functions/reductions.js';
import type { FunctionRule } from './functions/rule.js';

export const FUNCTIONS = {
  ...POINTWISE,
  ...REDUCTIONS,
  ...CLASSIFICATION,
  ...MATRICES,
} as const satisfies Readonly<Record<string, FunctionRule>>;

export type FunctionName = keyof typeof FUNCTIONS;

export const functionRule = (name: FunctionName): FunctionRule => FUNCTIONS[name];

export const OPERATORS: Readonly<Record<BinaryOperator, FunctionName>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
  '**': 'pow',
  '<': 'less',
  '<=': 'less_equal',
  '>': 'greater',
  '>=': 'greater_equal',
  '==': 'equal',
  '!=': 'not_equal',
  '&&': 'and',
  '||': 'or',
};

/** Functions that have another way to be written: operators, max(x) with one argument, lists; cos is for schedules. */
const UNNAMED = new Set<string>([
  ...Object.values(OPERATORS),
  'neg',
  'not',
  'cos',
  'max_of',
  'min_of',
  'join',
]);
export const NAMED_FUNCTIONS: readonly FunctionName[] = (Object.keys(FUNCTIONS) as FunctionName[]).filter(
  (name) => !UNNAMED.has(name),
);
