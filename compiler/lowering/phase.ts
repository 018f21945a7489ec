/**
 * A phase as one graph: all losses, all gradients at the same parameters, the optimiser steps, and the values the
 * controller reads. State moves only where everything is finite, so that a NaN freezes the last good state.
 */
import { add, div, maximum, minimum, mul, neg, select, sqrt, square, sum } from '../graph/construct.js';
import type { GraphOutput, NodeId } from '../graph/graph.js';
import { host } from '../model/functions/rule.js';
import type { PhaseModel, UpdateModel } from '../model/model.js';
import { finiteFlag } from '../program.js';
import type { HostExpression, Phase, StateDeclaration } from '../program.js';
import { compute, computeInParts, parametersOf, projectBefore, projected } from './computed.js';
import { finiteSoFar, nonFinite } from './finite.js';
import { GraphInputs, hostOf } from './graph-inputs.js';
import { optimizerStep } from './optimizer.js';
import { TermLowering } from './term.js';

export interface LoweredPhase {
  readonly phase: Phase;
  /** Moments and registers; parameters belong to the networks. */
  readonly state: readonly StateDeclaration[];
}

export interface PhaseOptions {
  readonly batch: number;
  /** How many parts its batch is computed in. */
  readonly parts: number;
  /** The flags of all phases and the controller. */
  readonly flags: readonly string[];
  /** Give losses and gradients as values `loss/UPDATE` and `gradient/UPDATE/PARAMETER`, for tests and exports. */
  readonly exposeGradients: boolean;
}

export function lowerPhase(
  model: PhaseModel,
  { batch, parts, flags, exposeGradients }: PhaseOptions,
): LoweredPhase {
  const inputs = new GraphInputs(model.name, batch * model.batch, 'update');
  const terms = new TermLowering(inputs);
  const { builder } = inputs;
  const outputs: GraphOutput[] = [];
  const state: StateDeclaration[] = [];
  const checks: { name: string; node: NodeId }[] = [];

  projectBefore(model, terms);
  const summed = parts > 1 ? computeInParts(model, inputs.batch / parts, parts) : undefined;
  if (summed !== undefined) state.push(...summed.state);
  const computed = summed?.read(inputs) ?? compute(model, terms);
  const { losses } = computed;
  model.updates.forEach((update, i) => {
    checks.push({ name: `check/loss/${update.name}`, node: nonFinite(builder, losses[i]!) });
    if (exposeGradients) outputs.push({ kind: 'value', name: `loss/${update.name}`, node: losses[i]! });
  });

  const writes: { name: string; old: NodeId; next: NodeId }[] = [];
  model.updates.forEach((update) => {
    const parameters = parametersOf(update);
    const gradients = clipped(computed.gradients(update), update.clipGradients, terms);
    parameters.forEach((parameter, j) => {
      const own = gradients[j]!;
      checks.push({ name: `check/${update.name}/${parameter.name}`, node: nonFinite(builder, own) });
      if (exposeGradients) {
        outputs.push({ kind: 'value', name: `gradient/${update.name}/${parameter.name}`, node: own });
      }
      const moved = builder.withOrigin({ label: `${update.name}/${parameter.name}`, span: update.span }, () =>
        optimizerStep(update.optimizer, update.name, parameter, own, terms),
      );
      const after = update.project?.when === 'after' ? update.project : undefined;
      for (const write of moved.writes) {
        const next =
          after !== undefined && write.name === parameter.name
            ? projected(write.next, after, terms)
            : write.next;
        writes.push({ ...write, next });
      }
      state.push(...moved.moments);
    });
  });

  const registers = [...model.registers.keys()].map((name) => {
    const declaration = register(`value/${model.name}/${name}`, 0);
    state.push(declaration);
    const node = computed.register(name);
    checks.push({ name: `check/value/${name}`, node: nonFinite(builder, node) });
    return { name: declaration.name, old: inputs.state(declaration.name, []), next: node };
  });

  for (const [name, { old, next }] of inputs.movedBuffers) writes.push({ name, old, next });

  const finite = finiteSoFar(inputs, flags, checks);
  for (const { name, old, next } of [...writes, ...registers]) {
    outputs.push({ kind: 'state', name, node: select(builder, finite, next, old) });
  }
  const flag = register(finiteFlag(model.name), 1);
  state.push(flag);
  outputs.push(
    { kind: 'state', name: flag.name, node: finite },
    { kind: 'value', name: 'finite', node: finite },
  );
  if (summed !== undefined) outputs.push(...summed.cleared(inputs));
  for (const check of checks) outputs.push({ kind: 'value', ...check });

  return {
    phase: {
      ...inputs.build(outputs),
      repeat: repetitions(model),
      batch: inputs.batch,
      parts: summed?.parts,
    },
    state,
  };
}

/** `repeat`, in the steps that `every` lets through. */
function repetitions(model: PhaseModel): HostExpression {
  const repeat: HostExpression = model.repeat ? hostOf(model.repeat) : { kind: 'number', value: 1 };
  if (model.every === undefined) return repeat;
  const zero: HostExpression = { kind: 'number', value: 0 };
  const rest = host('mod', { kind: 'step' }, hostOf(model.every));
  return host('where', host('equal', rest, zero), repeat, zero);
}

/** Scaled down to a norm over all of them together (Pascanu et al. 2013), or cut number by number. */
function clipped(
  gradients: readonly NodeId[],
  clip: UpdateModel['clipGradients'],
  terms: TermLowering,
): readonly NodeId[] {
  if (clip === undefined) return gradients;
  const { builder } = terms.inputs;
  const limit = terms.lower(clip.limit);
  if (clip.kind === 'value') {
    return gradients.map((own) => minimum(builder, maximum(builder, own, neg(builder, limit)), limit));
  }
  const squares = gradients.map((own) => sum(builder, square(builder, own)));
  const norm = sqrt(
    builder,
    squares.reduce((total, own) => add(builder, total, own)),
  );
  const factor = div(builder, limit, maximum(builder, norm, limit));
  return gradients.map((own) => mul(builder, own, factor));
}

/** A number that the controller or other phases read. */
export function register(name: string, value: number): StateDeclaration {
  return { name, shape: [], role: 'register', init: { kind: 'constant', value } };
}
