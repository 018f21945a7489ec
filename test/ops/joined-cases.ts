/**
 * Channels that are joined only to be convolved: where kernels read them in parts, each part must come from its own
 * place, at the edges of pictures and of vectors of channels as well.
 */
import type { GraphBuilder } from '../../compiler/graph/builder.js';
import { add, concat, conv, elu, samePadding, sliceAxis } from '../../compiler/graph/construct.js';
import type { NodeId, Shape } from '../../compiler/graph/graph.js';
import { caseInput, type CaseInput, type OpCase } from './op-case.js';
import { upsample } from './upsample.js';

export type PartKind = 'plain' | 'upsampled' | 'sliced' | 'computed';

/** A part of so many channels of a picture. */
export interface JoinedPart {
  readonly kind: PartKind;
  readonly channels: number;
}

type Picture = readonly [batch: number, height: number, width: number];

/** What a part of a picture is made from. */
export function partShape([batch, height, width]: Picture, { kind, channels }: JoinedPart): Shape {
  switch (kind) {
    case 'plain':
    case 'computed':
      return [batch, height, width, channels];
    case 'upsampled':
      return [batch, height / 2, width / 2, channels];
    case 'sliced':
      return [batch + 2, height, width, channels];
    default:
      return kind satisfies never;
  }
}

export function buildPart(b: GraphBuilder, from: NodeId, { kind }: JoinedPart): NodeId {
  switch (kind) {
    case 'plain':
      return from;
    case 'computed':
      return elu(b, from);
    case 'upsampled':
      return upsample(b, from, 2);
    case 'sliced':
      return sliceAxis(b, from, 0, 1, b.shape(from)[0]! - 1);
    default:
      return kind satisfies never;
  }
}

export const showParts = (parts: readonly JoinedPart[]): string =>
  parts.map(({ kind, channels }) => `${channels} ${kind}`).join(' and ');

const plain = (channels: number): JoinedPart => ({ kind: 'plain', channels });
const upsampled = (channels: number): JoinedPart => ({ kind: 'upsampled', channels });
const sliced = (channels: number): JoinedPart => ({ kind: 'sliced', channels });
const computed = (channels: number): JoinedPart => ({ kind: 'computed', channels });

function joined(
  what: string,
  picture: Picture,
  parts: readonly JoinedPart[],
  filter: Shape,
  read: (b: GraphBuilder, x: NodeId, filter: NodeId) => NodeId,
): OpCase {
  return {
    name: `${what} of joined channels, ${showParts(parts)}`,
    op: 'composite',
    inputs: [
      ...parts.map((part, i): CaseInput => caseInput(`part${i}`, partShape(picture, part))),
      caseInput('filter', filter),
    ],
    build(b, inputs) {
      const made = parts.map((part, i) => buildPart(b, inputs[i]!, part));
      return read(b, concat(b, made, 3), inputs[parts.length]!);
    },
    order: 1,
  };
}

function convolved(b: GraphBuilder, x: NodeId, filter: NodeId, stride = 1): NodeId {
  const [, height, width] = b.shape(x) as [number, number, number, number];
  const [kernelHeight, kernelWidth] = b.shape(filter) as [number, number, number, number];
  const strides = [stride, stride] as const;
  const padding = samePadding([height, width], [kernelHeight, kernelWidth], strides);
  return conv(b, x, filter, { strides, padding });
}

function inputGradient(b: GraphBuilder, x: NodeId, filter: NodeId, stride: number): NodeId {
  const [, height, width] = b.shape(x) as [number, number, number, number];
  const size = [height * stride, width * stride] as const;
  const strides = [stride, stride] as const;
  return b.emit('conv_input_gradient', [x, filter], {
    strides,
    padding: samePadding(size, [3, 3], strides),
    size,
  });
}

export const JOINED_CASES: readonly OpCase[] = [
  joined('a convolution 3x3', [2, 5, 7], [plain(4), plain(5)], [3, 3, 9, 6], convolved),
  joined('a convolution 3x3', [2, 6, 10], [computed(24), upsampled(24)], [3, 3, 48, 8], convolved),
  joined('a convolution 3x3', [2, 4, 6], [upsampled(8), sliced(12), plain(1)], [3, 3, 21, 5], convolved),
  joined('a convolution 1x1', [2, 4, 6], [plain(8), upsampled(3)], [1, 1, 11, 7], convolved),
  joined('a convolution 5x5, stride 2', [1, 8, 6], [upsampled(4), plain(12)], [5, 5, 16, 3], (b, x, w) =>
    convolved(b, x, w, 2),
  ),
  joined('an input gradient, stride 2', [2, 4, 6], [plain(8), upsampled(4)], [3, 3, 5, 12], (b, x, w) =>
    inputGradient(b, x, w, 2),
  ),
  joined('an input gradient', [2, 6, 4], [upsampled(12), computed(2)], [3, 3, 7, 14], (b, x, w) =>
    inputGradient(b, x, w, 1),
  ),
  joined(
    'convolutions of parts of the batch',
    [4, 6, 6],
    [plain(8), upsampled(8)],
    [3, 3, 16, 4],
    (b, x, w) =>
      add(b, convolved(b, sliceAxis(b, x, 0, 0, 2), w), elu(b, convolved(b, sliceAxis(b, x, 0, 2, 4), w))),
  ),
  joined('a convolution and something else', [2, 4, 4], [plain(4), upsampled(4)], [3, 3, 8, 8], (b, x, w) =>
    add(b, convolved(b, x, w), x),
  ),
];
