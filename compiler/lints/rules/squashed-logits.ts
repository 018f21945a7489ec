/** Softmax before a cross entropy, sigmoid before a softplus: squashed twice. */
import { networkRead, readingsOfUpdates } from '../facts/readings.js';
import { lastActivationOf, type LastActivation } from '../facts/last-activation.js';
import type { Lint, LintFinding } from '../lint.js';

export const squashedLogits: Lint = {
  severity: 'warning',
  find: (model) =>
    readingsOfUpdates(model).flatMap(({ manner, by, read, update }): readonly LintFinding[] => {
      if (manner !== 'logits' && manner !== 'softplus') return [];
      const reader = by?.kind === 'apply' ? by.function : manner;
      const note = `\`${reader}\` takes logits, numbers of any size, and squashes them itself. Squashed twice, even a sure and right answer costs, and gradients are small.`;
      const related = by === undefined ? [] : [{ message: `\`${reader}\` is taken here`, span: by.span }];
      if (read.kind === 'apply') {
        return [
          {
            message: `\`${reader}\` is given the result of \`${read.function}\``,
            spans: [read.span],
            related,
            note,
            help: `Give \`${reader}\` what \`${read.function}\` is given here.`,
          },
        ];
      }
      const of = networkRead(read);
      const last = of && lastActivationOf(of.network, of.branch);
      if (of === undefined || last === undefined || !SQUASHES.has(last.kind)) return [];
      return [
        {
          message: `\`${of.network.name}\` ends in \`${last.kind}\`, and \`${update.name}\` takes its \`${reader}\``,
          spans: last.spans,
          related,
          note,
          help: `Remove \`${last.kind}\`; where probabilities are wanted, write \`${last.kind === 'softmax' ? 'softmax' : 'sigmoid'}(...)\` in the equation.`,
        },
      ];
    }),
};

const SQUASHES = new Set<LastActivation['kind']>(['softmax', 'sigmoid', 'tanh']);
