/** Which sizes would have made a repeat count whole: tried out, so that it works for any formula. */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import type { Expression } from '../../spec/expression/expression.js';
import { constantValue } from './constant.js';
import type { Elaborator } from './elaborate.js';
import { childScope, resolveAlias, type Scope } from './scope.js';
import { SCALAR } from './symbolic-shape.js';
import type { Term } from './term.js';

export interface ReachableSizes {
  /** The one name in the formula, and what it was given. */
  readonly name: string;
  readonly value: number;
  readonly span: Span;
  /** The nearest values below and above that work. */
  readonly near: readonly number[];
}

const LARGEST_SIZE = 4096;

/** Undefined where the count does not hang on exactly one name with a whole-number value. */
export function reachableSizes(
  count: Expression,
  scope: Scope,
  elaborator: Elaborator,
): ReachableSizes | undefined {
  const names = new Map<string, Expression>();
  collectNames(count, names);
  if (names.size !== 1) return undefined;
  const [[name, place]] = [...names] as [[string, Expression]];
  const origin = resolveAlias(place, scope).expression;
  const value = constantValue(elaborator.elaborate(place, scope));
  if (value === undefined || !Number.isInteger(value) || value > LARGEST_SIZE) return undefined;
  const works = (size: number): boolean => {
    const term: Term = { kind: 'number', value: size, span: place.span, shape: SCALAR };
    const tried = constantValue(
      elaborator.elaborate(count, childScope(scope, [[name, { kind: 'term', get: () => term }]])),
    );
    return tried !== undefined && Number.isInteger(tried) && tried >= 0;
  };
  const near: number[] = [];
  for (let size = value - 1; size >= 1; size--) {
    if (works(size)) {
      near.push(size);
      break;
    }
  }
  for (let size = value + 1; size <= LARGEST_SIZE; size++) {
    if (works(size)) {
      near.push(size);
      break;
    }
  }
  return { name, value, span: origin.span, near };
}

function collectNames(expression: Expression, into: Map<string, Expression>): void {
  switch (expression.kind) {
    case 'number':
    case 'percent':
    case 'string':
    case 'boolean':
    case 'member':
      return;
    case 'name':
      into.set(expression.name, expression);
      return;
    case 'unary':
      collectNames(expression.operand, into);
      return;
    case 'binary':
      collectNames(expression.left, into);
      collectNames(expression.right, into);
      return;
    case 'call':
      for (const argument of expression.arguments) collectNames(argument, into);
      for (const argument of expression.named) collectNames(argument.value, into);
      return;
    case 'field':
      collectNames(expression.of, into);
      return;
    case 'list':
      for (const item of expression.items) collectNames(item, into);
      return;
    default:
      throw new Error(`internal: unknown expression ${String(expression satisfies never)}`);
  }
}
