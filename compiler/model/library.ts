/** The library as the model sees it: entries parsed when they are first used, parameters bound to what a `use` gives. */
import type { Diagnostic, SourceFile, Span } from '../../spec/diagnostics/diagnostic.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { enumerate } from '../../spec/diagnostics/quote.js';
import type { Expression } from '../../spec/expression/expression.js';
import { parseLibraryEntry } from '../../spec/parse.js';
import type {
  LayerOption,
  LibraryBlock,
  LibraryEntry,
  LibraryObjective,
  LibraryParameter,
  LibrarySource,
} from '../../spec/spec.js';
import { didYouMean, refusal } from './refusal.js';
import { lookup, resolveAlias, type Binding, type Scope } from './scope.js';

export class LibraryIndex {
  readonly #source: LibrarySource;
  readonly #entries = new Map<string, LibraryEntry>();

  constructor(source: LibrarySource) {
    this.#source = source;
  }

  block(name: string, span: Span, uses: readonly Span[] = []): LibraryBlock {
    const entry = this.#entry(name, span, uses, 'block');
    if (entry.kind === 'block') return entry;
    throw refusal({
      code: 'model/unknown-library',
      message: `\`${name}\` is an objective of the library, not a block of layers`,
      span,
      uses,
      help: `Write it under \`objective\`: \`{ use: ${name} }\`.`,
    });
  }

  objective(name: string, span: Span): LibraryObjective {
    const entry = this.#entry(name, span, [], 'objective');
    if (entry.kind === 'objective') return entry;
    throw refusal({
      code: 'model/unknown-library',
      message: `\`${name}\` is a block of layers of the library, not an objective`,
      span,
      help: `Write it under \`networks\`: \`{ use: ${name} }\`.`,
    });
  }

  /** The scope inside a block: its parameters and nothing else. */
  parameterScope(
    block: LibraryBlock,
    given: ReadonlyMap<string, LayerOption>,
    caller: Scope,
    span: Span,
  ): Scope {
    const scope: { parent: undefined; bindings: Map<string, Binding> } = {
      parent: undefined,
      bindings: new Map(),
    };
    for (const [name, binding] of bindParameters(
      block,
      given,
      () => caller,
      () => scope,
      span,
    )) {
      scope.bindings.set(name, binding);
    }
    return scope;
  }

  #entry(name: string, span: Span, uses: readonly Span[], wanted: LibraryEntry['kind']): LibraryEntry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const file = this.#source.read(name);
    if (file === undefined) {
      const names = this.#source.names();
      throw refusal({
        code: 'model/unknown-library',
        message: `The library has no ${wanted} \`${name}\``,
        span,
        uses,
        help: helpWithName(name, names),
      });
    }
    const { entry, diagnostics } = parsed(file);
    const errors: readonly Diagnostic[] = diagnostics.filter((found) => found.severity === 'error');
    if (entry === undefined || errors.length > 0) throw new DiagnosticError(errors);
    this.#entries.set(name, entry);
    return entry;
  }
}

/** Entries are values: a source that gives the same file again, to the next of a hundred specs, has it parsed once. */
const PARSED = new WeakMap<SourceFile, ReturnType<typeof parseLibraryEntry>>();

function parsed(file: SourceFile): ReturnType<typeof parseLibraryEntry> {
  const known = PARSED.get(file) ?? parseLibraryEntry(file);
  PARSED.set(file, known);
  return known;
}

/** `decoder` stands for the blocks of that name: `began/decoder`. */
function helpWithName(written: string, names: readonly string[]): string {
  const below = names.filter((name) => name.endsWith(`/${written}`));
  if (below.length > 0) return `Did you mean ${enumerate(below, 'or')}?`;
  return didYouMean(written, names) ?? `It has ${enumerate([...names].sort())}.`;
}

/**
 * Bindings of an entry's parameters. What is given is read in the scope of the `use`; defaults in the entry's own.
 * Refuses unknown, missing and ill-typed parameters.
 */
export function bindParameters(
  entry: LibraryEntry,
  given: ReadonlyMap<string, LayerOption>,
  caller: () => Scope,
  defaults: (parameter: string) => Scope,
  span: Span,
): readonly (readonly [string, Binding])[] {
  for (const [name, option] of given) {
    if (entry.parameters.has(name)) continue;
    throw refusal({
      code: 'model/unknown-parameter',
      message: `\`${entry.name.value}\` has no parameter \`${name}\``,
      span: option.keySpan,
      help:
        didYouMean(name, entry.parameters.keys()) ??
        `It has ${enumerate([...entry.parameters.keys()].sort())}.`,
    });
  }
  const missing = [...entry.parameters.values()].filter(
    (p) => p.default === undefined && !given.has(p.name.value),
  );
  if (missing.length > 0) {
    throw refusal({
      code: 'model/missing-parameter',
      message: `\`${entry.name.value}\` needs ${enumerate(missing.map((p) => p.name.value))}`,
      span,
      help: missing.map((p) => `\`${p.name.value}\`: ${p.description}`).join('\n'),
    });
  }
  return [...entry.parameters.values()].map((parameter) => {
    const option = given.get(parameter.name.value);
    const written = option === undefined ? parameter.default! : givenExpression(parameter, option);
    const scope = option === undefined ? () => defaults(parameter.name.value) : caller;
    return [parameter.name.value, bind(parameter, written, scope)];
  });
}

function givenExpression(parameter: LibraryParameter, option: LayerOption): Expression {
  if (!Array.isArray(option.value) && !(option.value instanceof Map)) return option.value as Expression;
  throw refusal({
    code: 'schema/type',
    message: `\`${parameter.name.value}\` takes one value`,
    span: option.span,
    note: parameter.description,
  });
}

function bind(parameter: LibraryParameter, written: Expression, scope: () => Scope): Binding {
  if (parameter.kind === 'expression') return { kind: 'alias', expression: written, scope };
  const { expression, scope: at } = resolveAlias(written, scope());
  const name =
    expression.kind === 'name'
      ? expression.name
      : expression.kind === 'string'
        ? expression.value
        : undefined;
  const bound = expression.kind === 'name' ? lookup(at, expression.name) : undefined;
  const word = bound?.kind === 'word' ? bound.get() : name;
  if (word !== undefined && parameter.words.includes(word)) {
    const chosen = word;
    return { kind: 'word', get: () => chosen };
  }
  throw refusal({
    code: 'schema/value',
    message:
      word === undefined
        ? `\`${parameter.name.value}\` must be ${enumerate(parameter.words, 'or')}`
        : `\`${parameter.name.value}\` cannot be \`${word}\``,
    span: expression.span,
    note: parameter.description,
    help: (word && didYouMean(word, parameter.words)) ?? `Write ${enumerate(parameter.words, 'or')}.`,
  });
}
