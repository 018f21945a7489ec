/**
 * Conv2DBackpropFilter for tfjs-backend-wasm, which ships none (as of 4.22), so that no convolution can be trained
 * on it. Registered as a tfjs kernel: plain tfjs code on the wasm backend gets it too.
 *
 * The gradient of filter element (ky, kx, i, o) is the sum over samples and output positions of
 * x[ky + y stride, kx + x stride, i] dy[y, x, o]: a product of matrices, dy^T [O, positions] times the patches of x
 * [positions, KH KW I]. In NHWC a row of a patch is one contiguous run, copied at once on the backend's own heap. Both
 * operands are laid out plainly because the backend multiplies transposed ones in scalar code. Samples are taken in
 * groups, so that the patches never hold more than PATCH_LIMIT numbers.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** 16 MiB of float32 per group of samples. */
const PATCH_LIMIT = 4 * 1024 * 1024;

interface Conv2DBackpropFilterCall {
  readonly backend: BackendWasm;
  readonly inputs: Pick<tf.NamedTensorInfoMap, 'x' | 'dy'>;
  readonly attrs: tf.Conv2DBackpropFilterAttrs;
}

/** Runs a kernel of the wasm backend below the tensor level, as its own kernels do. */
function runKernel(
  backend: BackendWasm,
  kernelName: string,
  inputs: tf.NamedTensorInfoMap,
  attrs: Readonly<Record<string, unknown>>,
): tf.TensorInfo {
  const kernel = tf.getKernel(kernelName, 'wasm');
  return kernel.kernelFunc({ inputs, attrs: attrs as unknown as tf.NamedAttrMap, backend }) as tf.TensorInfo;
}

function heapOf(backend: BackendWasm, tensor: tf.TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(tensor) as Float32Array;
}

function conv2DBackpropFilter({ backend, inputs, attrs }: Conv2DBackpropFilterCall): tf.TensorInfo {
  const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
  const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs;
  if (dataFormat !== 'NHWC') {
    throw new Error(`Conv2DBackpropFilter on the wasm backend takes NHWC tensors, not ${dataFormat}`);
  }
  const info = tf.backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { top, bottom, left, right } = info.padInfo;
  const isPadded = top > 0 || bottom > 0 || left > 0 || right > 0;
  const image = isPadded
    ? runKernel(
        backend,
        tf.PadV2,
        { x },
        {
          paddings: [
            [0, 0],
            [top, bottom],
            [left, right],
            [0, 0],
          ],
          constantValue: 0,
        },
      )
    : x;

  const { batchSize, inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const patch = filterHeight * filterWidth * inChannels;
  const positions = outHeight * outWidth;
  const group = Math.max(1, Math.min(batchSize, Math.floor(PATCH_LIMIT / (positions * patch))));

  const total = new Float64Array(outChannels * patch);
  for (let first = 0; first < batchSize; first += group) {
    const samples = Math.min(group, batchSize - first);
    const patches = backend.makeOutput([1, samples * positions, patch], 'float32');
    fillPatches(heapOf(backend, patches), heapOf(backend, image), {
      samples,
      first,
      imageHeight: image.shape[1]!,
      imageWidth: image.shape[2]!,
      channels: inChannels,
      outHeight,
      outWidth,
      filterHeight,
      filterWidth,
      strideHeight: info.strideHeight,
      strideWidth: info.strideWidth,
    });
    const cotangent = backend.makeOutput([1, outChannels, samples * positions], 'float32');
    const from = first * positions * outChannels;
    transposeInto(
      heapOf(backend, cotangent),
      heapOf(backend, dy).subarray(from, from + samples * positions * outChannels),
      outChannels,
    );
    const product = runKernel(
      backend,
      tf.BatchMatMul,
      { a: cotangent, b: patches },
      { transposeA: false, transposeB: false },
    );
    const values = heapOf(backend, product);
    for (let i = 0; i < total.length; i++) total[i]! += values[i]!;
    for (const temporary of [patches, cotangent, product]) backend.disposeData(temporary.dataId);
  }
  if (isPadded) backend.disposeData(image.dataId);

  const gradient = backend.makeOutput(filterShape, 'float32');
  const target = heapOf(backend, gradient);
  for (let o = 0; o < outChannels; o++) {
    for (let p = 0; p < patch; p++) target[p * outChannels + o] = total[o * patch + p]!;
  }
  return gradient;
}

interface PatchLayout {
  readonly samples: number;
  /** The sample the group starts with. */
  readonly first: number;
  readonly imageHeight: number;
  readonly imageWidth: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
}

/** One row per output position, holding the window it saw, row by row. */
function fillPatches(patches: Float32Array, image: Float32Array, layout: PatchLayout): void {
  const { samples, first, imageHeight, imageWidth, channels, outHeight, outWidth } = layout;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = layout;
  const run = filterWidth * channels;
  let to = 0;
  for (let sample = first; sample < first + samples; sample++) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        for (let ky = 0; ky < filterHeight; ky++) {
          let from =
            ((sample * imageHeight + y * strideHeight + ky) * imageWidth + x * strideWidth) * channels;
          // Runs are short: a loop beats the call that subarray and set need.
          for (const end = to + run; to < end; to++, from++) patches[to] = image[from]!;
        }
      }
    }
  }
}

/** [rows, columns] -> [columns, rows]. */
function transposeInto(target: Float32Array, source: Float32Array, columns: number): void {
  const rows = source.length / columns;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      target[column * rows + row] = source[row * columns + column]!;
  }
}

/** Adds the kernel to the wasm backend, unless a version of tfjs that has its own is in use. */
export function registerConv2DBackpropFilter(): void {
  if (tf.getKernel(tf.Conv2DBackpropFilter, 'wasm') !== undefined) return;
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: conv2DBackpropFilter as unknown as tf.KernelFunc,
  });
}
