/** Puts expressions in the place of names, and decides what then depends on words and truth values only. */
import type { Expression } from './expression.js';

/** Every name that is read, called, or asked for a member: not those of members, fields and named arguments. */
export function namesIn(expression: Expression): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (part: Expression): void => {
    if (part.kind === 'name') names.add(part.name);
    if (part.kind === 'member') names.add(part.object);
    if (part.kind === 'call') names.add(part.callee);
    childrenOf(part).forEach(visit);
  };
  visit(expression);
  return names;
}

/** Members that are read, as `critic.Lx`. */
export function membersIn(
  expression: Expression,
): readonly { readonly object: string; readonly name: string }[] {
  const own = expression.kind === 'member' ? [expression] : [];
  return [...own, ...childrenOf(expression).flatMap(membersIn)];
}

/** What is called or has members can be replaced by a name only. */
export function substitute(expression: Expression, values: ReadonlyMap<string, Expression>): Expression {
  const inner = (part: Expression): Expression => substitute(part, values);
  const rename = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) return name;
    if (value.kind === 'name') return value.name;
    throw new TypeError(`internal: ${name} stands for something that cannot be called`);
  };
  switch (expression.kind) {
    case 'name':
      return values.get(expression.name) ?? expression;
    case 'member':
      return { ...expression, object: rename(expression.object) };
    case 'call':
      return {
        ...expression,
        callee: rename(expression.callee),
        arguments: expression.arguments.map(inner),
        named: expression.named.map((argument) => ({ ...argument, value: inner(argument.value) })),
      };
    default:
      return mapChildren(expression, inner);
  }
}

/**
 * `"two" == "one"` is false, `where(true, a, b)` is a: what the compiler decides without looking at the other branch.
 * Arithmetic stays as it is written.
 */
export function decide(expression: Expression): Expression {
  const decided = mapChildren(expression, decide);
  const { span } = expression;
  const truth = (value: boolean): Expression => ({ kind: 'boolean', value, span });
  switch (decided.kind) {
    case 'unary':
      return decided.operator === '!' && decided.operand.kind === 'boolean'
        ? truth(!decided.operand.value)
        : decided;
    case 'binary': {
      const { operator, left, right } = decided;
      const words = left.kind === 'string' && right.kind === 'string';
      if (words && operator === '==') return truth(left.value === right.value);
      if (words && operator === '!=') return truth(left.value !== right.value);
      const truths = left.kind === 'boolean' && right.kind === 'boolean';
      if (truths && operator === '&&') return truth(left.value && right.value);
      if (truths && operator === '||') return truth(left.value || right.value);
      return decided;
    }
    case 'call': {
      const [condition, a, b] = decided.arguments;
      if (decided.callee !== 'where' || condition?.kind !== 'boolean') return decided;
      return (condition.value ? a : b) ?? decided;
    }
    default:
      return decided;
  }
}

function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'field':
      return [expression.of];
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'call':
      return [...expression.arguments, ...expression.named.map(({ value }) => value)];
    case 'list':
      return expression.items;
    default:
      return [];
  }
}

function mapChildren(expression: Expression, map: (part: Expression) => Expression): Expression {
  switch (expression.kind) {
    case 'field':
      return { ...expression, of: map(expression.of) };
    case 'unary':
      return { ...expression, operand: map(expression.operand) };
    case 'binary':
      return { ...expression, left: map(expression.left), right: map(expression.right) };
    case 'call':
      return {
        ...expression,
        arguments: expression.arguments.map(map),
        named: expression.named.map((argument) => ({ ...argument, value: map(argument.value) })),
      };
    case 'list':
      return { ...expression, items: expression.items.map(map) };
    case 'number':
    case 'percent':
    case 'string':
    case 'boolean':
    case 'name':
    case 'member':
      return expression;
    default:
      throw new TypeError(`internal: no such expression ${String(expression satisfies never)}`);
  }
}
