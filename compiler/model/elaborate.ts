/**
 * From expressions to terms: resolves names through scopes, checks shapes, splices library parameters and functions.
 * Whatever depends only on words and truth values is decided here; the branch not taken is never looked at.
 */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import { enumerate } from '../../spec/diagnostics/quote.js';
import type { Expression, NamedArgument } from '../../spec/expression/expression.js';
import { FUNCTIONS, functionRule, NAMED_FUNCTIONS, OPERATORS, type FunctionName } from './functions.js';
import { refuseWord, requireHost, requireScalar } from './constant.js';
import { boundDepth, LIMITS, tooDeep, type Budget } from './limits.js';
import { FUNCTION_SYNONYMS } from './function-synonyms.js';
import { didYouMean, refusal, withPlace } from './refusal.js';
import { SCHEDULE_FUNCTIONS } from './schedule-functions.js';
import { childScope, lookup, resolveAlias, visibleNames, type Binding, type Scope } from './scope.js';
import { formatShape, SCALAR, type SymbolicShape } from './symbolic-shape.js';
import type { Extent, Term } from './term.js';

const SPECIAL_FUNCTIONS = ['fresh', 'grad', 'uniform', 'normal'] as const;

/** How deep `let` functions may call each other. */
const CALL_DEPTH = 64;

export class Elaborator {
  readonly budget: Budget;
  #draws = 0;
  #depth = 0;
  /** Expressions that are being elaborated, each for the one before it. */
  #open = 0;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  /** The term an expression stands for in a scope. Throws DiagnosticError. */
  elaborate(expression: Expression, scope: Scope): Term {
    const { span } = expression;
    this.budget.part(span);
    if (this.#open >= LIMITS.depth) throw tooDeep(span);
    this.#open++;
    try {
      return boundDepth(this.#term(expression, scope));
    } finally {
      this.#open--;
    }
  }

  #term(expression: Expression, scope: Scope): Term {
    const { span } = expression;
    switch (expression.kind) {
      case 'number':
        return { kind: 'number', value: expression.value, span, shape: SCALAR };
      case 'boolean':
        return { kind: 'boolean', value: expression.value, span, shape: SCALAR };
      case 'string':
        return { kind: 'word', value: expression.value, span, shape: SCALAR };
      case 'percent':
        return this.apply(
          'mul',
          [
            { kind: 'number', value: expression.value, span, shape: SCALAR },
            { kind: 'steps', span, shape: SCALAR },
          ],
          span,
        );
      case 'name':
        return this.#name(expression.name, span, scope);
      case 'member':
        return this.#member(expression, scope);
      case 'unary': {
        const operand = this.elaborate(expression.operand, scope);
        // `-limit`, where limit is 0.1, is the number that -0.1 is in YAML.
        if (expression.operator === '-' && operand.kind === 'number')
          return { ...operand, value: -operand.value, span };
        return this.apply(expression.operator === '-' ? 'neg' : 'not', [operand], span);
      }
      case 'binary':
        return this.#binary(expression, scope);
      case 'call':
        return this.#call(expression, scope);
      case 'field':
        return this.#field(expression, scope);
      case 'list':
        return this.apply(
          'join',
          expression.items.map((item) => this.elaborate(item, scope)),
          span,
        );
      default:
        throw new Error(`internal: unknown expression ${String(expression satisfies never)}`);
    }
  }

  /** A function applied to terms: shapes checked, constants folded. */
  apply(name: FunctionName, arguments_: readonly Term[], span: Span, extent: Extent = 'all'): Term {
    const decided = decide(name, arguments_);
    if (decided !== undefined) return { kind: 'boolean', value: decided, span, shape: SCALAR };
    arguments_.forEach(refuseWord);
    const shapes = arguments_.map((argument) => argument.shape);
    const rule = functionRule(name);
    const shape = rule.shape(shapes, { extent, classes: arguments_.map((argument) => argument.classes) });
    if (shape === undefined) {
      const named = shapes.map(formatShape).join(' and ');
      const per = rule.extent === true && extent !== 'all';
      throw refusal({
        code: 'model/shape-mismatch',
        message: per
          ? `\`${name}(..., per=${extent})\` needs one value per sample, and this has shape ${named}`
          : rule.needs !== undefined
            ? `${describe(name)} needs ${rule.needs}, and is given ${named}`
            : `${describe(name)} of shapes that do not fit: ${named}`,
        span,
        related: arguments_.map(({ shape: own, classes, span: place }) => ({
          message: `shape ${formatShape(own)}${classes === undefined ? '' : `, of ${classes} classes`}`,
          span: place,
        })),
        help: helpWithClasses(arguments_),
        note: per
          ? 'Only values with a batch axis can be reduced per sample.'
          : rule.needs !== undefined
            ? undefined
            : 'Shapes must be equal; only single numbers, and one number per sample, meet everything.',
      });
    }
    this.budget.tensor(shape, span);
    return boundDepth({ kind: 'apply', function: name, arguments: arguments_, extent, span, shape });
  }

  #name(name: string, span: Span, scope: Scope): Term {
    const binding = lookup(scope, name);
    if (binding === undefined) {
      if (name === 'step' || name === 'steps') return { kind: name, span, shape: SCALAR };
      if (name === 'pi') return { kind: 'number', value: Math.PI, span, shape: SCALAR };
      throw refusal({
        code: 'expression/unknown-name',
        message: `Nothing is called \`${name}\` here`,
        span,
        help: didYouMean(name, visibleNames(scope)) ?? use(visibleNames(scope)),
      });
    }
    switch (binding.kind) {
      case 'term':
        return binding.get(span);
      case 'word':
        return { kind: 'word', value: binding.get(), span, shape: SCALAR };
      case 'alias':
        return this.elaborate(binding.expression, binding.scope());
      case 'network':
        throw refusal({
          code: 'expression/arguments',
          message: `\`${name}\` is a network and needs an input`,
          span,
          help: `Write \`${name}(...)\` with its input between the parentheses.`,
        });
      case 'function':
        throw refusal({
          code: 'expression/arguments',
          message: `\`${name}\` is a function and needs its arguments`,
          span,
          help: `Write \`${name}(${binding.parameters.join(', ')})\`.`,
        });
      default:
        throw new Error(`internal: unknown binding ${String(binding satisfies never)}`);
    }
  }

  #member(expression: Extract<Expression, { kind: 'member' }>, scope: Scope): Term {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      if (at.member !== undefined) return at.member(expression.object, expression.name, expression.span);
    }
    throw refusal({
      code: 'expression/unknown-name',
      message: `\`${expression.object}.${expression.name}\` cannot be read here`,
      span: expression.span,
      note: 'A value of an update, like `critic.Lx`, can be read in `state` and `metrics` only.',
    });
  }

  /** `D(x).features`: a tap or branch, by its own name or with the block it stands in. */
  #field(expression: Extract<Expression, { kind: 'field' }>, scope: Scope): Term {
    const of = this.elaborate(expression.of, scope);
    const { name, span } = expression;
    if (of.kind !== 'network') {
      throw refusal({
        code: 'expression/arguments',
        message: `Only what a network computed has parts, and this is not a call of a network`,
        span,
        help: `Write \`D(x).${name}\` with a network and its input.`,
      });
    }
    const { named } = of.network;
    const keys = [...named.keys()].filter((key) => key.slice(key.lastIndexOf('/') + 1) === name);
    const [key] = keys;
    if (key === undefined || keys.length > 1) {
      const names = [...new Set([...named.keys()].map((known) => known.slice(known.lastIndexOf('/') + 1)))];
      throw refusal({
        code: 'model/unknown-tap',
        message:
          keys.length > 1
            ? `\`${of.network.name}\` has more than one tap or branch \`${name}\``
            : `\`${of.network.name}\` has no tap or branch \`${name}\``,
        span,
        help:
          didYouMean(name, names) ??
          (names.length > 0 ? use(names) : 'Put `{ tap: name }` after the layer that is meant.'),
      });
    }
    const { shape, classes } = named.get(key)!;
    return { kind: 'field', of, key, span, shape, classes };
  }

  #binary(expression: Extract<Expression, { kind: 'binary' }>, scope: Scope): Term {
    const left = this.elaborate(expression.left, scope);
    // `false && ...` and `true || ...` are decided by their left side: the right may not even make sense then.
    if (left.kind === 'boolean') {
      if (expression.operator === '&&') return left.value ? this.elaborate(expression.right, scope) : left;
      if (expression.operator === '||') return left.value ? left : this.elaborate(expression.right, scope);
    }
    return this.apply(
      OPERATORS[expression.operator],
      [left, this.elaborate(expression.right, scope)],
      expression.span,
    );
  }

  #call(call: Extract<Expression, { kind: 'call' }>, scope: Scope): Term {
    const binding = this.#callee(call, scope);
    if (binding?.kind === 'network') {
      this.#refuseOtherInputs(call, binding);
      const arguments_ = this.#arguments(call, binding.inputs, scope);
      const network = binding.instantiate(
        arguments_.map(({ shape, classes }) => ({ shape, classes })),
        call.span,
        arguments_.map((argument) => (argument.kind === 'network' ? argument.network : undefined)),
      );
      return { kind: 'network', network, arguments: arguments_, span: call.span, shape: network.outputShape };
    }
    if (binding?.kind === 'function') return this.#letFunction(call, binding, scope);
    if (binding !== undefined) {
      throw refusal({
        code: 'expression/arguments',
        message: `\`${call.callee}\` is not a function`,
        span: call.calleeSpan,
        help: `Write \`${call.callee}\` without parentheses, or \`${call.callee} * (...)\` if a product was meant.`,
      });
    }
    if (Object.hasOwn(SCHEDULE_FUNCTIONS, call.callee)) return this.#schedule(call, scope);
    switch (call.callee) {
      case 'fresh':
        return this.#fresh(call, scope);
      case 'grad':
        return this.#gradient(call, scope);
      case 'uniform':
      case 'normal':
        return this.#draw(call.callee, call, scope);
    }
    if (call.callee === 'where') return this.#where(call, scope);
    if (!Object.hasOwn(FUNCTIONS, call.callee) || !NAMED_FUNCTIONS.includes(call.callee as FunctionName)) {
      const candidates = [
        ...NAMED_FUNCTIONS,
        ...SPECIAL_FUNCTIONS,
        ...Object.keys(SCHEDULE_FUNCTIONS),
        ...callables(scope),
      ];
      throw refusal({
        code: 'expression/unknown-function',
        message: `There is no function \`${call.callee}\``,
        span: call.calleeSpan,
        help:
          FUNCTION_SYNONYMS.get(call.callee.toLowerCase()) ??
          didYouMean(call.callee, candidates) ??
          use(candidates),
      });
    }
    const reduces = call.arguments.length === 1 && !call.named.some((argument) => argument.name === 'b');
    const name =
      reduces && call.callee === 'max'
        ? 'max_of'
        : reduces && call.callee === 'min'
          ? 'min_of'
          : (call.callee as FunctionName);
    const rule = functionRule(name);
    const extent = rule.extent === true ? this.#extent(call) : 'all';
    return this.apply(
      name,
      this.#arguments(call, rule.parameters, scope, rule.extent ? ['per'] : []),
      call.span,
      extent,
    );
  }

  /** How many inputs a network has is said where its layers are. */
  #refuseOtherInputs(
    call: Extract<Expression, { kind: 'call' }>,
    { name, inputs }: Extract<Binding, { kind: 'network' }>,
  ): void {
    const count = call.arguments.length + call.named.length;
    if (call.named.length > 0 || count === inputs.length || count === 0) return;
    const names = call.arguments.map((given, i) =>
      given.kind === 'name' ? given.name : (inputs[i] ?? `input${i + 1}`),
    );
    throw refusal({
      code: 'expression/arguments',
      message: `\`${name}\` takes ${inputs.length} input${inputs.length === 1 ? '' : 's'}, and ${count} ${count === 1 ? 'is' : 'are'} given`,
      span: call.span,
      note: inputs.length === 1 ? 'A network that is a plain list of layers takes one input.' : undefined,
      help:
        count > inputs.length
          ? `Name the inputs of \`${name}\` and read the further ones in its layers: \`${name}: { inputs: [${names.join(', ')}], layers: [concat: ${names.at(-1)}, ...] }\`.`
          : `Write \`${name}(${inputs.join(', ')})\`.`,
    });
  }

  /** The binding that is called, through library parameters that stand for a network: `D: critic`. */
  #callee(call: Extract<Expression, { kind: 'call' }>, scope: Scope): Binding | undefined {
    const binding = lookup(scope, call.callee);
    if (binding?.kind !== 'alias') return binding;
    const target = resolveAlias(binding.expression, binding.scope());
    const found =
      target.expression.kind === 'name' ? lookup(target.scope, target.expression.name) : undefined;
    if (found === undefined && target.expression.kind === 'name') {
      throw refusal({
        code: 'expression/unknown-name',
        message: `Nothing is called \`${target.expression.name}\` here`,
        span: target.expression.span,
        related: [{ message: `called as \`${call.callee}\``, span: call.calleeSpan }],
        help:
          didYouMean(target.expression.name, visibleNames(target.scope)) ?? use(visibleNames(target.scope)),
      });
    }
    return found ?? binding;
  }

  #letFunction(
    call: Extract<Expression, { kind: 'call' }>,
    binding: Extract<Binding, { kind: 'function' }>,
    scope: Scope,
  ): Term {
    if (this.#depth >= CALL_DEPTH) {
      throw refusal({
        code: 'expression/cycle',
        message: `\`${call.callee}\` calls itself`,
        span: call.span,
        note: 'Functions of `let` are spliced in at compile time, so they cannot be recursive.',
      });
    }
    const given = this.#arguments(call, binding.parameters, scope);
    const parameters = binding.parameters.map((name, i): [string, Binding] => [
      name,
      { kind: 'term', get: () => given[i]! },
    ]);
    this.#depth++;
    try {
      return this.elaborate(binding.body, childScope(binding.scope(), parameters));
    } catch (error) {
      throw withPlace(error, 'called here', call.span);
    } finally {
      this.#depth--;
    }
  }

  /** A condition known at compile time picks its branch before the other is looked at. */
  #where(call: Extract<Expression, { kind: 'call' }>, scope: Scope): Term {
    const ordered = this.#ordered(call, FUNCTIONS.where.parameters);
    const condition = this.elaborate(ordered[0]!, scope);
    if (condition.kind === 'boolean') return this.elaborate(ordered[condition.value ? 1 : 2]!, scope);
    return this.apply(
      'where',
      [condition, ...ordered.slice(1).map((e) => this.elaborate(e, scope))],
      call.span,
    );
  }

  #schedule(call: Extract<Expression, { kind: 'call' }>, scope: Scope): Term {
    const rule = SCHEDULE_FUNCTIONS[call.callee]!;
    const ordered =
      rule.parameters === 'any'
        ? this.#positionalOnly(call)
        : this.#ordered(call, rule.parameters, [], rule.optional ?? {});
    const terms = ordered.map((e) => this.elaborate(e, scope));
    for (const term of terms) {
      if (term.shape.length === 0) continue;
      throw refusal({
        code: 'expression/not-scalar',
        message: `\`${call.callee}\` needs single numbers, and this has shape ${formatShape(term.shape)}`,
        span: term.span,
      });
    }
    const complaint = rule.check?.(terms.length);
    if (complaint !== undefined) {
      throw refusal({
        code: 'expression/arguments',
        message: complaint,
        span: call.span,
        help: `Write for example \`${rule.example}\`.`,
      });
    }
    return rule.build(this, terms, call.span);
  }

  #fresh(call: Extract<Expression, { kind: 'call' }>, scope: Scope): Term {
    const [argument] = this.#arguments(call, ['noise'], scope);
    if (argument?.kind !== 'noise') {
      throw refusal({
        code: 'expression/arguments',
        message: '`fresh` needs the name of a noise',
        span: call.span,
        note: '`fresh(z)` is another, independent draw of `z`.',
      });
    }
    return { ...argument, draw: ++this.#draws, span: call.span };
  }

  #gradient(call: Extract<Expression, { kind: 'call' }>, scope: Scope): Term {
    const [of, wrt] = this.#arguments(call, ['of', 'with_respect_to'], scope);
    refuseWord(of!);
    refuseWord(wrt!);
    const sampleWise = of!.shape[0] === 'B' && of!.shape.slice(1).every((size) => size === 1);
    if (of!.shape.length !== 0 && !sampleWise) {
      throw refusal({
        code: 'expression/not-scalar',
        message: `\`grad\` needs one number, or one per sample, and this has shape ${formatShape(of!.shape)}`,
        span: of!.span,
        help: 'Reduce it first, for example `grad(sum(y, per=sample), x)`.',
      });
    }
    return { kind: 'gradient', of: of!, wrt: wrt!, span: call.span, shape: wrt!.shape };
  }

  /** `uniform(0, 1)`, `uniform(0, 1, per=sample)`: one per sample; `uniform(0, 1, like=x)`: one per number of x. */
  #draw(distribution: 'uniform' | 'normal', call: Extract<Expression, { kind: 'call' }>, scope: Scope): Term {
    const like = call.named.find((argument) => argument.name === 'like');
    if (like === undefined && this.#extent(call, 'sample') !== 'sample') {
      throw refusal({
        code: 'expression/arguments',
        message: `\`${distribution}\` draws one number per sample`,
        span: call.span,
        help: `Write \`${distribution}(..., per=sample)\`, or \`like=x\` for one number per element of \`x\`.`,
      });
    }
    const names = distribution === 'uniform' ? ['low', 'high'] : ['mean', 'deviation'];
    const [first, second] = this.#ordered(call, names, ['per', 'like']).map((expression, i) => {
      const what = `\`${names[i]!}\` of \`${distribution}\``;
      const term = this.elaborate(expression, scope);
      if (term.kind === 'word') requireScalar(term, what);
      const draw = `${distribution}(0, 1, ${like === undefined ? 'per=sample' : 'like=...'})`;
      return requireHost(term, what, expression.span, `Scale the draw instead: \`... * ${draw}\`.`);
    });
    const shape: SymbolicShape = like === undefined ? ['B'] : this.elaborate(like.value, scope).shape;
    if (shape[0] !== 'B') {
      throw refusal({
        code: 'model/shape-mismatch',
        message: `\`like\` needs a value per sample, and this has shape ${formatShape(shape)}`,
        span: like!.value.span,
      });
    }
    const noise = { name: distribution, distribution, parameters: [first!, second!] as const, shape };
    return { kind: 'noise', noise, draw: ++this.#draws, span: call.span, shape };
  }

  #extent(call: Extract<Expression, { kind: 'call' }>, otherwise: Extent = 'all'): Extent {
    const per = call.named.find((argument) => argument.name === 'per');
    if (per === undefined) return otherwise;
    const word = per.value.kind === 'name' || per.value.kind === 'string' ? per.value : undefined;
    const chosen = word?.kind === 'name' ? word.name : word?.value;
    if (chosen === 'sample' || chosen === 'all' || chosen === 'batch') return chosen;
    throw refusal({
      code: 'expression/arguments',
      message: '`per` must be `sample`, `batch` or `all`',
      span: per.value.span,
      help:
        didYouMean(chosen ?? '', ['sample', 'batch', 'all']) ??
        '`per=sample` gives one number for every sample, `per=batch` reduces the batch axis alone, `per=all` gives one number.',
    });
  }

  #arguments(
    call: Extract<Expression, { kind: 'call' }>,
    parameters: readonly string[],
    scope: Scope,
    ignore: readonly string[] = [],
  ): readonly Term[] {
    return this.#ordered(call, parameters, ignore).map((expression) => this.elaborate(expression, scope));
  }

  #positionalOnly(call: Extract<Expression, { kind: 'call' }>): readonly Expression[] {
    const [named] = call.named;
    if (named !== undefined) throw unknownArgument(call.callee, named, []);
    return call.arguments;
  }

  /** Positional and named arguments in the order of the parameters. */
  #ordered(
    call: Extract<Expression, { kind: 'call' }>,
    parameters: readonly string[],
    ignore: readonly string[] = [],
    optional: Readonly<Record<string, number>> = {},
  ): readonly Expression[] {
    const given = new Map<string, Expression>();
    call.arguments.forEach((argument, i) => {
      const name = parameters[i];
      if (name !== undefined) given.set(name, argument);
    });
    for (const named of call.named) {
      if (ignore.includes(named.name)) continue;
      if (!parameters.includes(named.name))
        throw unknownArgument(call.callee, named, [...parameters, ...ignore]);
      if (given.has(named.name)) {
        throw refusal({
          code: 'expression/arguments',
          message: `\`${call.callee}\` is given \`${named.name}\` twice`,
          span: named.nameSpan,
        });
      }
      given.set(named.name, named.value);
    }
    const required = parameters.filter((name) => !Object.hasOwn(optional, name));
    const missing = required.filter((name) => !given.has(name));
    if (missing.length > 0 || call.arguments.length > parameters.length) {
      const count = required.length === 1 ? '1 argument' : `${required.length} arguments`;
      throw refusal({
        code: 'expression/arguments',
        message: `\`${call.callee}\` takes ${count}, and ${call.arguments.length + call.named.length} ${call.arguments.length + call.named.length === 1 ? 'is' : 'are'} given`,
        span: call.span,
        help: `Write \`${call.callee}(${parameters.join(', ')})\`.`,
      });
    }
    return parameters.map(
      (name) => given.get(name) ?? { kind: 'number', value: optional[name]!, span: call.span },
    );
  }
}

/** Comparisons of words, and logic of truth values, are decided at compile time; undefined where it is not that. */
function decide(name: FunctionName, arguments_: readonly Term[]): boolean | undefined {
  const [a, b] = arguments_;
  if (name === 'not' && a?.kind === 'boolean') return !a.value;
  if (a === undefined || b === undefined) return undefined;
  if (a.kind === 'word' && b.kind === 'word') {
    if (name === 'equal') return a.value === b.value;
    if (name === 'not_equal') return a.value !== b.value;
  }
  if (a.kind === 'boolean' && b.kind === 'boolean') {
    if (name === 'equal') return a.value === b.value;
    if (name === 'not_equal') return a.value !== b.value;
    if (name === 'and') return a.value && b.value;
    if (name === 'or') return a.value || b.value;
  }
  return undefined;
}

/** Fewer scores than classes. */
function helpWithClasses([scores, label]: readonly Term[]): string | undefined {
  const count = scores?.shape.at(-1);
  if (label?.classes === undefined || scores?.shape.length !== 2 || typeof count !== 'number')
    return undefined;
  return count < label.classes
    ? `Give every class a score: ${label.classes} numbers in place of ${count}.`
    : undefined;
}

function unknownArgument(callee: string, named: NamedArgument, parameters: readonly string[]): Error {
  return refusal({
    code: 'expression/arguments',
    message: `\`${callee}\` has no argument \`${named.name}\``,
    span: named.nameSpan,
    help:
      didYouMean(named.name, parameters) ??
      (parameters.length > 0 ? `It takes ${enumerate(parameters)}.` : 'It takes arguments without names.'),
  });
}

function describe(name: FunctionName): string {
  const sign = Object.entries(OPERATORS).find(([, fn]) => fn === name)?.[0];
  return `\`${sign ?? name}\``;
}

/** More names than anybody reads. */
const MAXIMUM_NAMES = 80;

function use(names: readonly string[]): string {
  const shown = names.slice(0, MAXIMUM_NAMES).sort();
  const more = names.length - shown.length;
  return more === 0
    ? `Use ${enumerate(shown, 'or')}.`
    : `Use ${enumerate(shown, 'and')}, or one of ${more.toLocaleString('en-US')} further names.`;
}

function callables(scope: Scope): readonly string[] {
  return visibleNames(scope).filter((name) =>
    ['network', 'function', 'alias'].includes(lookup(scope, name)!.kind),
  );
}
