/** A critic whose score is squashed: its differences, squares and hinges vanish where it is sure. */
import { isScore, networkRead, readingsOfUpdates } from '../facts/readings.js';
import { lastActivationOf } from '../facts/last-activation.js';
import type { Lint } from '../lint.js';

const WHAT = {
  linear: 'takes its score as it is',
  squared: 'squares its distance from a target',
  hinged: 'cuts its score at a margin',
} as const;

export const boundedScore: Lint = {
  severity: 'warning',
  find: (model) =>
    readingsOfUpdates(model).flatMap(({ manner, read, update }) => {
      const of = networkRead(read);
      if (of === undefined || !isScore(read)) return [];
      if (manner !== 'linear' && manner !== 'squared' && manner !== 'hinged') return [];
      const last = lastActivationOf(of.network, of.branch);
      if (last?.kind !== 'sigmoid' && last?.kind !== 'tanh' && last?.kind !== 'softmax') return [];
      return [
        {
          message: `\`${of.network.name}\` ends in \`${last.kind}\`, and \`${update.name}\` ${WHAT[manner]}`,
          spans: last.spans,
          related: [{ message: 'the loss that reads it', span: update.minimize.span }],
          note: `Behind \`${last.kind}\` the score cannot grow, and where it is near its end no gradient is left for the generator.`,
          help: `Remove \`${last.kind}\` from the end of \`${of.network.name}\`.`,
        },
      ];
    }),
};
