/** From a spec to its model: every section resolved in the order of what depends on what, every error collected. */
import { DiagnosticError, type Diagnostic, type Span } from '../../spec/diagnostics/diagnostic.js';
import { enumerate } from '../../spec/diagnostics/quote.js';
import type { Expression } from '../../spec/expression/expression.js';
import type {
  DataSpec,
  LibrarySource,
  NetworkSpec,
  NoiseSpec,
  OptimizerSpec,
  Spec,
  StateSpec,
  UpdateSpec,
} from '../../spec/spec.js';
import { classCount, isLabelled, POINT_SHAPE } from '../../spec/data-classes.js';
import { constantValue, requireConstant, requireHost, requireScalar } from './constant.js';
import { Elaborator } from './elaborate.js';
import { instantiateNetwork } from './instantiate.js';
import { LibraryIndex } from './library.js';
import { Budget, LIMITS } from './limits.js';
import { ledTo } from './led-to.js';
import { memo } from './memo.js';
import type { Model, OptimizerModel, PhaseModel, StateModel, StreamModel, UpdateModel } from './model.js';
import { flattenLayers, type LayerModel, type NetworkInput, type NetworkModel } from './network.js';
import { stateTerms, updateTerms } from './model-terms.js';
import { microBatchFindings } from './micro-batches.js';
import { numbersOutOfRange } from './number-ranges.js';
import { controllerTerm, objectiveScopes } from './objective.js';
import { projectionTime } from './projection-time.js';
import { didYouMean, refusal } from './refusal.js';
import { lookup, resolveAlias, type Binding, type Scope } from './scope.js';
import { formatShape, sameShape, SCALAR } from './symbolic-shape.js';
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
  readonly #elaborator: Elaborator;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #used = new Set<string>();
  readonly #networks = new Map<string, NetworkModel>();
  /** Where each network was called first, which fixed its shapes. */
  readonly #firstCalls = new Map<string, Span>();
  readonly #streams: StreamModel[] = [];
  #mistakes = 0;

  constructor(spec: Spec, library: LibrarySource) {
    this.#spec = spec;
    this.#library = new LibraryIndex(library);
    this.#elaborator = new Elaborator(new Budget(spec.train.batch.value));
  }

  build(): ModelResult {
    const model = this.#attempt(() => this.#build());
    if (model !== undefined) {
      this.#diagnostics.push(...numbersOutOfRange(model), ...microBatchFindings(model));
      this.#reportUnused();
    }
    const diagnostics = unique(this.#diagnostics);
    const failed = diagnostics.some((found) => found.severity === 'error');
    return { model: failed ? undefined : model, diagnostics };
  }

  #build(): Model | undefined {
    const spec = this.#spec;
    this.#refuseSharedNames();
    const user = this.#userScope();

    const phases: (Omit<PhaseModel, 'registers'> & { readonly registers: Map<string, Term> })[] = [];
    const phaseOf = new Map<string, (typeof phases)[number]>();
    const scopes = objectiveScopes(spec, user, this.#library, this.#elaborator, (name, update, span) => {
      const read = scopes.letTerm(name);
      const phase = this.#registerPhase(name, read, update, span, phases, phaseOf);
      const term = requireScalar(read, `\`${name}\``);
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
      this.#attempt(() => refuseTrainedTwice(updates));
      const openLoop = (expression: Expression | undefined, what: string): Term | undefined =>
        expression && this.#attempt(() => this.#openLoop(expression, scopes.phase, what));
      const multiple =
        item.batch && this.#attempt(() => this.#batchMultiple(item.batch!, scopes.phase, updates));
      const phase = {
        name: specs.map((update) => update.name.value).join('+'),
        updates,
        repeat: item.repeat && this.#attempt(() => this.#repeats(item.repeat!, scopes.phase)),
        every: openLoop(item.every, '`every`'),
        batch: multiple ?? 1,
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
    const stop =
      spec.train.stop && this.#attempt(() => this.#stop(spec.train.stop!, scopes.controller, user));

    const state = new Map<string, StateModel>();
    const wanted = scopes.written ? [...objective.state.keys()] : [];
    const require = (terms: readonly Term[]): void => {
      for (const part of reachableTerms(terms)) if (part.kind === 'state') wanted.push(part.name);
    };
    require([
      ...metrics.values(),
      ...phases.flatMap((phase) => phase.updates.flatMap(updateTerms)),
      ...(stop === undefined ? [] : [stop.of]),
    ]);
    for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
      if (state.has(name)) continue;
      const built = this.#attempt(() => this.#state(name, objective.state.get(name)!, scopes.controller));
      if (built === undefined) continue;
      state.set(name, built);
      require(stateTerms(built));
    }

    const outputs = new Map<string, Term>();
    for (const [name, expression] of spec.outputs) {
      if (phases.some((phase) => phase.name === name)) {
        this.#diagnostics.push({
          code: 'yaml/duplicate-key',
          severity: 'error',
          message: `\`${name}\` is the name of an update and of an output`,
          span: expression.span,
          note: 'Both can be run by their name.',
          help: 'Rename the output.',
        });
        continue;
      }
      const term = this.#attempt(() => this.#output(name, expression, user));
      if (term !== undefined) outputs.set(name, term);
    }
    const hyper = new Map<string, number>();
    for (const [name, located] of spec.hyper)
      if (typeof located.value === 'number') hyper.set(name, located.value);
    return {
      spec,
      networks: [...this.#networks.values()],
      streams: this.#streams,
      phases,
      lets: scopes.lets,
      state: [...state.values()],
      metrics,
      stop,
      outputs,
      hyper,
      given: scopes.given,
    };
  }

  #output(name: string, expression: Expression, scope: Scope): Term {
    const term = this.#elaborator.elaborate(expression, scope);
    if (term.kind !== 'word') return term;
    throw refusal({
      code: 'expression/arguments',
      message: `The output \`${name}\` must be something to compute, and this is the word \`${term.value}\``,
      span: expression.span,
      help: 'Write an expression without quotes of its own, like `G(z)`.',
    });
  }

  #repeats(expression: Expression, scope: Scope): Term {
    const term = this.#openLoop(expression, scope, '`repeat`');
    const times = constantValue(term);
    if (times === undefined || times <= LIMITS.repeats) return term;
    throw refusal({
      code: 'model/limit',
      message: `\`repeat\` runs a phase ${times} times in one step, more than ${LIMITS.repeats}`,
      span: expression.span,
      help: 'Train for more `steps` instead.',
    });
  }

  /** How many times the batch a phase takes; its tensors grow with it. */
  #batchMultiple(expression: Expression, scope: Scope, updates: readonly UpdateModel[]): number {
    const multiple = this.#wholeNumber(expression, scope, '`batch`');
    const budget = new Budget(this.#spec.train.batch.value * multiple);
    for (const part of reachableTerms(updates.map(({ minimize }) => minimize))) {
      budget.tensor(part.shape, expression.span);
      const layers = part.kind === 'network' ? flattenLayers(part.network.layers) : [];
      for (const { outputShape } of layers) budget.tensor(outputShape, expression.span);
    }
    return multiple;
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
      const get = memo(
        (): Term => {
          const made = this.#noise(name, noise, scope);
          const { shape, classes } = made;
          return { kind: 'noise', noise: made, draw: 0, span: noise.span, shape, classes };
        },
        () => cyclic(name, noise.span),
      );
      bindings.set(name, { kind: 'term', get: () => this.#use(name, get()) });
      // Checked even where nothing reads it.
      this.#attempt(get);
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
      const instantiate: Extract<Binding, { kind: 'network' }>['instantiate'] = (given, call, makers) => {
        this.#use(name, undefined);
        return this.#network(name, given, call, scope, makers);
      };
      const inputs = this.#inputNames(name);
      bindings.set(name, { kind: 'network', name, inputs, instantiate });
    }
    return scope;
  }

  #use<T>(name: string, value: T): T {
    this.#used.add(name);
    return value;
  }

  #stream(name: string, data: DataSpec, scope: Scope): Term {
    const { span } = data;
    switch (data.kind) {
      case 'labels': {
        const of = this.#spec.data.get(data.of.value);
        if (of === undefined || !isLabelled(of)) {
          const sources = [...this.#spec.data.keys()].filter((other) => other !== name);
          throw refusal({
            code: of === undefined ? 'expression/unknown-name' : 'model/shape-mismatch',
            message:
              of === undefined
                ? `There is no data \`${data.of.value}\``
                : `The data \`${data.of.value}\` have no labels`,
            span: data.of.span,
            help:
              of === undefined
                ? (didYouMean(data.of.value, sources) ?? `Use ${enumerate(sources, 'or')}.`)
                : 'Say where its labels come from: `labels: folders`, for example.',
          });
        }
        const classes = classCount(of);
        if (classes === undefined) {
          throw refusal({
            code: 'schema/missing-key',
            message: `How many classes \`${data.of.value}\` has is not said`,
            span: of.span,
            note: 'What reads labels is compiled without looking at the files.',
            help: 'Add `classes: 10`, with their number.',
          });
        }
        // The stream itself exists, also where only its labels are read.
        const stream = lookup(scope, data.of.value);
        if (stream?.kind === 'term') stream.get(span);
        return { kind: 'labels', stream: data.of.value, span, shape: ['B'], classes };
      }
      case 'points':
        return this.#addStream(name, POINT_SHAPE, data);
      case 'text':
        return this.#addStream(
          name,
          [1, this.#wholeNumber(data.length, scope, '`length`'), 1 + data.alphabet.length],
          data,
        );
      case 'images':
      case 'facesjs':
      case 'mnist':
      case 'fashion_mnist':
      case 'idx':
        return this.#addStream(
          name,
          [
            this.#wholeNumber(data.size.height, scope, 'The height'),
            this.#wholeNumber(data.size.width, scope, 'The width'),
            this.#wholeNumber(data.channels, scope, '`channels`'),
          ],
          data,
        );
      default:
        throw new Error(`internal: unknown data ${String(data satisfies never)}`);
    }
  }

  #addStream(name: string, shape: readonly number[], data: DataSpec): Term {
    this.#elaborator.budget.tensor(['B', ...shape], data.span);
    this.#streams.push({ name, shape, data });
    return { kind: 'data', stream: name, span: data.span, shape: ['B', ...shape] };
  }

  /** A whole number of at least 1 that is known at compile time. */
  #wholeNumber(value: Expression, scope: Scope, what: string): number {
    const term = requireScalar(this.#elaborator.elaborate(value, scope), what);
    const number = requireConstant(term, what, value.span);
    if (Number.isInteger(number) && number >= 1) return number;
    throw refusal({
      code: 'schema/value',
      message: `${what} must be a whole number of at least 1, and it is ${number}`,
      span: value.span,
    });
  }

  #noise(name: string, noise: NoiseSpec, scope: Scope): NoiseModel {
    const sizes = noise.shape.map((value) => this.#wholeNumber(value, scope, 'A size of noise'));
    this.#elaborator.budget.tensor(['B', ...sizes], noise.span);
    const [first, second] = noise.parameters.map((value) => this.#openLoop(value, scope, 'A bound of noise'));
    const classes =
      noise.distribution === 'categorical'
        ? this.#wholeNumber(noise.parameters[0], scope, 'The number of classes')
        : undefined;
    return {
      name,
      distribution: noise.distribution,
      parameters: [first!, second!],
      shape: ['B', ...sizes],
      classes,
    };
  }

  #schedule(name: string, expression: Expression, scope: Scope): Term {
    const body = requireScalar(this.#elaborator.elaborate(expression, scope), `The schedule \`${name}\``);
    const closed = reachableTerms([body]).find((part) =>
      ['data', 'labels', 'noise', 'network', 'state'].includes(part.kind),
    );
    if (closed !== undefined) {
      throw refusal({
        code: 'expression/not-scalar',
        message: `The schedule \`${name}\` must be a function of \`step\` and hyper values`,
        span: closed.span,
        note: 'Schedules are known before the run; what depends on losses is state.',
      });
    }
    requireHost(body, `The schedule \`${name}\``, expression.span);
    return { kind: 'schedule', name, body, span: expression.span, shape: SCALAR };
  }

  /** An averaged network takes what the network it averages takes. */
  #inputNames(name: string): readonly string[] {
    const spec = this.#spec.networks.get(name);
    const of = spec?.average === undefined ? spec : this.#spec.networks.get(spec.average.of.value);
    return of?.inputs?.map((input) => input.value) ?? ['input'];
  }

  #network(
    name: string,
    inputs: readonly NetworkInput[],
    call: Span,
    scope: Scope,
    makers: readonly (NetworkModel | undefined)[] = [],
  ): NetworkModel {
    const known = this.#networks.get(name);
    if (known === undefined) {
      const single = inputs.find(({ shape }) => shape[0] !== 'B');
      if (single !== undefined) {
        throw refusal({
          code: 'model/shape-mismatch',
          message: `\`${name}\` needs an input per sample, and this has shape ${formatShape(single.shape)}`,
          span: call,
        });
      }
      const spec = this.#spec.networks.get(name)!;
      const made =
        spec.average === undefined
          ? instantiateNetwork(spec, inputs, scope, this.#elaborator, this.#library)
          : this.#average(spec, spec.average, inputs, call, scope);
      this.#networks.set(name, made);
      this.#firstCalls.set(name, call);
      return made;
    }
    const other = known.inputs.findIndex(({ shape }, i) => !sameShape(shape, inputs[i]!.shape));
    if (other < 0) return known;
    const maker = makers[other];
    throw refusal({
      code: 'model/shape-mismatch',
      message: `\`${name}\` takes ${formatShape(known.inputs[other]!.shape)}, and this input has shape ${formatShape(inputs[other]!.shape)}`,
      span: call,
      related: [
        ...(maker === undefined ? [] : [{ message: `what \`${maker.name}\` makes`, span: maker.span }]),
        { message: 'defined here', span: known.span },
        { message: 'first called here', span: this.#firstCalls.get(name)! },
      ],
      note: 'The first call of a network fixes the shapes of its inputs.',
      help: 'Give both calls inputs of one shape: a generator, for example, must end in the shape of the data.',
    });
  }

  /** The same layers under another name; the parameters follow the other network's, its running statistics are shared. */
  #average(
    spec: NetworkSpec,
    average: NonNullable<NetworkSpec['average']>,
    inputs: readonly NetworkInput[],
    call: Span,
    scope: Scope,
  ): NetworkModel {
    const ofSpec = this.#spec.networks.get(average.of.value);
    if (ofSpec === undefined || ofSpec.average !== undefined) {
      const names = [...this.#spec.networks.keys()].filter((name) => name !== spec.name.value);
      throw refusal({
        code: 'expression/unknown-name',
        message: `There is no network \`${average.of.value}\` to average`,
        span: average.of.span,
        help:
          didYouMean(average.of.value, names) ??
          (names.length > 0 ? `Use ${enumerate(names, 'or')}.` : undefined),
      });
    }
    this.#use(average.of.value, undefined);
    const of = this.#network(average.of.value, inputs, call, scope);
    const made = instantiateNetwork(
      { ...ofSpec, name: spec.name, span: spec.span },
      inputs,
      scope,
      this.#elaborator,
      this.#library,
    );
    const decay = controllerTerm(this.#elaborator.elaborate(average.decay, scope), '`decay`');
    return { ...made, layers: withBuffersOf(made.layers, of.layers), average: { of, decay } };
  }

  #update(update: UpdateSpec, scope: Scope): UpdateModel {
    const minimize = requireScalar(this.#elaborator.elaborate(update.minimize, scope), 'What is minimised');
    const train = update.train.map((written) => this.#trained(update, minimize, written, scope));
    const scalar = (expression: Expression, what: string): Term =>
      controllerTerm(this.#elaborator.elaborate(expression, scope), what, 'Use a schedule, or a number.');
    const { clipGradients: clip, project } = update;
    return {
      name: update.name.value,
      span: update.span,
      minimize,
      train,
      optimizer: this.#optimizer(update.optimizer, scope),
      clipGradients: clip && { kind: clip.kind, limit: scalar(clip.limit, 'The limit of `clip_gradients`') },
      project: project && {
        low: scalar(project.low, 'The lower bound'),
        high: scalar(project.high, 'The upper bound'),
        when: projectionTime(project.when, scope),
      },
    };
  }

  /** A network, or `D.q` for what its branch q makes. Refused where the loss does not reach it. */
  #trained(
    update: UpdateSpec,
    minimize: Term,
    { value, span }: { readonly value: string; readonly span: Span },
    scope: Scope,
  ): UpdateModel['train'][number] {
    const [written = '', branch] = value.split('.');
    const name = this.#networkName(written, span, scope);
    const network = this.#networks.get(name);
    const average = this.#spec.networks.get(name)?.average;
    if (average !== undefined) {
      throw refusal({
        code: 'model/unreached-network',
        message: `\`${name}\` is an average of \`${average.of.value}\` and cannot be trained`,
        span,
        note: 'It follows the other network by itself, after every step.',
        help: `Train \`${average.of.value}\`.`,
      });
    }
    if (network === undefined || !reaches(minimize, network)) {
      throw refusal({
        code: 'model/unreached-network',
        message: `\`${update.name.value}\` trains \`${name}\`, but its loss does not depend on \`${name}\``,
        span,
        related: [{ message: 'the loss', span: update.minimize.span }],
        note: 'Its gradient would be zero. `stop(...)` also cuts the dependence.',
      });
    }
    if (branch === undefined) return { network, parameters: network.parameters, span };
    const key = [...network.named.keys()].find((known) => known.slice(known.lastIndexOf('/') + 1) === branch);
    const parameters = network.parameters.filter((parameter) => parameter.name.startsWith(`${key}/`));
    if (key !== undefined && parameters.length > 0) return { network, parameters, span };
    const branches = [...network.named.keys()].map((known) => known.slice(known.lastIndexOf('/') + 1));
    throw refusal({
      code: 'model/unknown-tap',
      message: `\`${name}\` has no branch \`${branch}\` with parameters`,
      span,
      help:
        didYouMean(branch, branches) ?? (branches.length > 0 ? `It has ${enumerate(branches)}.` : undefined),
    });
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
          weightDecay: optimizer.weightDecay && scalar(optimizer.weightDecay, '`weight_decay`'),
        };
      case 'rmsprop':
        return {
          kind: 'rmsprop',
          rate: scalar(optimizer.rate, '`rate`'),
          decay: scalar(optimizer.decay, '`decay`'),
          epsilon: scalar(optimizer.epsilon, '`epsilon`'),
          momentum: scalar(optimizer.momentum, '`momentum`'),
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
    return requireHost(
      requireScalar(this.#elaborator.elaborate(expression, scope), what),
      what,
      expression.span,
    );
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

  /** `stalled(convergence, window=2000, factor=1)` */
  #stop(expression: Expression, controller: Scope, user: Scope): NonNullable<Model['stop']> {
    const example = 'Write `stalled(convergence, window=2000)`.';
    if (expression.kind !== 'call' || expression.callee !== 'stalled') {
      throw refusal({
        code: 'expression/arguments',
        message: '`stop` must be a call of `stalled`',
        span: expression.span,
        help: example,
      });
    }
    const named = new Map(expression.named.map((argument) => [argument.name, argument.value]));
    const [of] = expression.arguments;
    const window = named.get('window');
    const known = [...named.keys()].every((name) => name === 'window' || name === 'factor');
    if (of === undefined || expression.arguments.length > 1 || window === undefined || !known) {
      throw refusal({
        code: 'expression/arguments',
        message: '`stalled` takes a metric, a `window` and perhaps a `factor`',
        span: expression.span,
        help: example,
      });
    }
    const one: Expression = { kind: 'number', value: 1, span: expression.span };
    return {
      of: controllerTerm(this.#elaborator.elaborate(of, controller), 'What `stalled` follows'),
      window: this.#openLoop(window, user, '`window`'),
      factor: this.#openLoop(named.get('factor') ?? one, user, '`factor`'),
    };
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
          help: this.#wayIntoObjective(name) ?? 'Remove it, or use it.',
        });
      }
    }
  }

  /** A value that is called like a parameter of the objective does not reach it by its name alone. */
  #wayIntoObjective(name: string): string | undefined {
    const { objective } = this.#spec;
    if (objective.kind !== 'use' || objective.with.has(name)) return undefined;
    const entry = this.#library.objective(objective.name.value, objective.name.span);
    if (!entry.parameters.has(name)) return undefined;
    return `To give it to \`${entry.name.value}\`, write \`with: { ${name}: ${name} }\` under \`objective\`.`;
  }

  #failed(): boolean {
    return this.#diagnostics.some((found) => found.severity === 'error');
  }

  /** Runs one part; what it refuses is collected, so that other parts are still checked. */
  #attempt<T>(part: () => T): T | undefined {
    if (this.#mistakes >= LIMITS.mistakes) return undefined;
    try {
      return part();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.#diagnostics.push(...error.diagnostics.map((found) => ledTo(found, this.#spec)));
      // Beyond another limit everything is beyond it, which is told once.
      if (error.diagnostics.every(({ code }) => code === 'model/limit')) return undefined;
      this.#mistakes += 1;
      if (this.#mistakes === LIMITS.mistakes) this.#diagnostics.push(tooManyMistakes(error.diagnostics[0]!));
      return undefined;
    }
  }
}

/** The updates of one phase start from the same parameters and write together: two of them cannot write the same one. */
function refuseTrainedTwice(updates: readonly UpdateModel[]): void {
  const writers = new Map<string, { readonly update: string; readonly span: Span }>();
  for (const { name: update, train } of updates) {
    for (const { network, parameters, span } of train) {
      const { name } = parameters.find((parameter) => writers.has(parameter.name)) ?? {};
      const first = name === undefined ? undefined : writers.get(name)!;
      for (const parameter of parameters) writers.set(parameter.name, { update, span });
      if (first === undefined) continue;
      const same = first.update === update;
      throw refusal({
        code: 'model/trained-twice',
        message: same
          ? `\`${update}\` trains \`${network.name}\` twice`
          : `\`${first.update}\` and \`${update}\` train \`${network.name}\` at the same time`,
        span,
        related: [{ message: 'trained here first', span: first.span }],
        note: same
          ? 'A loss has one gradient, and a weight is moved along it once.'
          : 'Updates under one `together` start from the same weights, and only one result could be kept.',
        help: same
          ? `Name what is trained once: \`train: ${network.name}\` holds its branches too.`
          : 'Add the two losses in one update, or let one of the updates stand on its own, before or after the others.',
      });
    }
  }
}

/** The same layers, reading the running statistics of another network made of the same spec. */
function withBuffersOf(layers: readonly LayerModel[], others: readonly LayerModel[]): readonly LayerModel[] {
  return layers.map((layer, i) => {
    const other = others[i]!;
    if (layer.kind === 'norm' && other.kind === 'norm') return { ...layer, running: other.running };
    const nests = (one: LayerModel) => one.kind === 'residual' || one.kind === 'branch';
    if ((layer.kind === 'residual' || layer.kind === 'branch') && nests(other)) {
      return { ...layer, layers: withBuffersOf(layer.layers, other.layers) };
    }
    return layer;
  });
}

/** True where a gradient can flow from the loss to the network's parameters. */
function reaches(loss: Term, network: NetworkModel): boolean {
  const seen = new Set<Term>();
  const visit = (term: Term): boolean => {
    if (seen.has(term)) return false;
    seen.add(term);
    switch (term.kind) {
      case 'network':
        return term.network === network || term.arguments.some(visit);
      case 'field':
        return visit(term.of);
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

function tooManyMistakes({ span }: Diagnostic): Diagnostic {
  return {
    code: 'model/limit',
    severity: 'error',
    message: `After ${LIMITS.mistakes} mistakes the rest of the file is not looked at`,
    span,
    help: 'Mend the first ones: others often follow from them.',
  };
}

function cyclic(name: string, span: Span): Error {
  return refusal({ code: 'expression/cycle', message: `\`${name}\` is defined through itself`, span });
}

/** The same mistake found on two ways is one mistake. */
function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((found) => {
    const { code, span, message } = found;
    // Beyond a limit everything is beyond it: the first place is enough.
    const place = code === 'model/limit' ? '' : `${span?.file.name} ${span?.start}`;
    const key = `${code} ${place} ${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
