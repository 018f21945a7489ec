/** A learning rate that looks like a slip: Adam and RMSProp move every weight by about the rate. */
import { constantValue } from '../../model/constant.js';
import type { Lint, LintFinding } from '../lint.js';

const LARGEST = 0.05;

export const largeRate: Lint = {
  severity: 'warning',
  find: (model) =>
    model.phases.flatMap(({ updates }) =>
      updates.flatMap(({ name, optimizer }): readonly LintFinding[] => {
        const rate = optimizer.kind === 'sgd' ? undefined : constantValue(optimizer.rate);
        if (rate === undefined || rate <= LARGEST) return [];
        return [
          {
            message: `\`${name}\` moves every weight by about ${rate} a step`,
            spans: [optimizer.rate.span],
            note: 'Adam and RMSProp divide gradients by their own size, so that the rate is the step; weights start at a few hundredths.',
            help: 'Usual rates are between 1e-5 and 1e-3.',
          },
        ];
      }),
    ),
};
