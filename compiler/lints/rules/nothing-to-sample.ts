/** A run that nothing can be drawn from afterwards. */
import { reachableTerms } from '../../model/term.js';
import type { Lint } from '../lint.js';

export const nothingToSample: Lint = {
  severity: 'information',
  find: (model) => {
    const drawn = [...model.outputs.values()].some((output) =>
      reachableTerms([output]).some((term) => term.kind === 'noise'),
    );
    if (drawn || model.phases.every(({ updates }) => updates.every((update) => !drawsNoise(update.minimize))))
      return [];
    const [output] = model.spec.outputs.values();
    return [
      {
        message: 'No output draws samples',
        spans: [(output ?? model.spec.train).span],
        note: 'Sample pictures, `sample` and exports are made from `outputs`.',
        help: 'Write `outputs: { generate: G(z) }`.',
      },
    ];
  },
};

const drawsNoise = (term: Parameters<typeof reachableTerms>[0][number]): boolean =>
  reachableTerms([term]).some((part) => part.kind === 'noise');
