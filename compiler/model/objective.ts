/**
 * The objective's names: what `let`, `state` and `metrics` mean inside a phase and inside the controller. A phase
 * computes; the controller reads what the phases computed. That is the only difference between the two scopes.
 */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import type { Expression } from '../../spec/expression/expression.js';
import type { LibraryObjective, ObjectiveSpec, ObjectiveUse, Spec } from '../../spec/spec.js';
import { constantValue, requireScalar } from './constant.js';
import type { Elaborator } from './elaborate.js';
import { bindParameters, type LibraryIndex } from './library.js';
import { memo } from './memo.js';
import type { GivenParameter, LetModel } from './model.js';
import { didYouMean, refusal } from './refusal.js';
import { lookup, type Binding, type Scope } from './scope.js';
import { SCALAR } from './symbolic-shape.js';
import { reachableTerms, type Term } from './term.js';

export interface ObjectiveScopes {
  readonly objective: ObjectiveSpec;
  /** True where the user wrote it; library entries may hold names that stay unused. */
  readonly written: boolean;
  readonly phase: Scope;
  readonly controller: Scope;
  /** The term of a `let` without parameters, as a phase sees it. */
  letTerm(name: string): Term;
  metricTerm(name: string): Term;
  /** Of what has been read so far. */
  readonly lets: ReadonlyMap<Term, LetModel>;
  readonly given: readonly GivenParameter[];
}

/** How the controller reads a `let`: from the one phase that computes it, or from the phase that is named. */
export type ReadRegister = (name: string, update: string | undefined, span: Span) => Term;

export function objectiveScopes(
  spec: Spec,
  user: Scope,
  library: LibraryIndex,
  elaborator: Elaborator,
  readRegister: ReadRegister,
): ObjectiveScopes {
  const use: ObjectiveUse | undefined = spec.objective.kind === 'use' ? spec.objective : undefined;
  const entry = use && library.objective(use.name.value, use.name.span);
  const objective = entry === undefined ? (spec.objective as ObjectiveSpec) : entry.objective;

  const stateBindings = new Map<string, Binding>(
    [...objective.state].map(([name, state]) => {
      const term: Term = { kind: 'state', name, span: state.span, shape: SCALAR };
      return [name, { kind: 'term', get: () => term }];
    }),
  );

  const build = (
    own: (self: () => Scope) => Iterable<readonly [string, Binding]>,
    member?: Scope['member'],
  ): Scope => {
    const outer: { parent: Scope | undefined; bindings: ReadonlyMap<string, Binding> } =
      entry === undefined
        ? { parent: user.parent, bindings: user.bindings }
        : { parent: undefined, bindings: new Map() };
    const scope: Scope = {
      parent: outer,
      bindings: new Map([...stateBindings, ...own(() => scope)]),
      member,
    };
    if (entry !== undefined && use !== undefined) {
      // A default may name what the library entry defines (rate: halved) or what the user does (x: x).
      const defaults = (parameter: string): Scope => {
        const at: Scope = {
          parent: user,
          bindings: new Map([...outer.bindings, ...scope.bindings].filter(([name]) => name !== parameter)),
          member,
        };
        refuseAbsentDefault(entry, use, parameter, at);
        return at;
      };
      outer.bindings = new Map(bindParameters(entry, use.with, () => user, defaults, use.span));
    }
    return scope;
  };

  const lets = new Map<Term, LetModel>();
  const letGetters = new Map<string, () => Term>();
  const phase = build((self) =>
    [...objective.let.values()].map((definition): [string, Binding] => {
      const name = definition.name.value;
      if (definition.parameters.length > 0) {
        return [
          name,
          { kind: 'function', parameters: definition.parameters, body: definition.body, scope: self },
        ];
      }
      const get = memo(
        () => {
          const term = elaborator.elaborate(definition.body, self());
          const { file, start, end } = definition.body.span;
          if (!lets.has(term)) lets.set(term, { name, source: file.text.slice(start, end) });
          return term;
        },
        () => cycle(name, definition.name.span),
      );
      letGetters.set(name, get);
      return [name, { kind: 'term', get: () => get() }];
    }),
  );

  const metricGetters = new Map<string, () => Term>();
  const controller = build(
    (self) => {
      const bindings: [string, Binding][] = [];
      for (const definition of objective.let.values()) {
        const { value: name, span } = definition.name;
        if (definition.parameters.length > 0) {
          // Written out at its call, like any expression here: of numbers, or refused where it computes with data or networks.
          const { parameters, body } = definition;
          bindings.push([name, { kind: 'function', parameters, body, scope: self }]);
          continue;
        }
        bindings.push([
          name,
          {
            kind: 'term',
            get: memo(
              (at: Span) => readRegister(name, undefined, at),
              () => cycle(name, span),
            ),
          },
        ]);
      }
      for (const [name, expression] of objective.metrics) {
        const get = memo(
          () => controllerTerm(elaborator.elaborate(expression, self()), `The metric \`${name}\``),
          () => cycle(name, expression.span),
        );
        metricGetters.set(name, get);
        // `Lx: Lx` gives a metric the name of what it reads: the let or state stays what the name means.
        if (!objective.let.has(name) && !objective.state.has(name))
          bindings.push([name, { kind: 'term', get: () => get() }]);
      }
      return bindings;
    },
    (object, name, span) => {
      if (!objective.let.has(name)) {
        throw refusal({
          code: 'expression/unknown-name',
          message: `\`let\` defines no \`${name}\``,
          span,
          help: didYouMean(name, objective.let.keys()),
        });
      }
      return readRegister(name, object, span);
    },
  );

  return {
    objective,
    written: entry === undefined,
    phase,
    controller,
    letTerm: (name) => letGetters.get(name)!(),
    metricTerm: (name) => metricGetters.get(name)!(),
    lets,
    given: entry === undefined || use === undefined ? [] : givenNumbers(entry, use, user, elaborator),
  };
}

/** What `with` gives to parameters that have a range; values that only training knows are left out. */
function givenNumbers(
  entry: LibraryObjective,
  use: ObjectiveUse,
  user: Scope,
  elaborator: Elaborator,
): readonly GivenParameter[] {
  return [...entry.parameters.values()].flatMap((parameter) => {
    const option = parameter.range === undefined ? undefined : use.with.get(parameter.name.value);
    if (option === undefined || Array.isArray(option.value) || option.value instanceof Map) return [];
    const value = constantValue(elaborator.elaborate(option.value as Expression, user));
    return value === undefined ? [] : [{ entry: entry.name.value, parameter, value, span: option.span }];
  });
}

/** A default like `z: z` stands for a name that the user is expected to have; where they have not, it is missing. */
function refuseAbsentDefault(
  entry: LibraryObjective,
  use: ObjectiveUse,
  parameter: string,
  scope: Scope,
): void {
  const { kind, default: written, description } = entry.parameters.get(parameter)!;
  if (kind !== 'expression' || written?.kind !== 'name' || lookup(scope, written.name) !== undefined) return;
  throw refusal({
    code: 'model/missing-parameter',
    message: `\`${entry.name.value}\` needs \`${parameter}\`, and nothing is called \`${written.name}\` here`,
    span: use.span,
    note: `\`${parameter}\`: ${description}`,
    help: `Call it \`${written.name}\`, or say what stands for it: \`with: { ${parameter}: ... }\`.`,
  });
}

/** Refuses what only a phase can compute. `instead` is what to write. */
export function controllerTerm(
  term: Term,
  what: string,
  instead = 'Give the value a name under `let`, and read that name here.',
): Term {
  const outside = reachableTerms([term]).find((part) =>
    ['data', 'labels', 'noise', 'network', 'gradient'].includes(part.kind),
  );
  if (outside !== undefined) {
    throw refusal({
      code: 'expression/needs-let',
      message: `${what} computes with data, noise or a network`,
      span: term.span,
      related: outside.span === term.span ? [] : [{ message: 'namely this', span: outside.span }],
      note: 'Rates, state and metrics are made of single numbers that the updates have computed.',
      help: instead,
    });
  }
  return requireScalar(term, what);
}

function cycle(name: string, span: Span): Error {
  return refusal({
    code: 'expression/cycle',
    message: `\`${name}\` is defined through itself`,
    span,
    note: 'Definitions are equations evaluated once; only state can refer to its own past value.',
    help: `Take \`${name}\` out of what it is made of, or write it under \`state\` with \`init\` and \`next\`.`,
  });
}
