/** log(sigmoid(x)) is 0 or -infinity in float32 long before its gradient is; the joined form is exact. */
import { networkRead, readingsOfUpdates } from '../facts/readings.js';
import { lastActivationOf } from '../facts/last-activation.js';
import type { Lint, LintFinding } from '../lint.js';

export const logarithmOfProbability: Lint = {
  severity: 'warning',
  find: (model) =>
    readingsOfUpdates(model).flatMap(({ manner, by, read }): readonly LintFinding[] => {
      if (manner !== 'logarithm' || by === undefined) return [];
      const of = networkRead(read);
      const squash =
        read.kind === 'apply' ? read.function : of && lastActivationOf(of.network, of.branch)?.kind;
      if (squash !== 'sigmoid' && squash !== 'softmax') return [];
      return [
        {
          message: `\`log\` is taken of a \`${squash}\``,
          spans: [by.span],
          note: 'Rounded to 0 or 1 a probability has no finite logarithm, and the run stops at a number that is not finite.',
          help:
            squash === 'sigmoid'
              ? 'Work with the logit a: `-log(sigmoid(a))` is `softplus(-a)`, `-log(1 - sigmoid(a))` is `softplus(a)`.'
              : 'Use `log_softmax(...)` or `cross_entropy(logits, y)` of the logits.',
        },
      ];
    }),
};
