import type { DataSpec, ImageOptions, ImagesData, NoiseSpec } from '../spec.js';
import type { YamlNode } from '../yaml/node.js';
import { entryOf, itemsOf, valueOf } from '../yaml/node.js';
import type { Reader } from './reader.js';

export function readData(reader: Reader, node: YamlNode): DataSpec {
  const options = readImageOptions(reader, node);
  if (entryOf(node, 'facesjs') !== undefined) {
    return {
      kind: 'facesjs',
      span: node.span,
      ...options,
      count: reader.number(valueOf(node, 'facesjs')).value,
      background: reader.textOr(valueOf(node, 'background'), 'plain') === 'pastel' ? 'pastel' : 'plain',
      seed: reader.numberOr(node, 'seed', 1).value,
    };
  }
  return {
    kind: 'images',
    span: node.span,
    ...options,
    path: reader.text(valueOf(node, 'images')),
    crop: readCrop(reader, valueOf(node, 'crop')),
  };
}

function readImageOptions(reader: Reader, node: YamlNode): ImageOptions {
  const size = valueOf(node, 'size');
  const [height, width] = size?.kind === 'sequence' ? size.items : [size, size];
  const range = valueOf(node, 'range');
  const [dark, bright] = itemsOf(range);
  return {
    size:
      size?.kind === 'sequence'
        ? { height: reader.expression(height), width: reader.expression(width) }
        : square(reader, size),
    channels: reader.expressionOr(node, 'channels', 3),
    range: range === undefined ? [-1, 1] : [reader.number(dark).value, reader.number(bright).value],
    flip: reader.textOr(valueOf(node, 'flip'), 'none') === 'horizontal' ? 'horizontal' : 'none',
  };
}

function square(reader: Reader, size: YamlNode | undefined): ImageOptions['size'] {
  const side = reader.expression(size);
  return { height: side, width: side };
}

function readCrop(reader: Reader, node: YamlNode | undefined): ImagesData['crop'] {
  if (node === undefined || node.kind === 'scalar') return 'centre';
  const [left, top, width, height] =
    node.kind === 'sequence'
      ? node.items
      : (['left', 'top', 'width', 'height'] as const).map((side) => valueOf(node, side));
  return {
    left: reader.number(left).value,
    top: reader.number(top).value,
    width: reader.number(width).value,
    height: reader.number(height).value,
  };
}

export function readNoise(reader: Reader, node: YamlNode): NoiseSpec {
  const normal = valueOf(node, 'normal');
  const [first, second] = itemsOf(normal ?? valueOf(node, 'uniform'));
  return {
    span: node.span,
    distribution: normal === undefined ? 'uniform' : 'normal',
    parameters: [reader.expression(first), reader.expression(second)],
    shape: itemsOf(valueOf(node, 'shape')).map((item) => reader.expression(item)),
  };
}
