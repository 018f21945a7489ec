/** Memory a kernel needs beside its parameters, one piece per thread. In elements. */
import { readsInPlace, region } from './convolution-axis.js';
import type {
  Body,
  ConvolutionKernel,
  DotKernel,
  FilterGradientKernel,
  Kernel,
  WinogradKernel,
} from './kernel.js';
import { PLANES, winogradFilterGradientScratch, winogradScratch } from './winograd.js';

/** True if the body only stores what the contraction made, densely: then that is where it is made. */
export function isPlainResult(body: Body, dense: readonly number[]): boolean {
  const [store] = body.stores;
  return (
    body.instructions.length === 1 &&
    body.stores.length === 1 &&
    store!.access.strides.every((stride, axis) => stride === dense[axis])
  );
}

export function denseStrides(sizes: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of sizes.toReversed()) {
    strides.unshift(size === 1 ? 0 : stride);
    stride *= size;
  }
  return strides;
}

/** True if a convolution's results are what it stores. */
export function isPlainConvolution(
  kernel: Pick<WinogradKernel, 'batch' | 'outputChannels' | 'epilogue'> & {
    readonly rows: { readonly output: number };
    readonly columns: { readonly output: number };
  },
): boolean {
  const { batch, rows, columns, outputChannels, epilogue } = kernel;
  return isPlainResult(epilogue, denseStrides([batch, rows.output, columns.output, outputChannels]));
}

/** The bordered copy of a tile's source, then the tile's results where an epilogue follows. */
export function convolutionScratch(kernel: Omit<ConvolutionKernel, 'tiles'>): {
  border: number;
  results: number;
} {
  const { rows, columns, tileRows, sourceChannels, outputChannels } = kernel;
  const border = readsInPlace(kernel)
    ? 0
    : region(rows, tileRows).extent * region(columns, columns.output).extent * sourceChannels;
  const plain = isPlainConvolution(kernel);
  return { border: padded(border), results: plain ? 0 : padded(tileRows * columns.output * outputChannels) };
}

export function filterGradientScratch(
  kernel: Pick<FilterGradientKernel, 'blockRows' | 'strides' | 'kernel' | 'outputSize' | 'channels'>,
): number {
  const rows = (kernel.blockRows - 1) * kernel.strides[0] + kernel.kernel[0];
  const columns = (kernel.outputSize[1] - 1) * kernel.strides[1] + kernel.kernel[1];
  return padded(rows * columns * kernel.channels);
}

export function dotScratch(kernel: Omit<DotKernel, 'tiles'>): number {
  return isPlainResult(kernel.epilogue, denseStrides([kernel.m, kernel.n]))
    ? 0
    : padded(kernel.tileRows * kernel.tileColumns);
}

export function scratchElements(kernel: Kernel): number {
  switch (kernel.kind) {
    case 'pointwise':
    case 'layout':
    case 'fill':
    case 'reduction':
    case 'gather':
    case 'scatter':
      return 0;
    case 'argsort':
      return padded(kernel.count);
    case 'convolution': {
      const { border, results } = convolutionScratch(kernel);
      return border + results;
    }
    case 'filter_gradient':
      return filterGradientScratch(kernel);
    case 'winograd': {
      const { zeros, slot, slots, results } = winogradScratch(kernel, isPlainConvolution(kernel));
      return zeros + slot * slots + results;
    }
    case 'winograd_filter':
      return 0;
    case 'winograd_filter_gradient': {
      const { inputZeros, cotangentZeros, input, cotangent, sums } = winogradFilterGradientScratch(kernel);
      return inputZeros + cotangentZeros + PLANES * (input + cotangent + sums);
    }
    case 'dot':
      return dotScratch(kernel);
    default:
      return kernel satisfies never;
  }
}

/** Room for vectors that reach beyond the last element, and the next piece on a cache line of its own. */
function padded(elements: number): number {
  return elements === 0 ? 0 : Math.ceil((elements + 4) / 16) * 16;
}
