/** Reported by users of WGAN-GP: ELU critics that did not converge where ReLU ones did. */
import type { Span } from '../../../spec/diagnostics/diagnostic.js';
import { flattenLayers } from '../../model/network.js';
import { slopesOf, takenHere } from '../facts/slopes.js';
import type { Lint } from '../lint.js';

export const eluUnderPenalty: Lint = {
  severity: 'information',
  find: (model) =>
    slopesOf(model).flatMap((slope) =>
      slope.through.flatMap((network) => {
        const elu = flattenLayers(network.layers).find(
          (layer) => layer.kind === 'activation' && (layer.function === 'elu' || layer.function === 'selu'),
        );
        if (elu === undefined) return [];
        return [
          {
            message: `\`${network.name}\` uses \`${elu.kind === 'activation' ? elu.function : 'elu'}\`, and \`${slope.update.name}\` penalises its slope`,
            spans: elu.spans as readonly [Span, ...Span[]],
            ...takenHere(slope),
            note: 'The second derivative of ELU jumps at 0, and users report critics of this kind that do not converge.',
            help: 'If the critic does not settle, use `relu` or `leaky_relu`, a lower rate, or `beta1: 0`.',
          },
        ];
      }),
    ),
};
