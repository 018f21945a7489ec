/** A plateau, or a stop, that compares windows the run is too short for: two of them must pass before it can act. */
import { constantValue } from '../../model/constant.js';
import type { Term } from '../../model/term.js';
import type { Span } from '../../../spec/diagnostics/diagnostic.js';
import type { Lint, LintFinding } from '../lint.js';

export const windowBeyondRun: Lint = {
  severity: 'warning',
  find: (model) => {
    const run = model.spec.train.steps;
    const judge = (what: string, window: Term, place: Span): readonly LintFinding[] => {
      const steps = constantValue(window);
      if (steps === undefined || 2 * steps <= run.value) return [];
      return [
        {
          message: `${what} compares windows of ${steps} steps, and the run has ${run.value}`,
          spans: [place],
          related: [{ message: 'the run', span: run.span }],
          note: 'The first comparison is possible when two windows have passed; here that never happens.',
          help: `Write a window of at most ${Math.floor(run.value / 2)}, or train longer.`,
        },
      ];
    };
    return [
      ...model.state.flatMap((state) =>
        state.kind === 'plateau'
          ? judge(`The plateau \`${state.name}\``, state.window, state.window.span)
          : [],
      ),
      ...(model.stop === undefined ? [] : judge('`stalled`', model.stop.window, model.stop.window.span)),
    ];
  },
};
