import { DATA_KIND_NAMES } from '../schema/data-kinds.js';
import type { DataSpec, ImageOptions, ImagesData, SelectionOptions } from '../spec.js';
import type { YamlNode } from '../yaml/node.js';
import { readAlphabet } from './alphabet.js';
import { entryOf, itemsOf, valueOf } from '../yaml/node.js';
import type { Reader } from './reader.js';

export function readData(reader: Reader, node: YamlNode): DataSpec {
  const kind = DATA_KIND_NAMES.find((name) => entryOf(node, name) !== undefined);
  if (kind === undefined) reader.missing();
  return READERS[kind ?? 'images'](reader, node);
}

const READERS: Readonly<{
  [Kind in DataSpec['kind']]: (reader: Reader, node: YamlNode) => Extract<DataSpec, { kind: Kind }>;
}> = {
  images: (reader, node) => {
    const labels = valueOf(node, 'labels');
    checkSubset(reader, node, labels, 'beside it');
    return {
      kind: 'images',
      span: node.span,
      ...readImageOptions(reader, node, 3),
      ...readSelection(reader, node),
      path: reader.text(valueOf(node, 'images')),
      crop: readCrop(reader, valueOf(node, 'crop')),
      labels: reader.optionalText(labels),
      classes: readClasses(reader, node, labels, 'beside it'),
    };
  },

  facesjs: (reader, node) => {
    const labels = valueOf(node, 'labels');
    checkSubset(reader, node, labels, 'beside it');
    return {
      kind: 'facesjs',
      span: node.span,
      ...readImageOptions(reader, node, 3),
      ...readSelection(reader, node),
      count: reader.number(valueOf(node, 'facesjs')).value,
      background: reader.choiceOr(node, 'background', ['plain', 'pastel']),
      seed: reader.numberOr(node, 'seed', 1).value,
      labels: labels === undefined ? undefined : reader.choice(labels, ['glasses', 'beard', 'hat', 'hair']),
    };
  },

  mnist: (reader, node) => ({
    kind: 'mnist',
    span: node.span,
    ...readImageOptions(reader, node, 1),
    ...readSelection(reader, node, 'mnist'),
  }),

  fashion_mnist: (reader, node) => ({
    kind: 'fashion_mnist',
    span: node.span,
    ...readImageOptions(reader, node, 1),
    ...readSelection(reader, node),
    part: reader.choice(valueOf(node, 'fashion_mnist'), ['train', 'test']),
    folder: reader.optionalText(valueOf(node, 'folder')),
  }),

  idx: (reader, node) => {
    const files = valueOf(node, 'idx');
    const labels = valueOf(files, 'labels');
    checkSubset(reader, node, labels, 'inside `idx`');
    return {
      kind: 'idx',
      span: node.span,
      ...readImageOptions(reader, node, 1),
      ...readSelection(reader, node),
      images: reader.text(valueOf(files, 'images')),
      labels: reader.optionalText(labels),
      classes: readClasses(reader, node, labels, 'inside `idx`'),
    };
  },

  points: (reader, node) => ({
    kind: 'points',
    span: node.span,
    ...readSelection(reader, node),
    set: reader.choice(valueOf(node, 'points'), [
      'gaussians_8',
      'gaussians_25',
      'ring',
      'swiss_roll',
      'two_gaussians',
      'circles',
    ]),
    count: reader.number(valueOf(node, 'count')).value,
    seed: reader.numberOr(node, 'seed', 1).value,
  }),

  text: (reader, node) => ({
    kind: 'text',
    span: node.span,
    ...readPart(reader, node),
    path: reader.text(valueOf(node, 'text')),
    length: reader.expression(valueOf(node, 'length')),
    alphabet: readAlphabet(reader, valueOf(node, 'alphabet')),
    by: reader.choiceOr(node, 'by', ['lines', 'windows']),
  }),

  labels: (reader, node) => ({
    kind: 'labels',
    span: node.span,
    of: reader.text(valueOf(node, 'labels')),
  }),
};

/** Kinds whose pictures have a natural size do without `size`. */
const NATURAL_SIDE = 28;

function readImageOptions(reader: Reader, node: YamlNode, channels: number): ImageOptions {
  const range = valueOf(node, 'range');
  const [dark, bright] =
    range === undefined ? [-1, 1] : itemsOf(range).map((end) => reader.number(end).value);
  // Where it is no list of two the schema has said so.
  if (range !== undefined && dark !== undefined && bright !== undefined && !(dark < bright)) {
    reader.report({
      code: 'schema/value',
      severity: 'error',
      message: `\`range\` must rise, and it goes from ${dark} to ${bright}`,
      span: range.span,
      note: 'It says what black and white become.',
      help: 'Write `range: [-1, 1]`.',
    });
  }
  return {
    size: readSize(reader, node),
    channels: reader.expressionOr(node, 'channels', channels),
    range: [dark!, bright!],
    flip: reader.choiceOr(node, 'flip', ['none', 'horizontal']),
  };
}

function readSize(reader: Reader, node: YamlNode): ImageOptions['size'] {
  const size = valueOf(node, 'size');
  if (size?.kind === 'sequence') {
    const [height, width] = size.items;
    return { height: reader.expression(height), width: reader.expression(width) };
  }
  const side = reader.expressionOr(node, 'size', NATURAL_SIDE);
  return { height: side, width: side };
}

/** `split` is the key that says the part: some kinds say it with their own. */
function readPart(
  reader: Reader,
  node: YamlNode,
  key = 'split',
): Pick<SelectionOptions, 'split' | 'heldOut'> {
  const part = valueOf(node, key);
  const split = part === undefined ? undefined : reader.choice(part, ['all', 'train', 'test']);
  const heldOut = entryOf(node, 'held_out');
  if (heldOut !== undefined && (split === undefined || split === 'all')) {
    reader.report({
      code: 'schema/value',
      severity: 'error',
      message: '`held_out` says nothing where all examples are used',
      span: heldOut.keySpan,
      note: 'It is the share of the examples that `test` gives and `train` leaves out.',
      help: `Write \`${key}: train\` or \`${key}: test\`, or remove \`held_out\`.`,
    });
  }
  return { split, heldOut: heldOut === undefined ? undefined : reader.number(heldOut.value).value };
}

function readSelection(reader: Reader, node: YamlNode, key?: string): SelectionOptions {
  const subset = valueOf(node, 'subset');
  return {
    ...readPart(reader, node, key),
    subset:
      subset === undefined
        ? undefined
        : {
            perClass: reader.number(valueOf(subset, 'per_class')).value,
            seed: reader.numberOr(subset, 'seed', 1).value,
          },
  };
}

/** A source that has classes only where `labels` gives them; `where` says where the key belongs. */
function checkSubset(reader: Reader, node: YamlNode, labels: YamlNode | undefined, where: string): void {
  const subset = entryOf(node, 'subset');
  if (labels !== undefined || subset === undefined) return;
  reader.report({
    code: 'schema/value',
    severity: 'error',
    message: '`subset` counts by class, but this source has no classes',
    span: subset.keySpan,
    help: `Add \`labels\` ${where}, or remove \`subset\`.`,
  });
}

/** The number of classes that `labels` have. */
function readClasses(
  reader: Reader,
  node: YamlNode,
  labels: YamlNode | undefined,
  where: string,
): number | undefined {
  const classes = entryOf(node, 'classes');
  if (classes === undefined) return undefined;
  if (labels === undefined) {
    reader.report({
      code: 'schema/value',
      severity: 'error',
      message: '`classes` counts labels, but this source has none',
      span: classes.keySpan,
      help: `Add \`labels\` ${where}, or remove \`classes\`.`,
    });
  }
  return reader.number(classes.value).value;
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
