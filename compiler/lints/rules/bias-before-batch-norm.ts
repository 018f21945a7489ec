/** Batch norm subtracts the mean, and any bias with it. */
import type { Span } from '../../../spec/diagnostics/diagnostic.js';
import type { LayerModel } from '../../model/network.js';
import type { Lint, LintFinding } from '../lint.js';

export const biasBeforeBatchNorm: Lint = {
  severity: 'information',
  find: (model) => model.networks.flatMap((network) => within(network.layers)),
};

function within(layers: readonly LayerModel[]): readonly LintFinding[] {
  return layers.flatMap((layer, i): readonly LintFinding[] => {
    if (layer.kind === 'residual' || layer.kind === 'branch') return within(layer.layers);
    const next = layers[i + 1];
    const biased =
      (layer.kind === 'dense' || layer.kind === 'conv' || layer.kind === 'transposed_conv') &&
      layer.bias !== undefined;
    if (!biased || next?.kind !== 'norm' || next.over !== 'batch') return [];
    return [
      {
        message: `The bias of this \`${layer.kind}\` is taken away again by batch norm`,
        spans: layer.spans as readonly [Span, ...Span[]],
        note: 'Batch norm subtracts the mean of every channel; it has an offset of its own.',
        help: 'Write `bias: false`.',
      },
    ];
  });
}
