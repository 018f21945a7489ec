/** Optimisers built from primitives, so that every target takes exactly the same step. */
import { add, constant, div, mul, sqrt, square, sub } from '../graph/construct.js';
import type { NodeId } from '../graph/graph.js';
import type { OptimizerModel } from '../model/model.js';
import type { ParameterModel } from '../model/network.js';
import { constantValue } from '../model/constant.js';
import type { HostExpression, StateDeclaration } from '../program.js';
import { hostOf } from './graph-inputs.js';
import type { Term } from '../model/term.js';
import type { TermLowering } from './term.js';

export interface Moved {
  /** The new parameter, and the new moments, by state name. */
  readonly writes: readonly { readonly name: string; readonly old: NodeId; readonly next: NodeId }[];
  /** The moments this optimiser keeps for the parameter. */
  readonly moments: readonly StateDeclaration[];
}

/** One optimiser step of one parameter. `update` names the update whose moments these are. */
export function optimizerStep(
  optimizer: OptimizerModel,
  update: string,
  parameter: ParameterModel,
  gradient: NodeId,
  terms: TermLowering,
): Moved {
  switch (optimizer.kind) {
    case 'adam':
      return adam(optimizer, update, parameter, gradient, terms);
    case 'rmsprop':
      return rmsprop(optimizer, update, parameter, gradient, terms);
    case 'sgd':
      return sgd(optimizer, update, parameter, gradient, terms);
    default:
      throw new Error(`internal: unknown optimizer ${String(optimizer satisfies never)}`);
  }
}

/**
 * Adam, Kingma and Ba 2015, Algorithm 1: m and v are corrected for their zero start by 1 - beta^t with t counted
 * from 1, and epsilon stands outside the square root.
 */
function adam(
  { rate, beta1, beta2, epsilon, weightDecay }: Extract<OptimizerModel, { kind: 'adam' }>,
  update: string,
  parameter: ParameterModel,
  lossGradient: NodeId,
  terms: TermLowering,
): Moved {
  const { builder } = terms.inputs;
  const first = moment(`${update}/adam/m/${parameter.name}`, parameter);
  const second = moment(`${update}/adam/v/${parameter.name}`, parameter);
  const m = terms.inputs.state(first.name, parameter.shape);
  const v = terms.inputs.state(second.name, parameter.shape);
  const p = terms.inputs.state(parameter.name, parameter.shape);
  const gradient =
    weightDecay === undefined
      ? lossGradient
      : add(builder, lossGradient, mul(builder, p, terms.lower(weightDecay)));
  const one = constant(builder, 1);
  const decayed = (old: NodeId, decay: NodeId, fresh: NodeId): NodeId =>
    add(builder, mul(builder, old, decay), mul(builder, fresh, sub(builder, one, decay)));
  const newM = decayed(m, terms.lower(beta1), gradient);
  const newV = decayed(v, terms.lower(beta2), square(builder, gradient));
  const correction = (name: string, decay: typeof beta1): NodeId =>
    terms.inputs.scalar(`${update}/adam/${name}`, biasCorrection(hostOf(decay)));
  const step = div(
    builder,
    mul(builder, newM, correction('correction1', beta1)),
    add(builder, sqrt(builder, mul(builder, newV, correction('correction2', beta2))), terms.lower(epsilon)),
  );
  return {
    writes: [
      { name: parameter.name, old: p, next: sub(builder, p, mul(builder, step, terms.lower(rate))) },
      { name: first.name, old: m, next: newM },
      { name: second.name, old: v, next: newV },
    ],
    moments: [first, second],
  };
}

/**
 * Tieleman and Hinton 2012: s <- decay s + (1 - decay) g^2, and a step along g / (sqrt(s) + epsilon), with momentum as PyTorch
 * has it.
 */
function rmsprop(
  { rate, decay, epsilon, momentum }: Extract<OptimizerModel, { kind: 'rmsprop' }>,
  update: string,
  parameter: ParameterModel,
  gradient: NodeId,
  terms: TermLowering,
): Moved {
  const { builder } = terms.inputs;
  const squares = moment(`${update}/rmsprop/${parameter.name}`, parameter);
  const s = terms.inputs.state(squares.name, parameter.shape);
  const share = terms.lower(decay);
  const rest = sub(builder, constant(builder, 1), share);
  const newS = add(builder, mul(builder, s, share), mul(builder, square(builder, gradient), rest));
  const direction = div(builder, gradient, add(builder, sqrt(builder, newS), terms.lower(epsilon)));
  const moved = move({ rate, momentum }, `${update}/rmsprop`, parameter, direction, terms);
  return {
    writes: [...moved.writes, { name: squares.name, old: s, next: newS }],
    moments: [squares, ...moved.moments],
  };
}

function sgd(
  optimizer: Extract<OptimizerModel, { kind: 'sgd' }>,
  update: string,
  parameter: ParameterModel,
  gradient: NodeId,
  terms: TermLowering,
): Moved {
  return move(optimizer, `${update}/sgd`, parameter, gradient, terms);
}

/** v <- momentum v + direction, p <- p - rate v (Sutskever's form with the rate outside); no state where momentum is 0. */
function move(
  { rate, momentum }: { readonly rate: Term; readonly momentum: Term },
  path: string,
  parameter: ParameterModel,
  direction: NodeId,
  terms: TermLowering,
): Moved {
  const { builder } = terms.inputs;
  const p = terms.inputs.state(parameter.name, parameter.shape);
  const along = (velocity: NodeId) => ({
    name: parameter.name,
    old: p,
    next: sub(builder, p, mul(builder, velocity, terms.lower(rate))),
  });
  if (momentum.kind === 'number' && constantValue(momentum) === 0)
    return { writes: [along(direction)], moments: [] };
  const velocity = moment(`${path}/velocity/${parameter.name}`, parameter);
  const v = terms.inputs.state(velocity.name, parameter.shape);
  const newV = add(builder, mul(builder, v, terms.lower(momentum)), direction);
  return { writes: [along(newV), { name: velocity.name, old: v, next: newV }], moments: [velocity] };
}

function moment(name: string, parameter: ParameterModel): StateDeclaration {
  return { name, shape: parameter.shape, role: 'moment', init: { kind: 'constant', value: 0 } };
}

/** 1 / (1 - beta^t), t = executions so far + 1; the host computes it in float64. */
function biasCorrection(beta: HostExpression): HostExpression {
  const number = (value: number): HostExpression => ({ kind: 'number', value });
  const apply = (name: 'add' | 'sub' | 'div' | 'pow', ...arguments_: HostExpression[]): HostExpression => ({
    kind: 'apply',
    function: name,
    arguments: arguments_,
  });
  const t = apply('add', { kind: 'execution' }, number(1));
  return apply('div', number(1), apply('sub', number(1), apply('pow', beta, t)));
}
