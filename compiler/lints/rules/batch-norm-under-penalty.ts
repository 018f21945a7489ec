/** Gulrajani et al. 2017, section 4: the penalty is on the slope of each example alone, and batch norm couples them. */
import type { Span } from '../../../spec/diagnostics/diagnostic.js';
import { flattenLayers } from '../../model/network.js';
import { slopesOf, takenHere } from '../facts/slopes.js';
import type { Lint } from '../lint.js';

export const batchNormUnderPenalty: Lint = {
  severity: 'warning',
  find: (model) =>
    slopesOf(model).flatMap((slope) =>
      slope.through.flatMap((network) => {
        const norm = flattenLayers(network.layers).find(
          (layer) => layer.kind === 'norm' && layer.over === 'batch',
        );
        if (norm === undefined) return [];
        return [
          {
            message: `\`${network.name}\` has batch norm, and \`${slope.update.name}\` penalises its slope`,
            spans: norm.spans as readonly [Span, ...Span[]],
            ...takenHere(slope),
            note: 'With batch norm the output for one example depends on all of the batch, so that the slope in one example is not what the penalty is meant to bound.',
            help: 'Use `layer_norm` or `instance_norm`, or no norm in this network.',
          },
        ];
      }),
    ),
};
