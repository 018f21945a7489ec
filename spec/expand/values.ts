/** What the parameters of a library entry stand for where the entry is written out. */
import { quote } from '../diagnostics/quote.js';
import { DiagnosticError } from '../diagnostics/diagnostic.js';
import type { Expression } from '../expression/expression.js';
import { namesIn, substitute } from '../expression/substitute.js';
import type { LibraryEntry, LibraryParameter } from '../spec.js';

/** Expressions by the names that they take the place of. */
export type Values = ReadonlyMap<string, Expression>;

export const NO_VALUES: Values = new Map();

/**
 * What is given, and defaults for the rest. A parameter is read by name: `carry` stands for the expression itself, wherever the
 * entry reads it.
 * @param given already in the names of the spec
 * @param hyperWords names of the spec that are words
 */
export function valuesOf(
  entry: LibraryEntry,
  given: ReadonlyMap<string, Expression>,
  hyperWords: ReadonlySet<string>,
): Values {
  const values = new Map<string, Expression>();
  const valueOf = (parameter: LibraryParameter, open: ReadonlySet<string>): Expression => {
    const name = parameter.name.value;
    const known = values.get(name);
    if (known !== undefined) return known;
    const written = given.get(name);
    if (written !== undefined) return asWord(parameter, written, hyperWords);
    const fallback = asWord(parameter, parameter.default!, NO_WORDS);
    // A default reads other parameters of the entry; its own name is the spec's.
    const others = [...entry.parameters.values()].filter(
      (other) =>
        other !== parameter && !open.has(other.name.value) && namesIn(fallback).has(other.name.value),
    );
    const inner = new Set([...open, name]);
    return substitute(
      fallback,
      new Map(others.map((other) => [other.name.value, valueOf(other, inner)] as const)),
    );
  };
  for (const parameter of entry.parameters.values()) {
    values.set(parameter.name.value, valueOf(parameter, new Set()));
  }
  return values;
}

const NO_WORDS: ReadonlySet<string> = new Set();

/** `nearest`, given to a parameter of words, is a word; a hyper value that holds one is still a name. */
function asWord(parameter: LibraryParameter, value: Expression, hyperWords: ReadonlySet<string>): Expression {
  if (parameter.kind !== 'word' || value.kind !== 'name' || hyperWords.has(value.name)) return value;
  return { kind: 'string', value: value.name, span: value.span };
}

/** Names of the spec that would mean something else where the entry is written out. Throws DiagnosticError run/option. */
export function refuseCapture(
  entry: LibraryEntry,
  own: Iterable<string>,
  values: Iterable<Expression>,
): void {
  const outside = new Set([...values].flatMap((value) => [...namesIn(value)]));
  const taken = [...own].find((name) => outside.has(name));
  if (taken === undefined) return;
  throw new DiagnosticError({
    code: 'run/option',
    severity: 'error',
    message: `${quote(entry.name.value)} cannot be written out: its ${quote(taken)} would hide that of the spec`,
    help: `Rename ${quote(taken)} in the spec first.`,
  });
}

/** A name like `name` that none of the values mentions. */
export function unused(name: string, values: Values): string {
  const mentioned = new Set([...values.values()].flatMap((value) => [...namesIn(value)]));
  let free = name;
  for (let i = 2; mentioned.has(free); i++) free = `${name}${i}`;
  return free;
}
