/** A schedule that the run ends before. */
import type { Span } from '../../../spec/diagnostics/diagnostic.js';
import { constantValue } from '../../model/constant.js';
import { reachableTerms, type Term } from '../../model/term.js';
import { modelTerms } from '../../model/model-terms.js';
import type { Lint } from '../lint.js';

export const scheduleBeyondRun: Lint = {
  severity: 'warning',
  find: (model) => {
    const run = model.spec.train.steps.value;
    const schedules = modelTerms(model).filter((term) => term.kind === 'schedule');
    return schedules.flatMap((schedule) => {
      const ends = reachableTerms([schedule.body]).flatMap((term) => end(term) ?? []);
      const last = Math.max(0, ...ends.map(({ step }) => step));
      if (last <= run) return [];
      const spans: [Span, ...Span[]] = [model.spec.schedules.get(schedule.name)?.span ?? schedule.span];
      return [
        {
          message: `The schedule \`${schedule.name}\` ends at step ${last}, and the run at step ${run}`,
          spans,
          related: [{ message: 'the run', span: model.spec.train.steps.span }],
          note: 'The run stops somewhere on the way: its last value is not the one that is written.',
          help: 'Write the duration as a share of the run, such as `50%`, or train longer.',
        },
      ];
    });
  },
};

/** Where a ramp (step - start) / duration or a comparison step < bound ends. */
function end(term: Term): { readonly step: number } | undefined {
  if (term.kind !== 'apply') return undefined;
  const [a, b] = term.arguments;
  if (term.function === 'less' && a!.kind === 'step') return known(constantValue(b!));
  if (term.function !== 'clip' || a!.kind !== 'apply' || a!.function !== 'div') return undefined;
  const [passed, duration] = a!.arguments;
  if (passed!.kind !== 'apply' || passed!.function !== 'sub' || passed!.arguments[0]!.kind !== 'step')
    return undefined;
  const start = constantValue(passed!.arguments[1]!);
  const length = constantValue(duration!);
  return start === undefined || length === undefined ? undefined : known(start + length);
}

const known = (step: number | undefined) => (step === undefined || Number.isNaN(step) ? undefined : { step });
