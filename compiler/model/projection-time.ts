/** `when` of a projection: `after` or `before`, written there or handed down by a parameter or a hyper value. */
import type { Expression } from '../../spec/expression/expression.js';
import { didYouMean, refusal } from './refusal.js';
import { lookup, resolveAlias, type Scope } from './scope.js';

const TIMES = ['after', 'before'] as const;

/** Throws DiagnosticError schema/value for any other word. */
export function projectionTime(written: Expression, writtenScope: Scope): (typeof TIMES)[number] {
  const { expression, scope } = resolveAlias(written, writtenScope);
  const name = expression.kind === 'name' ? expression.name : undefined;
  const binding = name === undefined ? undefined : lookup(scope, name);
  const word = binding?.kind === 'word' ? binding.get() : name;
  const time = TIMES.find((known) => known === word);
  if (time !== undefined) return time;
  throw refusal({
    code: 'schema/value',
    message:
      word === undefined
        ? '`when` must be `after` or `before`'
        : `\`when\` must be \`after\` or \`before\`, but this is \`${word}\``,
    span: expression.span,
    note: '`after` the step of the optimizer, or `before` the gradients are taken.',
    help: word === undefined ? undefined : didYouMean(word, TIMES),
  });
}
