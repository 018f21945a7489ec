/** The functions of equations as Python: one rule per function, so that a missing one is a type error. */
import type { FunctionName } from '../model/functions.js';
import type { SymbolicShape } from '../model/symbolic-shape.js';
import type { Extent } from '../model/term.js';
import type { Imports } from './imports.js';
import {
  behind,
  binary,
  call,
  callWith,
  choice,
  name,
  number,
  unary,
  type Argument,
  type Python,
} from './python.js';

export interface CallContext {
  readonly imports: Imports;
  readonly extent: Extent;
  /** Of the arguments. */
  readonly shapes: readonly SymbolicShape[];
  readonly classes: readonly (number | undefined)[];
  /** Known before a phase runs: plain numbers of Python. */
  readonly isNumber: boolean;
}

type Rule = (given: readonly Python[], context: CallContext) => Python;

const plain =
  (imported: string): Rule =>
  (given, { imports }) =>
    call(imports.from('functions', imported), ...given);

const operator =
  (sign: string): Rule =>
  ([a, b]) =>
    binary(sign, a!, b!);

/** What parameters of the library leave behind: a weight of 1, a term of 0. */
const isLiteral = (python: Python, value: string): boolean => python.kind === 'atom' && python.code === value;

/** 1 or 0. */
const comparison =
  (sign: string): Rule =>
  ([a, b], context) =>
    truth(binary(sign, a!, b!), context);

/** In Python a comparison of numbers is 1 or 0; one of tensors has to be made so. */
function truth(condition: Python, { imports, isNumber }: CallContext): Python {
  return isNumber ? condition : call(imports.from('functions', TRUTH), condition);
}

const TRUTH = 'truth';

/** As a condition, which need not be a number. */
export function asCondition(python: Python): Python {
  return python.kind === 'call' && python.callee === TRUTH ? python.arguments[0]!.value : python;
}

/** One way for plain numbers, one for tensors. */
const either =
  (numbers: Rule, tensors: Rule): Rule =>
  (given, context) =>
    (context.isNumber ? numbers : tensors)(given, context);

const standard =
  (imported: string): Rule =>
  (given, { imports }) =>
    call(imports.math(imported), ...given);

const builtin =
  (callee: string): Rule =>
  (given) =>
    call(callee, ...given);

/** A reduction says over what, unless it is over everything of the batch. */
const reduction =
  (imported: string): Rule =>
  ([x], { imports, extent, shapes }) => {
    const per = shapes[0]![0] === 'B' ? extent : 'here';
    const given: Argument[] = [{ value: x! }];
    if (per !== 'all') given.push({ label: 'per', value: name(`"${per}"`) });
    return callWith(imports.from('functions', imported), given);
  };

/** The last axis of a spec is that of the channels, which PyTorch has second in pictures. */
export function lastAxis(shape: SymbolicShape): number {
  if (shape[0] === 'B') return shape.length === 4 ? 1 : -1;
  return shape.length === 3 ? 0 : -1;
}

const overLast =
  (imported: string): Rule =>
  ([x], { imports, shapes }) => {
    const dim = lastAxis(shapes[0]!);
    const given: Argument[] = [{ value: x! }];
    if (dim !== -1) given.push({ label: 'dim', value: number(dim) });
    return callWith(imports.from('functions', imported), given);
  };

export const FUNCTION_RULES: { readonly [F in FunctionName]: Rule } = {
  add: ([a, b]) => (isLiteral(b!, '0') ? a! : isLiteral(a!, '0') ? b! : binary('+', a!, b!)),
  sub: ([a, b]) => (isLiteral(b!, '0') ? a! : binary('-', a!, b!)),
  mul: ([a, b]) => (isLiteral(b!, '1') ? a! : isLiteral(a!, '1') ? b! : binary('*', a!, b!)),
  div: ([a, b]) => (isLiteral(b!, '1') ? a! : binary('/', a!, b!)),
  pow: ([a, b], context) =>
    context.isNumber || b!.kind === 'atom' ? binary('**', a!, b!) : plain('power')([a!, b!], context),
  mod: either(operator('%'), plain('modulo')),
  less: comparison('<'),
  less_equal: comparison('<='),
  greater: comparison('>'),
  greater_equal: comparison('>='),
  equal: comparison('=='),
  not_equal: comparison('!='),
  and: either(
    ([a, b]) => choice(a!, binary('!=', b!, number(0)), number(0)),
    (given, context) => truth(binary('&', ...both(given, context)), context),
  ),
  or: either(
    ([a, b]) => choice(a!, number(1), binary('!=', b!, number(0))),
    (given, context) => {
      const [a, b] = both(given, context);
      return truth(call(context.imports.torch('logical_or'), a, b), context);
    },
  ),
  not: either(
    ([x]) => unary('not ', x!),
    ([x], context) => truth(binary('==', x!, number(0)), context),
  ),

  neg: ([x]) => unary('-', x!),
  abs: builtin('abs'),
  exp: either(standard('exp'), plain('exp')),
  log: either(standard('log'), plain('log')),
  sqrt: either(standard('sqrt'), plain('sqrt')),
  floor: either(standard('floor'), plain('floor')),
  tanh: plain('tanh'),
  sigmoid: plain('sigmoid'),
  softplus: plain('softplus'),
  elu: plain('elu'),
  square: either(([x]) => binary('**', x!, number(2)), plain('square')),
  log2: either(standard('log2'), plain('log2')),
  cos: standard('cos'),
  relu: plain('relu'),
  max: either(builtin('max'), plain('maximum')),
  min: either(builtin('min'), plain('minimum')),
  clip: either(([x, low, high]) => call('min', call('max', x!, low!), high!), plain('clip')),
  where: either(([condition, a, b]) => choice(condition!, a!, b!), plain('where')),
  stop: plain('stop'),
  sign: plain('sign'),
  selu: plain('selu'),
  leaky_relu: plain('sloped'),
  hinge: plain('hinge'),
  log_prob_normal: plain('log_prob_normal'),

  sum: reduction('sum'),
  mean: reduction('mean'),
  var: reduction('var'),
  std: reduction('std'),
  norm: reduction('norm'),
  max_of: reduction('largest'),
  min_of: reduction('smallest'),
  samples: () => name('run.batch'),
  size: (_, { shapes }) =>
    number(shapes[0]!.slice(1).reduce<number>((product, size) => product * (size as number), 1)),

  softmax: overLast('softmax'),
  log_softmax: overLast('log_softmax'),
  logsumexp: overLast('logsumexp'),
  entropy: overLast('entropy'),
  cross_entropy: plain('cross_entropy'),
  at_class: plain('at_class'),
  one_hot: ([y], { imports, classes }) => call(imports.from('functions', 'one_hot'), y!, number(classes[0]!)),
  argmax: overLast('argmax'),

  matmul: plain('matmul'),
  transpose: plain('transpose'),
  gram: plain('gram'),
  sort: plain('sort'),
  join: plain('join'),
};

function both(given: readonly Python[], { imports }: CallContext): [Python, Python] {
  const [a, b] = given.map((one) => call(imports.from('functions', 'holds'), one));
  return [a!, b!];
}

/** One number per sample beside a tensor of so many axes. */
export const perSample = (python: Python, axes: number): Python =>
  behind(python, `.view(-1${', 1'.repeat(axes - 1)})`);
