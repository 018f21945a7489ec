/**
 * The geometry that conv and its two gradients share. With input [B, H, W, C], filter [kh, kw, C, O] and output
 * [B, h, w, O], all three are sums over the same triples: output (y, x) meets input
 * (y * stride - top + ky, x * stride - left + kx) through filter (ky, kx); what lies outside the input is zero.
 */
import type { OpName, Padding2D, Shape } from '../graph/graph.js';
import { refuse, showShape } from './shape-checks.js';

export interface ConvolutionGeometry {
  readonly batch: number;
  readonly input: readonly [height: number, width: number, channels: number];
  readonly kernel: readonly [height: number, width: number];
  readonly output: readonly [height: number, width: number, channels: number];
  readonly strides: readonly [number, number];
  readonly padding: Padding2D;
}

/** Height and width of a convolution's output; refuses kernels that do not fit. */
export function convolutionOutputSize(
  op: OpName,
  size: readonly [number, number],
  kernel: readonly [number, number],
  strides: readonly [number, number],
  padding: Padding2D,
): [height: number, width: number] {
  const along = (axis: 0 | 1, name: string): number => {
    const [low, high] = padding[axis];
    const stride = strides[axis];
    if (!Number.isInteger(stride) || stride < 1)
      refuse(op, `strides ${showShape(strides)} must be whole numbers of at least 1`);
    if (![low, high].every((zeros) => Number.isInteger(zeros) && zeros >= 0)) {
      refuse(op, `padding ${showShape(padding[axis])} of the ${name} must be whole numbers of at least 0`);
    }
    const room = size[axis] + low + high - kernel[axis];
    if (room < 0) {
      refuse(
        op,
        `a kernel of ${name} ${kernel[axis]} does not fit into ${size[axis]} with padding ${low} and ${high}`,
      );
    }
    return Math.floor(room / stride) + 1;
  };
  return [along(0, 'height'), along(1, 'width')];
}

/** Refuses a cotangent whose height and width are not those that the convolution has. */
export function requireCotangentSize(
  op: OpName,
  cotangent: Shape,
  expected: readonly [number, number],
): void {
  if (cotangent[1] !== expected[0] || cotangent[2] !== expected[1]) {
    refuse(
      op,
      `the cotangent ${showShape(cotangent)} has height and width ${cotangent[1]} x ${cotangent[2]}, the convolution gives ${expected[0]} x ${expected[1]}`,
    );
  }
}

/**
 * Calls `visit` for every (output position, kernel position) that meets an input position inside the input, with
 * the offsets of the three channel vectors: input [C], filter [C, O], output [O].
 */
export function forEachMeeting(
  { batch, input, kernel, output, strides, padding }: ConvolutionGeometry,
  visit: (inputOffset: number, filterOffset: number, outputOffset: number) => void,
): void {
  const [height, width, channels] = input;
  const [outHeight, outWidth, outChannels] = output;
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        const outputOffset = ((b * outHeight + y) * outWidth + x) * outChannels;
        for (let ky = 0; ky < kernel[0]; ky++) {
          const row = y * strides[0] - padding[0][0] + ky;
          if (row < 0 || row >= height) continue;
          for (let kx = 0; kx < kernel[1]; kx++) {
            const column = x * strides[1] - padding[1][0] + kx;
            if (column < 0 || column >= width) continue;
            visit(
              ((b * height + row) * width + column) * channels,
              (ky * kernel[1] + kx) * channels * outChannels,
              outputOffset,
            );
          }
        }
      }
    }
  }
}
