/** Evaluates the numbers a program takes from the host: schedules, bias corrections, repeats. In float64. */
import type { HostExpression, HostFunction } from '../../compiler/program.js';

/** What a host expression may depend on: nothing that was read back from a graph. */
export interface HostScope {
  readonly hyper: ReadonlyMap<string, number>;
  /** Training steps finished so far. */
  readonly step: number;
  /** Training steps of the whole run. */
  readonly steps: number;
  /** Executions of the phase finished so far. */
  readonly execution: number;
}

type Rule =
  | { readonly arity: 1; readonly apply: (a: number) => number }
  | { readonly arity: 2; readonly apply: (a: number, b: number) => number }
  | { readonly arity: 3; readonly apply: (a: number, b: number, c: number) => number };

const truth = (condition: boolean) => (condition ? 1 : 0);

const RULES: Readonly<Record<HostFunction, Rule>> = {
  neg: { arity: 1, apply: (a) => -a },
  abs: { arity: 1, apply: Math.abs },
  exp: { arity: 1, apply: Math.exp },
  log: { arity: 1, apply: Math.log },
  log2: { arity: 1, apply: Math.log2 },
  sqrt: { arity: 1, apply: Math.sqrt },
  floor: { arity: 1, apply: Math.floor },
  cos: { arity: 1, apply: Math.cos },
  not: { arity: 1, apply: (a) => truth(a === 0) },
  add: { arity: 2, apply: (a, b) => a + b },
  sub: { arity: 2, apply: (a, b) => a - b },
  mul: { arity: 2, apply: (a, b) => a * b },
  div: { arity: 2, apply: (a, b) => a / b },
  // Of the divisor's sign, as a - b * floor(a / b) in a graph is.
  mod: { arity: 2, apply: (a, b) => a - b * Math.floor(a / b) },
  pow: { arity: 2, apply: (a, b) => a ** b },
  min: { arity: 2, apply: Math.min },
  max: { arity: 2, apply: Math.max },
  less: { arity: 2, apply: (a, b) => truth(a < b) },
  less_equal: { arity: 2, apply: (a, b) => truth(a <= b) },
  equal: { arity: 2, apply: (a, b) => truth(a === b) },
  and: { arity: 2, apply: (a, b) => truth(a !== 0 && b !== 0) },
  or: { arity: 2, apply: (a, b) => truth(a !== 0 || b !== 0) },
  where: { arity: 3, apply: (condition, a, b) => (condition !== 0 ? a : b) },
};

/** The expression's value; NaN and infinities pass through. Throws RangeError on a hyper value that is not there. */
export function evaluateHostExpression(expression: HostExpression, scope: HostScope): number {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'hyper': {
      const value = scope.hyper.get(expression.name);
      if (value === undefined) throw new RangeError(`the program has no hyper value '${expression.name}'`);
      return value;
    }
    case 'step':
      return scope.step;
    case 'steps':
      return scope.steps;
    case 'execution':
      return scope.execution;
    case 'apply': {
      const rule = RULES[expression.function];
      const values = expression.arguments.map((argument) => evaluateHostExpression(argument, scope));
      if (values.length !== rule.arity) {
        throw new RangeError(`${expression.function} takes ${rule.arity} arguments, not ${values.length}`);
      }
      const [a, b, c] = values as [number, number, number];
      switch (rule.arity) {
        case 1:
          return rule.apply(a);
        case 2:
          return rule.apply(a, b);
        case 3:
          return rule.apply(a, b, c);
        default:
          return rule satisfies never;
      }
    }
    default:
      return expression satisfies never;
  }
}
