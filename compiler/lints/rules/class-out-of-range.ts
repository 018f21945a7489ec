/** A class number that no score belongs to, such as the class of samples in a game of N classes and one more. */
import { lossTerms } from '../../model/model-terms.js';
import { boundsOf } from '../facts/bounds.js';
import type { Lint, LintFinding } from '../lint.js';

export const classOutOfRange: Lint = {
  severity: 'warning',
  find: (model) => {
    const bounds = boundsOf(model);
    return lossTerms(model).flatMap((term): readonly LintFinding[] => {
      if (term.kind !== 'apply' || (term.function !== 'cross_entropy' && term.function !== 'at_class'))
        return [];
      const [scores, label] = term.arguments;
      const [low, high] = bounds(label!);
      const count = scores!.shape.at(-1);
      if (typeof count !== 'number' || !Number.isFinite(low) || !Number.isFinite(high)) return [];
      if (low >= 0 && high <= count - 1) return [];
      const classes = low === high ? `The class is ${low}` : `The class lies between ${low} and ${high}`;
      return [
        {
          message: `${classes} here, and there are ${count} scores, for the classes 0 to ${count - 1}`,
          spans: [label!.span],
          related: [{ message: 'the scores', span: scores!.span }],
          note: 'A class beyond the scores has none: what is taken of it is 0 for every network.',
          help:
            low >= 0
              ? `Give the network ${high + 1} scores, or choose a class from 0 to ${count - 1}.`
              : `Choose a class from 0 to ${count - 1}.`,
        },
      ];
    });
  },
};
