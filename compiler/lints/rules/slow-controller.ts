/**
 * A controller that cannot travel in the time it has. BEGAN's k starts at 0 and has to come to about a tenth before
 * it balances anything; it moves by lambda_k (gamma L(x) - L(G(z))) a step. The paper's lambda_k = .001 is meant for
 * 10^5 steps and more.
 */
import { constantValue } from '../../model/constant.js';
import type { Model, StateModel } from '../../model/model.js';
import type { Term } from '../../model/term.js';
import { boundsOf } from '../facts/bounds.js';
import type { Interval } from '../facts/interval.js';
import type { Lint } from '../lint.js';

/** Losses of trained auto-encoders are about so much of the largest there could be (measured on faces: .1 of 2). */
const TYPICAL_SHARE = 0.05;
/** k of runs that balance comes to .1 and more (measured on faces and reported by users: .08 to .2). */
const USEFUL_TRAVEL = 0.1;
/** Shorter runs are trials. */
const TRIAL = 200;

export const slowController: Lint = {
  severity: 'warning',
  find: (model) => {
    const run = model.spec.train.steps;
    if (run.value < TRIAL) return [];
    const bounds = boundsOf(model);
    return model.state.flatMap((state) => {
      const step = state.kind === 'next' ? increment(state, model, bounds) : undefined;
      if (step === undefined || !Number.isFinite(step.largest) || step.largest <= 0) return [];
      const travel = step.gain * run.value * step.largest * TYPICAL_SHARE;
      const range = step.limits[1] - step.limits[0];
      if (travel >= USEFUL_TRAVEL * range) return [];
      return [
        {
          message: `\`${state.name}\` can move about ${rounded(travel)} in ${run.value} steps`,
          spans: [step.place],
          related: [{ message: 'the run', span: run.span }],
          note: `It moves by ${rounded(step.gain)} times a difference of losses, which is typically about ${rounded(step.largest * TYPICAL_SHARE)}. A controller of this kind has an effect from about ${rounded(USEFUL_TRAVEL * range)} on.`,
          help: `Raise the gain to about ${rounded((step.gain * USEFUL_TRAVEL * range) / travel)}, or train longer.`,
        },
      ];
    });
  },
};

/** state + gain * difference, clipped to two limits. */
function increment(
  state: Extract<StateModel, { kind: 'next' }>,
  model: Model,
  bounds: (term: Term) => Interval,
) {
  const { next } = state;
  if (next.kind !== 'apply' || next.function !== 'clip') return undefined;
  const [sum, low, high] = next.arguments;
  const limits = [constantValue(low!), constantValue(high!)];
  if (sum!.kind !== 'apply' || sum!.function !== 'add' || limits[0] === undefined || limits[1] === undefined)
    return undefined;
  const [own, moved] = sum!.arguments;
  if (own!.kind !== 'state' || own!.name !== state.name) return undefined;
  if (moved!.kind !== 'apply' || moved!.function !== 'mul') return undefined;
  const [gainTerm, difference] = moved!.arguments;
  const gain = constantValue(gainTerm!);
  if (gain === undefined || gain <= 0) return undefined;
  return {
    gain,
    largest: bounds(difference!)[1],
    limits: limits as [number, number],
    place: userPlace(gainTerm!, next, model),
  };
}

/** The gain where the user wrote it; else the whole equation. */
const userPlace = (gain: Term, next: Term, model: Model) =>
  [model.spec.source, ...(model.spec.bases ?? [])].includes(gain.span.file) ? gain.span : next.span;

const rounded = (value: number): string => String(Number(value.toPrecision(2)));
