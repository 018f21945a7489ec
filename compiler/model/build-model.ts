/** From a spec to its model: every section resolved in the order of what depends on what, every error collected. */
import { DiagnosticError, type Diagnostic, type Span } from '../../spec/diagnostics/diagnostic.js';
import { enumerate } from '../../spec/diagnostics/quote.js';
import type { Expression } from '../../spec/expression/expression.js';
import type {
  DataSpec,
  LibrarySource,
  NoiseSpec,
  OptimizerSpec,
  Spec,
  StateSpec,
  UpdateSpec,
} from '../../spec/spec.js';
import { requireConstant, toHost } from './constant.js';
import { Elaborator } from './elaborate.js';
import { instantiateNetwork } from './instantiate.js';
import { LibraryIndex } from './library.js';
import { memo } from './memo.js';
import type { Model, OptimizerModel, PhaseModel, StateModel, StreamModel, UpdateModel } from './model.js';
import type { NetworkModel } from './network.js';
import { controllerTerm, objectiveScopes, requireScalar } from './objective.js';
import { didYouMean, refusal } from './refusal.js';
import { lookup, resolveAlias, type Binding, type Scope } from './scope.js';
import { formatShape, sameShape, SCALAR, type SymbolicShape } from './symbolic-shape.js';
import { reachableTerms, type NoiseModel, type Term } from './term.js';

export interface ModelResult {
  /** Absent where an error was found. */
  readonly model?: Model | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export function buildModel(spec: Spec, library: LibrarySource): ModelResult {
  return new ModelBuilder(spec, library).build();
}

class ModelBuilder {
  readonly #spec: Spec;
  readonly #library: LibraryIndex;
  readonly #elaborator = new Elaborator();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #used = new Set<string>();
  readonly #networks = new Map<string, NetworkModel>();
  readonly #streams: StreamModel[] = [];

  constructor(spec: Spec, library: LibrarySource) {
    this.#spec = spec;
    this.#library = new LibraryIndex(library);
  }

  build(): ModelResult {
    const model = this.#attempt(() => this.#build());
    if (model !== undefined) this.#reportUnused();
    const diagnostics = unique(this.#diagnostics);
    const failed = diagnostics.some((found) => found.severity === 'error');
    return { model: failed ? undefined : model, diagnostics };
  }

  #build(): Model | undefined {
    const spec = this.#spec;
    this.#refuseSharedNames();
    const user = this.#userScope();

    const phases: {
      name: string;
      updates: readonly UpdateModel[];
      repeat: Term | undefined;
      registers: Map<string, Term>;
    }[] = [];
    const phaseOf = new Map<string, (typeof phases)[number]>();
    const scopes = objectiveScopes(spec, user, this.#library, this.#elaborator, (name, update, span) => {
      const term = requireScalar(scopes.letTerm(name), `\`${name}\``);
      const phase = this.#registerPhase(name, term, update, span, phases, phaseOf);
      phase.registers.set(name, term);
      return { kind: 'register', phase: phase.name, name, span, shape: SCALAR };
    });
    const { objective } = scopes;

    // What the user wrote is checked even where nothing reads it.
    if (scopes.written) {
      for (const definition of objective.let.values()) {
        if (definition.parameters.length === 0) this.#attempt(() => scopes.letTerm(definition.name.value));
      }
    }

    for (const item of objective.updates) {
      const specs = item.kind === 'update' ? [item] : item.updates;
      const updates = specs.flatMap(
        (update) => this.#attempt(() => this.#update(update, scopes.phase)) ?? [],
      );
      const repeat = item.repeat && this.#attempt(() => this.#openLoop(item.repeat!, user, '`repeat`'));
      const phase = {
        name: specs.map((update) => update.name.value).join('+'),
        updates,
        repeat,
        registers: new Map<string, Term>(),
      };
      phases.push(phase);
      for (const update of specs) phaseOf.set(update.name.value, phase);
    }
    if (this.#failed()) return undefined;

    const metrics = new Map<string, Term>();
    for (const name of objective.metrics.keys()) {
      const term = this.#attempt(() => scopes.metricTerm(name));
      if (term !== undefined) metrics.set(name, term);
    }
    const state = new Map<string, StateModel>();
    const wanted = scopes.written ? [...objective.state.keys()] : [];
    const require = (terms: readonly Term[]): void => {
      for (const part of reachableTerms(terms)) if (part.kind === 'state') wanted.push(part.name);
    };
    require([...metrics.values(), ...phases.flatMap((phase) => phase.updates.flatMap(updateTerms))]);
    for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
      if (state.has(name)) continue;
      const built = this.#attempt(() => this.#state(name, objective.state.get(name)!, scopes.controller));
      if (built === undefined) continue;
      state.set(name, built);
      require(stateTerms(built));
    }

    const outputs = new Map<string, Term>();
    for (const [name, expression] of spec.outputs) {
      const term = this.#attempt(() => this.#elaborator.elaborate(expression, user));
      if (term !== undefined) outputs.set(name, term);
    }
    const hyper = new Map<string, number>();
    for (const [name, located] of spec.hyper)
      if (typeof located.value === 'number') hyper.set(name, located.value);
    return {
      spec,
      networks: [...this.#networks.values()],
      streams: this.#streams,
      phases: phases satisfies readonly PhaseModel[],
      state: [...state.values()],
      metrics,
      outputs,
      hyper,
    };
  }

  /** The phase that computes a `let`: the one that is named, the only one that needs it, or the last. */
  #registerPhase<Phase extends { readonly updates: readonly UpdateModel[] }>(
    name: string,
    term: Term,
    update: string | undefined,
    span: Span,
    phases: readonly Phase[],
    phaseOf: ReadonlyMap<string, Phase>,
  ): Phase {
    if (update !== undefined) {
      const phase = phaseOf.get(update);
      if (phase !== undefined) return phase;
      throw refusal({
        code: 'expression/unknown-name',
        message: `There is no update \`${update}\``,
        span,
        help: didYouMean(update, phaseOf.keys()) ?? `Use ${enumerate([...phaseOf.keys()], 'or')}.`,
      });
    }
    const computing = phases.filter((phase) =>
      reachableTerms(phase.updates.flatMap((one) => [one.minimize])).includes(term),
    );
    if (computing.length > 1) {
      const names = computing.map((phase) => phase.updates[0]!.name);
      throw refusal({
        code: 'expression/ambiguous-name',
        message: `\`${name}\` is computed by ${enumerate(names)}, with different parameters and draws`,
        span,
        help: `Say which one is meant: ${enumerate(
          names.map((of) => `${of}.${name}`),
          'or',
        )}.`,
      });
    }
    return computing[0] ?? phases.at(-1)!;
  }

  #userScope(): Scope {
    const bindings = new Map<string, Binding>();
    const scope: Scope = { parent: undefined, bindings };
    const spec = this.#spec;
    for (const [name, { value, span }] of spec.hyper) {
      if (typeof value === 'string') {
        bindings.set(name, { kind: 'word', get: () => this.#use(name, value) });
        continue;
      }
      const term: Term =
        typeof value === 'boolean'
          ? { kind: 'boolean', value, span, shape: SCALAR }
          : { kind: 'hyper', name, value, span, shape: SCALAR };
      bindings.set(name, { kind: 'term', get: () => this.#use(name, term) });
    }
    for (const [name, data] of spec.data) {
      const get = memo(
        () => this.#stream(name, data, scope),
        () => cyclic(name, data.span),
      );
      bindings.set(name, { kind: 'term', get: () => this.#use(name, get()) });
    }
    for (const [name, noise] of spec.noise) {
      const made = this.#attempt(() => this.#noise(name, noise, scope));
      if (made === undefined) continue;
      const term: Term = { kind: 'noise', noise: made, draw: 0, span: noise.span, shape: made.shape };
      bindings.set(name, { kind: 'term', get: () => this.#use(name, term) });
    }
    for (const [name, expression] of spec.schedules) {
      const get = memo(
        () => this.#schedule(name, expression, scope),
        () => cyclic(name, expression.span),
      );
      bindings.set(name, { kind: 'term', get: () => this.#use(name, get()) });
      // Checked even where nothing reads it.
      this.#attempt(get);
    }
    for (const name of spec.networks.keys()) {
      const instantiate = (shape: SymbolicShape, call: Span): NetworkModel => {
        this.#use(name, undefined);
        return this.#network(name, shape, call, scope);
      };
      bindings.set(name, { kind: 'network', name, instantiate });
    }
    return scope;
  }

  #use<T>(name: string, value: T): T {
    this.#used.add(name);
    return value;
  }

  #stream(name: string, data: DataSpec, scope: Scope): Term {
    const size = (value: Expression, what: string): number => {
      const term = requireScalar(this.#elaborator.elaborate(value, scope), what);
      const number = requireConstant(term, what, value.span);
      if (Number.isInteger(number) && number >= 1) return number;
      throw refusal({
        code: 'schema/value',
        message: `${what} must be a whole number of at least 1, and it is ${number}`,
        span: value.span,
      });
    };
    const shape = [
      size(data.size.height, 'The height'),
      size(data.size.width, 'The width'),
      size(data.channels, '`channels`'),
    ];
    this.#streams.push({ name, shape, data });
    return { kind: 'data', stream: name, span: data.span, shape: ['B', ...shape] };
  }

  #noise(name: string, noise: NoiseSpec, scope: Scope): NoiseModel {
    const sizes = noise.shape.map((value) => {
      const number = requireConstant(this.#elaborator.elaborate(value, scope), 'A size of noise', value.span);
      if (Number.isInteger(number) && number >= 1) return number;
      throw refusal({
        code: 'schema/value',
        message: `A size of noise must be a whole number of at least 1, and it is ${number}`,
        span: value.span,
      });
    });
    const [first, second] = noise.parameters.map((value) => this.#openLoop(value, scope, 'A bound of noise'));
    return { name, distribution: noise.distribution, parameters: [first!, second!], shape: ['B', ...sizes] };
  }

  #schedule(name: string, expression: Expression, scope: Scope): Term {
    const body = requireScalar(this.#elaborator.elaborate(expression, scope), `The schedule \`${name}\``);
    const closed = reachableTerms([body]).find((part) =>
      ['data', 'noise', 'network', 'state'].includes(part.kind),
    );
    if (closed !== undefined) {
      throw refusal({
        code: 'expression/not-scalar',
        message: `The schedule \`${name}\` must be a function of \`step\` and hyper values`,
        span: closed.span,
        note: 'Schedules are known before the run; what depends on losses is state.',
      });
    }
    return { kind: 'schedule', name, body, span: expression.span, shape: SCALAR };
  }

  #network(name: string, shape: SymbolicShape, call: Span, scope: Scope): NetworkModel {
    const known = this.#networks.get(name);
    if (known === undefined) {
      if (shape[0] !== 'B') {
        throw refusal({
          code: 'model/shape-mismatch',
          message: `\`${name}\` needs an input per sample, and this has shape ${formatShape(shape)}`,
          span: call,
        });
      }
      const made = instantiateNetwork(
        this.#spec.networks.get(name)!,
        shape,
        scope,
        this.#elaborator,
        this.#library,
      );
      this.#networks.set(name, made);
      return made;
    }
    if (sameShape(known.inputShape, shape)) return known;
    throw refusal({
      code: 'model/shape-mismatch',
      message: `\`${name}\` takes ${formatShape(known.inputShape)}, and this input has shape ${formatShape(shape)}`,
      span: call,
      related: [{ message: 'defined here', span: known.span }],
      note: 'The first call of a network fixes the shape of its input.',
    });
  }

  #update(update: UpdateSpec, scope: Scope): UpdateModel {
    const minimize = requireScalar(this.#elaborator.elaborate(update.minimize, scope), 'What is minimised');
    const train = update.train.map(({ value, span }) => {
      const name = this.#networkName(value, span, scope);
      const network = this.#networks.get(name);
      if (network === undefined || !reaches(minimize, network)) {
        throw refusal({
          code: 'model/unreached-network',
          message: `\`${update.name.value}\` trains \`${name}\`, but its loss does not depend on \`${name}\``,
          span,
          related: [{ message: 'the loss', span: update.minimize.span }],
          note: 'Its gradient would be zero. `stop(...)` also cuts the dependence.',
        });
      }
      return network;
    });
    return {
      name: update.name.value,
      span: update.span,
      minimize,
      train,
      optimizer: this.#optimizer(update.optimizer, scope),
    };
  }

  /** `train: D`, where D may be a parameter of the library entry that stands for the user's network. */
  #networkName(name: string, span: Span, scope: Scope): string {
    const { expression, scope: at } = resolveAlias({ kind: 'name', name, span }, scope);
    const binding = expression.kind === 'name' ? lookup(at, expression.name) : undefined;
    if (binding?.kind === 'network') return binding.name;
    const networks = [...this.#spec.networks.keys()];
    throw refusal({
      code: 'expression/unknown-name',
      message: `There is no network \`${expression.kind === 'name' ? expression.name : name}\``,
      span: expression.span,
      help: didYouMean(name, networks) ?? `Use ${enumerate(networks, 'or')}.`,
    });
  }

  #optimizer(optimizer: OptimizerSpec, scope: Scope): OptimizerModel {
    const scalar = (expression: Expression, what: string): Term =>
      controllerTerm(
        this.#elaborator.elaborate(expression, scope),
        what,
        'Use a schedule, or state that follows a loss.',
      );
    switch (optimizer.kind) {
      case 'adam':
        return {
          kind: 'adam',
          rate: scalar(optimizer.rate, '`rate`'),
          // The bias corrections are powers of the betas that the host computes.
          beta1: this.#openLoop(optimizer.beta1, scope, '`beta1`'),
          beta2: this.#openLoop(optimizer.beta2, scope, '`beta2`'),
          epsilon: scalar(optimizer.epsilon, '`epsilon`'),
        };
      case 'sgd':
        return {
          kind: 'sgd',
          rate: scalar(optimizer.rate, '`rate`'),
          momentum: scalar(optimizer.momentum, '`momentum`'),
        };
      default:
        throw new Error(`internal: unknown optimizer ${String(optimizer satisfies never)}`);
    }
  }

  /** A number the host can compute before a phase runs. */
  #openLoop(expression: Expression, scope: Scope, what: string): Term {
    const term = requireScalar(this.#elaborator.elaborate(expression, scope), what);
    if (toHost(term) !== undefined) return term;
    throw refusal({
      code: 'expression/not-constant',
      message: `${what} must be a function of \`step\` and hyper values`,
      span: expression.span,
      note: 'It is needed before the update runs, so it cannot depend on state, data or networks.',
    });
  }

  #state(name: string, state: StateSpec, scope: Scope): StateModel {
    const scalar = (expression: Expression, what: string): Term =>
      controllerTerm(this.#elaborator.elaborate(expression, scope), what);
    const constant = (expression: Expression, what: string): number =>
      requireConstant(scalar(expression, what), what, expression.span);
    switch (state.kind) {
      case 'next':
        return {
          kind: 'next',
          name,
          init: constant(state.init, `\`init\` of \`${name}\``),
          next: scalar(state.next, `\`next\` of \`${name}\``),
        };
      case 'plateau':
        return {
          kind: 'plateau',
          name,
          init: constant(state.start, `\`start\` of \`${name}\``),
          of: scalar(state.of, `\`of\` of \`${name}\``),
          factor: scalar(state.factor, `\`factor\` of \`${name}\``),
          window: scalar(state.window, `\`window\` of \`${name}\``),
          floor: scalar(state.floor, `\`floor\` of \`${name}\``),
        };
      default:
        throw new Error(`internal: unknown state ${String(state satisfies never)}`);
    }
  }

  /** Sections share one name space: an expression could not say which is meant. */
  #refuseSharedNames(): void {
    const places = new Map<string, string>();
    const spec = this.#spec;
    const sections: readonly (readonly [string, ReadonlyMap<string, { readonly span: Span }>])[] = [
      ['hyper', spec.hyper],
      ['data', spec.data],
      ['noise', spec.noise],
      ['networks', spec.networks],
    ];
    for (const [section, entries] of sections) {
      for (const [name, { span }] of entries) {
        const earlier = places.get(name);
        if (earlier !== undefined) {
          this.#diagnostics.push({
            code: 'yaml/duplicate-key',
            severity: 'error',
            message: `\`${name}\` is defined in \`${earlier}\` and again in \`${section}\``,
            span,
            note: 'All sections share one name space, so that an equation means one thing.',
            help: 'Rename one of them.',
          });
        }
        places.set(name, section);
      }
    }
  }

  #reportUnused(): void {
    const spec = this.#spec;
    const sections: readonly (readonly [string, ReadonlyMap<string, { readonly span: Span }>])[] = [
      ['hyper value', spec.hyper],
      ['data', spec.data],
      ['noise', spec.noise],
      ['schedule', spec.schedules],
      ['network', spec.networks],
    ];
    for (const [section, entries] of sections) {
      for (const [name, { span }] of entries) {
        if (this.#used.has(name)) continue;
        this.#diagnostics.push({
          code: 'model/unused',
          severity: 'warning',
          message: `The ${section} \`${name}\` is never used`,
          span,
          help: 'Remove it, or use it.',
        });
      }
    }
  }

  #failed(): boolean {
    return this.#diagnostics.some((found) => found.severity === 'error');
  }

  /** Runs one part; what it refuses is collected, so that other parts are still checked. */
  #attempt<T>(part: () => T): T | undefined {
    try {
      return part();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.#diagnostics.push(...error.diagnostics.map((found) => this.#ledTo(found)));
      return undefined;
    }
  }

  /** A finding inside a library file also names the line of the spec that brought the file in. */
  #ledTo(found: Diagnostic): Diagnostic {
    const { source, objective } = this.#spec;
    const places = [found.span, ...(found.related ?? []).map((place) => place.span)];
    if (objective.kind !== 'use' || places.some((span) => span === undefined || span.file === source))
      return found;
    return { ...found, related: [...(found.related ?? []), { message: 'used here', span: objective.span }] };
  }
}

/** True where a gradient can flow from the loss to the network's parameters. */
function reaches(loss: Term, network: NetworkModel): boolean {
  const seen = new Set<Term>();
  const visit = (term: Term): boolean => {
    if (seen.has(term)) return false;
    seen.add(term);
    switch (term.kind) {
      case 'network':
        return term.network === network || visit(term.argument);
      case 'apply':
        return term.function !== 'stop' && term.arguments.some(visit);
      case 'gradient':
        return visit(term.of) || visit(term.wrt);
      default:
        return false;
    }
  };
  return visit(loss);
}

function updateTerms(update: UpdateModel): readonly Term[] {
  const { optimizer } = update;
  return optimizer.kind === 'adam'
    ? [update.minimize, optimizer.rate, optimizer.beta1, optimizer.beta2, optimizer.epsilon]
    : [update.minimize, optimizer.rate, optimizer.momentum];
}

function stateTerms(state: StateModel): readonly Term[] {
  return state.kind === 'next' ? [state.next] : [state.of, state.factor, state.window, state.floor];
}

function cyclic(name: string, span: Span): Error {
  return refusal({ code: 'expression/cycle', message: `\`${name}\` is defined through itself`, span });
}

/** The same mistake found on two ways is one mistake. */
function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((found) => {
    const key = `${found.code} ${found.span?.file.name} ${found.span?.start} ${found.message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
