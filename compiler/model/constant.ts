/** Terms as numbers: what is known at compile time, and what the host knows before a phase runs. */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import { evaluateHost } from '../host-expression.js';
import type { HostExpression } from '../program.js';
import { functionRule } from './functions.js';
import { boundHost, hostSize, LIMITS } from './limits.js';
import { refusal } from './refusal.js';
import { formatShape } from './symbolic-shape.js';
import { reachableTerms, type Term } from './term.js';

/**
 * The term as arithmetic of the host, or undefined where it depends on state, data, noise or a network, or is larger than
 * the host would evaluate before every phase (boundHost refuses that).
 */
export function toHost(term: Term): HostExpression | undefined {
  return hostSize(term) <= LIMITS.hostParts ? host(term) : undefined;
}

function host(term: Term): HostExpression | undefined {
  switch (term.kind) {
    case 'number':
      return { kind: 'number', value: term.value };
    case 'boolean':
      return { kind: 'number', value: term.value ? 1 : 0 };
    case 'hyper':
      return { kind: 'hyper', name: term.name };
    case 'step':
      return { kind: 'step' };
    case 'steps':
      return { kind: 'steps' };
    case 'schedule':
      return host(term.body);
    case 'apply': {
      const rule = functionRule(term.function);
      const arguments_ = term.arguments.map(host);
      if (rule.host === undefined || arguments_.includes(undefined)) return undefined;
      return rule.host(arguments_ as readonly HostExpression[]);
    }
    case 'word':
    case 'state':
    case 'register':
    case 'data':
    case 'noise':
    case 'labels':
    case 'local':
    case 'field':
    case 'network':
    case 'gradient':
      return undefined;
    default:
      throw new Error(`internal: unknown term ${String(term satisfies never)}`);
  }
}

export function requireScalar(term: Term, what: string): Term {
  if (term.shape.length === 0 && term.kind !== 'word') return term;
  throw refusal({
    code: 'expression/not-scalar',
    message:
      term.kind === 'word'
        ? `${what} must be a single number, and this is the word \`${term.value}\``
        : `${what} must be a single number, and this has shape ${formatShape(term.shape)}`,
    span: term.span,
    help:
      term.kind === 'word'
        ? 'Write a number, or an expression without quotes of its own.'
        : 'Reduce it with `mean(...)` or `sum(...)`.',
  });
}

/** A word chooses; it has no value that a graph could hold. */
export function refuseWord(term: Term): void {
  if (term.kind !== 'word') return;
  throw refusal({
    code: 'expression/arguments',
    message: `The word \`${term.value}\` cannot be calculated with`,
    span: term.span,
    note: 'Words can be compared with `==` and `!=`, nothing else.',
  });
}

/**
 * The term, where the host can compute it before a phase runs. Refused where it depends on what only updates know, and where
 * it calls a function that only graphs have.
 */
export function requireHost(term: Term, what: string, span: Span, help?: string): Term {
  if (toHost(boundHost(term)) !== undefined) return term;
  const call = reachableTerms([term]).find(
    (part) => part.kind === 'apply' && functionRule(part.function).host === undefined,
  );
  throw refusal({
    code: 'expression/not-constant',
    message: `${what} must be a function of \`step\` and hyper values`,
    span,
    related:
      call?.kind === 'apply'
        ? [{ message: `\`${call.function}\` is for tensors`, span: call.span }]
        : undefined,
    note: 'It is needed before the update runs, so it cannot depend on state, data or networks.',
    help,
  });
}

/** The number a term has at compile time (hyper values at what the spec says), or undefined. */
export function constantValue(term: Term): number | undefined {
  const changes = reachableTerms([term]).some((part) => part.kind === 'step' || part.kind === 'steps');
  const host = changes ? undefined : toHost(term);
  if (host === undefined) return undefined;
  const hyper = new Map<string, number>();
  for (const part of reachableTerms([term])) if (part.kind === 'hyper') hyper.set(part.name, part.value);
  return evaluateHost(host, {
    hyper: (name) => hyper.get(name) ?? NaN,
    step: NaN,
    steps: NaN,
    execution: NaN,
  });
}

/** As constantValue, but refused with a diagnostic where there is none. */
export function requireConstant(term: Term, what: string, span: Span, uses: readonly Span[] = []): number {
  const value = constantValue(boundHost(term));
  if (value !== undefined && !Number.isNaN(value)) return value;
  throw refusal({
    code: 'expression/not-constant',
    message: `${what} must be known when the spec is compiled`,
    span,
    uses,
    note: 'Shapes and layers are fixed at compile time; schedules, state and losses change while the program runs.',
    help: 'Use numbers, hyper values, parameters of the block and repeat indices.',
  });
}
