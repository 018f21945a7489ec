/** The numbers a program takes from the host while it trains: schedules, bias corrections, repeats. */
import { evaluateHost } from '../../compiler/host-expression.js';
import type { HostExpression } from '../../compiler/program.js';

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

/** In float64; NaN and infinities pass through. Throws RangeError on a hyper value that is not there. */
export function evaluateHostExpression(expression: HostExpression, scope: HostScope): number {
  const hyper = (name: string): number => {
    const value = scope.hyper.get(name);
    if (value === undefined) throw new RangeError(`the program has no hyper value '${name}'`);
    return value;
  };
  return evaluateHost(expression, { ...scope, hyper });
}
