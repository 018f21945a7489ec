/** Layers that change height and width without weights. */
import { one, type Built, type LayerContext } from './layer-context.js';

export function enlarge(c: LayerContext, method: 'nearest' | 'bilinear'): Built {
  const [height, width, channels] = c.image();
  const factor = c.pair('factor');
  return one({
    ...c.base(c.path(c.spec.kind), ['B', height * factor[0], width * factor[1], channels]),
    kind: 'enlarge',
    method,
    factor,
  });
}

export function pool(c: LayerContext, reduce: 'average' | 'max'): Built {
  const [height, width, channels] = c.image();
  const size = c.pair('size');
  if (height % size[0] !== 0 || width % size[1] !== 0) {
    throw c.refusal({
      code: 'model/shape-mismatch',
      message: `A picture of ${height} x ${width} cannot be cut into ${size.join(' x ')} windows`,
      note: 'Pooling windows do not overlap and must cover the picture.',
    });
  }
  return one({
    ...c.base(c.path(c.spec.kind), ['B', height / size[0], width / size[1], channels]),
    kind: 'pool',
    reduce,
    size,
  });
}

export function decimate(c: LayerContext): Built {
  const [height, width, channels] = c.image();
  const stride = c.pair('stride');
  return one({
    ...c.base(c.path('decimate'), [
      'B',
      Math.ceil(height / stride[0]),
      Math.ceil(width / stride[1]),
      channels,
    ]),
    kind: 'decimate',
    stride,
  });
}
