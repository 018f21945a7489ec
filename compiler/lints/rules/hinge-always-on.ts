/**
 * A margin that is never reached. The unit of a margin is that of the energy: as a mean over pixels in [-1, 1] no
 * squared error is above 4, and EBGAN's margin of 20 (for sums) never lets go.
 */
import { lossTerms } from '../../model/model-terms.js';
import { boundsOf } from '../facts/bounds.js';
import type { Lint, LintFinding } from '../lint.js';

export const hingeAlwaysOn: Lint = {
  severity: 'warning',
  find: (model) => {
    const bounds = boundsOf(model);
    return lossTerms(model).flatMap((term): readonly LintFinding[] => {
      if (term.kind !== 'apply' || (term.function !== 'hinge' && term.function !== 'relu')) return [];
      const [inner] = term.arguments;
      const [low] = bounds(inner!);
      if (!(low > 0) || inner!.kind === 'number') return [];
      return [
        {
          message: `\`${term.function}\` is never 0 here: what it is given is ${Number.isFinite(low) ? `at least ${rounded(low)}` : 'always above 0'}`,
          spans: [term.span],
          note: 'A margin works where energies can pass it. With the ranges of data and networks in this spec they cannot, so that samples are pushed away without end.',
          help: 'Choose the margin in the unit of the energy: a mean of squares of pixels between -1 and 1 is at most 4, and 1 is a usual margin.',
        },
      ];
    });
  },
};

const rounded = (value: number): string => String(Number(value.toPrecision(3)));
