/** Gulrajani et al. 2017, algorithm 1: one epsilon per example, so that the mixture lies on the line between two examples. */
import { reachableTerms, type Term } from '../../model/term.js';
import { slopesOf, takenHere } from '../facts/slopes.js';
import type { Lint } from '../lint.js';

export const mixingPerNumber: Lint = {
  severity: 'warning',
  find: (model) =>
    slopesOf(model).flatMap((slope) =>
      reachableTerms([slope.gradient.wrt]).flatMap((term) => {
        if (term.kind !== 'apply' || term.function !== 'mul') return [];
        const noise = term.arguments.find((part) => part.kind === 'noise' && part.shape.length > 1);
        const between = term.arguments.find(isDifference);
        if (noise === undefined || between === undefined) return [];
        return [
          {
            message: 'Data and samples are mixed with another weight in every number',
            spans: [noise.span],
            ...takenHere(slope),
            note: 'The penalty is meant on the straight line between an example and a sample: one weight for all numbers of an example. Otherwise the points fill a box.',
            help: 'Write `uniform(0, 1, per=sample)`.',
          },
        ];
      }),
    ),
};

/** Something of the data minus something a network made, or the other way round. */
function isDifference(term: Term): boolean {
  if (term.kind !== 'apply' || term.function !== 'sub') return false;
  const kinds = term.arguments.map((side) => new Set(reachableTerms([side]).map(({ kind }) => kind)));
  const [a, b] = kinds;
  return (a!.has('data') && b!.has('network')) || (a!.has('network') && b!.has('data'));
}
