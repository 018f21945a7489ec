/** What a HostExpression is worth: float64 arithmetic on what the host knows before a phase runs. */
import type { HostExpression, HostFunction } from './program.js';

export interface HostValues {
  hyper(name: string): number;
  readonly step: number;
  readonly steps: number;
  readonly execution: number;
}

const truth = (holds: boolean): number => (holds ? 1 : 0);

export const HOST_FUNCTIONS: Readonly<Record<HostFunction, (a: number, b: number, c: number) => number>> = {
  neg: (a) => -a,
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  log2: Math.log2,
  sqrt: Math.sqrt,
  floor: Math.floor,
  cos: Math.cos,
  not: (a) => truth(a === 0),
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  mod: (a, b) => a - b * Math.floor(a / b),
  pow: (a, b) => a ** b,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  less: (a, b) => truth(a < b),
  less_equal: (a, b) => truth(a <= b),
  equal: (a, b) => truth(a === b),
  and: (a, b) => truth(a !== 0 && b !== 0),
  or: (a, b) => truth(a !== 0 || b !== 0),
  where: (condition, a, b) => (condition !== 0 ? a : b),
};

export function evaluateHost(expression: HostExpression, values: HostValues): number {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'hyper':
      return values.hyper(expression.name);
    case 'step':
      return values.step;
    case 'steps':
      return values.steps;
    case 'execution':
      return values.execution;
    case 'apply': {
      const [a = NaN, b = NaN, c = NaN] = expression.arguments.map((argument) =>
        evaluateHost(argument, values),
      );
      return HOST_FUNCTIONS[expression.function](a, b, c);
    }
    default:
      throw new Error(`internal: unknown host expression ${String(expression satisfies never)}`);
  }
}
