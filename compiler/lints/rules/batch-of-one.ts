/** Statistics of a batch of one: its variance is 0, whatever the example. */
import type { Span } from '../../../spec/diagnostics/diagnostic.js';
import { flattenLayers, type LayerModel } from '../../model/network.js';
import { callsOfUpdates } from '../facts/calls.js';
import type { Lint, LintFinding } from '../lint.js';

export const batchOfOne: Lint = {
  severity: 'warning',
  find: (model) => {
    const { batch } = model.spec.train;
    if (batch.value !== 1) return [];
    const networks = new Set(
      callsOfUpdates(model).flatMap(({ calls }) => calls.map(({ network }) => network)),
    );
    return [...networks].flatMap((network): readonly LintFinding[] => {
      const norm = flattenLayers(network.layers).find(isFlatBatchNorm);
      if (norm === undefined) return [];
      return [
        {
          message: `\`${network.name}\` takes the statistics of a batch, and a batch is one example`,
          spans: norm.spans as readonly [Span, ...Span[]],
          related: [{ message: 'the batch', span: batch.span }],
          note: 'The mean of one example is the example itself: what is left of it is 0.',
          help: 'Train with a larger `batch`, or use `layer_norm`.',
        },
      ];
    });
  },
};

/** Over pictures the pixels of one example still vary. */
const isFlatBatchNorm = (layer: LayerModel): boolean =>
  layer.kind === 'norm' && layer.over === 'batch' && layer.inputShape.length === 2;
