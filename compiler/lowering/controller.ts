/**
 * The controller: a graph of single numbers that runs at the end of every step. It reads what the phases computed,
 * gives the metrics, and moves the objective's state all at once, from old values only.
 */
import {
  add,
  constant,
  div,
  greaterEqual,
  greater,
  maximum,
  minimum,
  mul,
  select,
  sub,
} from '../graph/construct.js';
import type { GraphOutput, NodeId } from '../graph/graph.js';
import type { Model, StateModel } from '../model/model.js';
import type { Term } from '../model/term.js';
import { finiteFlag } from '../program.js';
import type { Phase, StateDeclaration } from '../program.js';
import { GraphInputs } from './graph-inputs.js';
import { finiteSoFar, nonFinite } from './finite.js';
import { register } from './phase.js';
import { TermLowering } from './term.js';

/** No update can have this name: it is not an identifier. */
export const CONTROLLER = '@controller';

/** Larger than any mean of losses, and still finite: the best window so far, before the first. */
const LARGEST = 3e38;

/** `flags` are those of all phases and its own. */
export function lowerController(
  model: Model,
  flags: readonly string[],
): {
  readonly phase: Phase;
  readonly state: readonly StateDeclaration[];
} {
  const inputs = new GraphInputs(CONTROLLER, 1, 'update');
  const terms = new TermLowering(inputs);
  const { builder } = inputs;
  const outputs: GraphOutput[] = [];
  const state: StateDeclaration[] = [];
  const writes: { name: string; old: NodeId; next: NodeId }[] = [];

  const declare = (name: string, value: number): NodeId => {
    state.push({ name, shape: [], role: 'controller', init: { kind: 'constant', value } });
    return inputs.state(name, []);
  };
  for (const own of model.state) {
    writes.push(...(own.kind === 'next' ? next(own) : plateau(own)));
  }

  function next(own: Extract<StateModel, { kind: 'next' }>) {
    const name = `state/${own.name}`;
    return [{ name, old: declare(name, own.init), next: terms.lower(own.next) }];
  }

  /** Means of a number over windows that do not overlap, and the best of them so far. */
  function windows(name: string, of: Term, window: Term) {
    const sum = declare(`${name}/sum`, 0);
    const count = declare(`${name}/count`, 0);
    const best = declare(`${name}/best`, LARGEST);
    const newSum = add(builder, sum, terms.lower(of));
    const newCount = add(builder, count, constant(builder, 1));
    const due = greaterEqual(builder, newCount, terms.lower(window));
    const mean = div(builder, newSum, newCount);
    const atEnd = (ended: NodeId, otherwise: NodeId): NodeId => select(builder, due, ended, otherwise);
    const zero = constant(builder, 0);
    const moves = [
      { name: `${name}/sum`, old: sum, next: atEnd(zero, newSum) },
      { name: `${name}/count`, old: count, next: atEnd(zero, newCount) },
      { name: `${name}/best`, old: best, next: atEnd(minimum(builder, best, mean), best) },
    ];
    return { best, mean, due, atEnd, moves };
  }

  /** The rate falls when a window's mean is not below the best so far. */
  function plateau(own: Extract<StateModel, { kind: 'plateau' }>) {
    const name = `state/${own.name}`;
    const rate = declare(name, own.init);
    const { best, mean, atEnd, moves } = windows(name, own.of, own.window);
    const better = greater(builder, best, mean);
    const lowered = maximum(builder, mul(builder, rate, terms.lower(own.factor)), terms.lower(own.floor));
    return [{ name, old: rate, next: atEnd(select(builder, better, rate, lowered), rate) }, ...moves];
  }

  for (const network of model.networks) {
    if (network.average === undefined) continue;
    const decay = terms.lower(network.average.decay);
    const rest = sub(builder, constant(builder, 1), decay);
    network.parameters.forEach(({ name, shape }, i) => {
      const old = inputs.state(name, shape);
      const followed = inputs.state(network.average!.of.parameters[i]!.name, shape);
      writes.push({ name, old, next: add(builder, mul(builder, old, decay), mul(builder, followed, rest)) });
    });
  }

  /** 1 when a window has ended and its mean is not below `factor` times the best so far. */
  function stalled({ of, window, factor }: NonNullable<Model['stop']>): NodeId {
    const { best, mean, due, moves } = windows('state/stop', of, window);
    writes.push(...moves);
    const limit = mul(builder, best, terms.lower(factor));
    return mul(builder, due, greaterEqual(builder, mean, limit));
  }
  const stop = model.stop && stalled(model.stop);

  const checks = writes.map(({ name, next: value }) => ({
    name: `check/${name}`,
    node: nonFinite(builder, value),
  }));
  const finite = finiteSoFar(inputs, flags, checks);
  for (const { name, old, next: value } of writes) {
    outputs.push({ kind: 'state', name, node: select(builder, finite, value, old) });
  }
  const flag = register(finiteFlag(CONTROLLER), 1);
  state.push(flag);
  outputs.push(
    { kind: 'state', name: flag.name, node: finite },
    { kind: 'value', name: 'finite', node: finite },
  );
  for (const check of checks) outputs.push({ kind: 'value', ...check });
  for (const [name, term] of model.metrics) {
    outputs.push({ kind: 'value', name: `metric/${name}`, node: terms.lower(term) });
  }
  if (stop !== undefined) outputs.push({ kind: 'value', name: 'stop', node: stop });
  return { phase: { ...inputs.build(outputs), repeat: { kind: 'number', value: 1 }, batch: 1 }, state };
}
