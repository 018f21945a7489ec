/** What names mean where an expression stands. */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import type { Expression } from '../../spec/expression/expression.js';
import type { NetworkInput, NetworkModel } from './network.js';
import type { Term } from './term.js';

export type Binding =
  /** A value, made when it is first asked for (at the place given); the same term every time. */
  | { readonly kind: 'term'; readonly get: (at: Span) => Term }
  | { readonly kind: 'word'; readonly get: () => string }
  | {
      readonly kind: 'network';
      readonly name: string;
      /** The names of its inputs, for messages; one without a name where the spec gives none. */
      readonly inputs: readonly string[];
      /**
       * The network for inputs of these shapes; the first call decides, later ones must agree. `makers`: the networks whose
       * outputs the inputs are, where they are that.
       */
      readonly instantiate: (
        inputs: readonly NetworkInput[],
        call: Span,
        makers: readonly (NetworkModel | undefined)[],
      ) => NetworkModel;
    }
  /** `energy(v): ...` */
  | {
      readonly kind: 'function';
      readonly parameters: readonly string[];
      readonly body: Expression;
      readonly scope: () => Scope;
    }
  /** A library parameter: the expression it was given, with the scope that expression was written in. */
  | { readonly kind: 'alias'; readonly expression: Expression; readonly scope: () => Scope };

export interface Scope {
  readonly parent: Scope | undefined;
  readonly bindings: ReadonlyMap<string, Binding>;
  /** `critic.Lx`, where a scope knows updates by name. */
  readonly member?: ((object: string, name: string, span: Span) => Term) | undefined;
}

export function lookup(scope: Scope, name: string): Binding | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const binding = at.bindings.get(name);
    if (binding !== undefined) return binding;
  }
  return undefined;
}

/** Every name that can be written here, for "did you mean". */
export function visibleNames(scope: Scope): readonly string[] {
  const names = new Set<string>();
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    for (const name of at.bindings.keys()) names.add(name);
  }
  return [...names];
}

export function childScope(parent: Scope, bindings: Iterable<readonly [string, Binding]>): Scope {
  return { parent, bindings: new Map(bindings) };
}

/** Follows library parameters to the expression that was written in the end, and its scope. */
export function resolveAlias(expression: Expression, scope: Scope): { expression: Expression; scope: Scope } {
  let at = { expression, scope };
  while (at.expression.kind === 'name') {
    const binding = lookup(at.scope, at.expression.name);
    if (binding?.kind !== 'alias') break;
    at = { expression: binding.expression, scope: binding.scope() };
  }
  return at;
}
