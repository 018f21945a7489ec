/** How weights start: the calls that `init:` takes. */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import { enumerate } from '../../spec/diagnostics/quote.js';
import type { Expression } from '../../spec/expression/expression.js';
import type { Initialiser } from '../program.js';
import { requireConstant } from './constant.js';
import type { Elaborator } from './elaborate.js';
import { didYouMean, refusal } from './refusal.js';
import { resolveAlias, type Scope } from './scope.js';

interface InitialiserRule {
  readonly parameters: readonly string[];
  make(values: readonly number[], fanIn: number): Initialiser;
}

export const INITIALISERS: Readonly<Record<string, InitialiserRule>> = {
  zeros: { parameters: [], make: () => ({ kind: 'constant', value: 0 }) },
  normal: { parameters: ['deviation'], make: ([sd]) => ({ kind: 'normal', mean: 0, deviation: sd! }) },
  truncated_normal: {
    parameters: ['deviation'],
    make: ([sd]) => ({ kind: 'truncated_normal', deviation: sd! }),
  },
  uniform: { parameters: ['bound'], make: ([bound]) => ({ kind: 'uniform', low: -bound!, high: bound! }) },
  /** Uniform with variance gain^2 / fan-in. */
  fan_in: {
    parameters: ['gain'],
    make: ([gain], fanIn) => {
      const bound = gain! * Math.sqrt(3 / fanIn);
      return { kind: 'uniform', low: -bound, high: bound };
    },
  },
};

export function resolveInitialiser(
  written: Expression,
  writtenScope: Scope,
  fanIn: number,
  elaborator: Elaborator,
  uses: readonly Span[],
): Initialiser {
  const { expression, scope } = resolveAlias(written, writtenScope);
  const names = Object.keys(INITIALISERS);
  const forms = Object.entries(INITIALISERS).map(([name, rule]) => `${name}(${rule.parameters.join(', ')})`);
  if (expression.kind !== 'call' || !Object.hasOwn(INITIALISERS, expression.callee)) {
    throw refusal({
      code: 'expression/unknown-function',
      message:
        expression.kind === 'call'
          ? `There is no initialiser \`${expression.callee}\``
          : '`init` must be a call such as `normal(0.02)`',
      span: expression.kind === 'call' ? expression.calleeSpan : expression.span,
      uses,
      help:
        (expression.kind === 'call' ? didYouMean(expression.callee, names) : undefined) ??
        `Use ${enumerate(forms, 'or')}.`,
    });
  }
  const rule = INITIALISERS[expression.callee]!;
  if (expression.arguments.length !== rule.parameters.length || expression.named.length > 0) {
    throw refusal({
      code: 'expression/arguments',
      message: `\`${expression.callee}\` takes ${rule.parameters.length === 0 ? 'no arguments' : `one argument, the ${rule.parameters[0]}`}`,
      span: expression.span,
      uses,
      help: `Write \`${expression.callee}(${rule.parameters.join(', ')})\`.`,
    });
  }
  const values = expression.arguments.map((argument) =>
    requireConstant(elaborator.elaborate(argument, scope), `The ${rule.parameters[0]}`, argument.span, uses),
  );
  return rule.make(values, fanIn);
}
