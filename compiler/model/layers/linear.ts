/** Layers with a weight tensor: dense, convolutions, maxout, embedding. */
import type { Expression } from '../../../spec/expression/expression.js';
import { LAYERS } from '../../../spec/schema/layers.js';
import type { LayerOption } from '../../../spec/spec.js';
import type { Padding2D } from '../../graph/graph.js';
import { didYouMean } from '../refusal.js';
import { elementCount, formatShape, perSample } from '../symbolic-shape.js';
import { one, type Built, type LayerContext } from './layer-context.js';

export function dense(c: LayerContext): Built {
  const units = c.integer('units', 1);
  const path = c.path('dense');
  const fanIn = elementCount(perSample(c.input));
  return one({
    ...c.base(path, ['B', units]),
    kind: 'dense',
    weight: c.weight(path, [fanIn, units], fanIn),
    bias: c.bias(path, units),
  });
}

export function conv(c: LayerContext): Built {
  const [height, width, channels] = c.image();
  const filters = c.integer('filters', 1);
  const groups = c.integer('groups', 1, 1);
  const kernel = c.pair('kernel', 3);
  const strides = c.pair('stride', 1);
  if (channels % groups !== 0 || filters % groups !== 0) {
    throw c.refusal({
      code: 'model/shape-mismatch',
      message: `Channels ${channels} -> ${filters} cannot be split into ${groups} groups`,
      note: 'The number of groups must divide the channels before and after.',
    });
  }
  const padding = convPadding(c, [height, width], kernel, strides);
  const out = [0, 1].map(
    (axis) =>
      Math.floor(
        ([height, width][axis]! + padding[axis]![0] + padding[axis]![1] - kernel[axis]!) / strides[axis]!,
      ) + 1,
  );
  if (out.some((size) => size < 1)) {
    throw c.refusal({
      code: 'model/shape-mismatch',
      message: `A ${kernel.join(' x ')} kernel does not fit into ${height} x ${width}`,
    });
  }
  const path = c.path('conv');
  const perGroup = channels / groups;
  return one({
    ...c.base(path, ['B', out[0]!, out[1]!, filters]),
    kind: 'conv',
    strides,
    padding,
    groups,
    weight: c.weight(path, [kernel[0], kernel[1], perGroup, filters], kernel[0] * kernel[1] * perGroup),
    bias: c.bias(path, filters),
  });
}

export function transposedConv(c: LayerContext): Built {
  const [height, width, channels] = c.image();
  const filters = c.integer('filters', 1);
  const kernel = c.pair('kernel', 4);
  const strides = c.pair('stride', 2);
  const option = c.spec.options.get('padding');
  const sides = option?.value instanceof Map ? sidesOf(c, option) : undefined;
  // The full result has (n - 1) stride + kernel; `same` cuts it to n stride, the odd one at the bottom right.
  const full = [height, width].map((size, axis) => (size - 1) * strides[axis]! + kernel[axis]!);
  const padding =
    sides ??
    ([height, width].map((size, axis) => {
      const cut = Math.max(0, full[axis]! - size * strides[axis]!);
      return [Math.floor(cut / 2), Math.ceil(cut / 2)];
    }) as unknown as Padding2D);
  const size = [0, 1].map((axis) =>
    sides === undefined
      ? [height, width][axis]! * strides[axis]!
      : full[axis]! - padding[axis]![0] - padding[axis]![1],
  );
  if (size.some((s) => s < 1)) {
    throw c.refusal({ code: 'model/shape-mismatch', message: 'The padding cuts everything off' });
  }
  const path = c.path('transposed_conv');
  // Each output is reached by about kernel / stride positions per axis.
  const fanIn = Math.max(1, Math.round((kernel[0] * kernel[1] * channels) / (strides[0] * strides[1])));
  return one({
    ...c.base(path, ['B', size[0]!, size[1]!, filters]),
    kind: 'transposed_conv',
    strides,
    padding,
    // As the filter of the convolution it is the gradient of: from `filters` channels to `channels`.
    weight: c.weight(path, [kernel[0], kernel[1], filters, channels], fanIn),
    bias: c.bias(path, filters),
  });
}

export function maxout(c: LayerContext): Built {
  const units = c.integer('units', 1);
  const pieces = c.integer('pieces', 2, 2);
  const path = c.path('maxout');
  const fanIn = elementCount(perSample(c.input));
  return one({
    ...c.base(path, ['B', units]),
    kind: 'maxout',
    pieces,
    weight: c.weight(path, [fanIn, units * pieces], fanIn),
    bias: c.bias(path, units * pieces),
  });
}

export function embedding(c: LayerContext): Built {
  const labels = c.has('of') ? c.tensor('of') : undefined;
  const { shape, classes } = labels ?? c.current;
  if (classes === undefined || shape.length !== 1) {
    throw c.refusal({
      code: 'model/shape-mismatch',
      message: `\`embedding\` needs class numbers, and its input has shape ${formatShape(shape)}`,
      note: 'Class numbers come from a `labels` stream or from `categorical` noise.',
    });
  }
  const units = c.integer('units', 1);
  const path = c.path('embedding');
  return one({
    ...c.base(path, ['B', units]),
    kind: 'embedding',
    of: labels,
    // A row is read, not summed: its fan-in is 1.
    weight: c.weight(path, [classes, units], 1),
  });
}

function convPadding(
  c: LayerContext,
  size: readonly [number, number],
  kernel: readonly [number, number],
  strides: readonly [number, number],
): Padding2D {
  const option = c.spec.options.get('padding');
  const same = (axis: 0 | 1): readonly [number, number] => {
    const out = Math.ceil(size[axis] / strides[axis]);
    const total = Math.max(0, (out - 1) * strides[axis] + kernel[axis] - size[axis]);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  };
  const half = (axis: 0 | 1): readonly [number, number] => [
    Math.floor(kernel[axis] / 2),
    Math.floor(kernel[axis] / 2),
  ];
  if (option === undefined) return [same(0), same(1)];
  if (option.value instanceof Map) return sidesOf(c, option);
  const word = c.word('padding').value;
  switch (word) {
    case 'same':
      return [same(0), same(1)];
    case 'half':
      return [half(0), half(1)];
    case 'none':
      return [
        [0, 0],
        [0, 0],
      ];
    default:
      throw c.refusal({
        code: 'schema/value',
        message: `\`${word}\` is not a padding`,
        span: option.span,
        help: didYouMean(word, LAYERS.conv.options.padding.words) ?? 'Write `same`, `half` or `none`.',
      });
  }
}

function sidesOf(c: LayerContext, option: LayerOption): Padding2D {
  const sides = option.value as ReadonlyMap<string, LayerOption>;
  const side = (name: string): number => {
    const written = sides.get(name);
    return written === undefined ? 0 : c.extent(written.value as Expression, `\`${name}\` of \`padding\``, 0);
  };
  return [
    [side('top'), side('bottom')],
    [side('left'), side('right')],
  ];
}
