/**
 * Conv2DBackpropFilter for tfjs-backend-wasm, which ships none (as of 4.22), so that no convolution can be trained
 * on it. Registered as a tfjs kernel: plain tfjs code on the wasm backend gets it too.
 *
 * The gradient of filter element (ky, kx, i, o) is the sum over samples and output positions of
 * x[ky + y stride, kx + x stride, i] dy[y, x, o]: a product of matrices, patches [KH KW I, positions] times
 * dy [positions, O], which is the HWIO gradient as it lies. The patches are filled from channel planes of x, so that
 * a row of output positions is one run. The other order, dy^T times patches, is 10 times slower: XNNPACK packs the
 * second operand anew for every fresh tensor, and that should be the small one. Samples are taken in groups, so that
 * the patches never hold more than PATCH_LIMIT numbers.
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

  // [C, N, H, W]
  const planes = runKernel(backend, tf.Transpose, { x: image }, { perm: [3, 0, 1, 2] });
  if (isPadded) backend.disposeData(image.dataId);

  const { batchSize, inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const patch = filterHeight * filterWidth * inChannels;
  const positions = outHeight * outWidth;
  const group = Math.max(1, Math.min(batchSize, Math.floor(PATCH_LIMIT / (positions * patch))));

  // Sums over groups of samples are joined in float64.
  const total = new Float64Array(patch * outChannels);
  for (let first = 0; first < batchSize; first += group) {
    const samples = Math.min(group, batchSize - first);
    const patches = backend.makeOutput([1, patch, samples * positions], 'float32');
    const cotangent = backend.makeOutput([1, samples * positions, outChannels], 'float32');
    const from = first * positions * outChannels;
    heapOf(backend, cotangent).set(
      heapOf(backend, dy).subarray(from, from + samples * positions * outChannels),
    );
    fillPatches(heapOf(backend, patches), heapOf(backend, planes), {
      info,
      first,
      samples,
      planes: planes.shape,
    });
    const product = runKernel(
      backend,
      tf.BatchMatMul,
      { a: patches, b: cotangent },
      { transposeA: false, transposeB: false },
    );
    const values = heapOf(backend, product);
    for (let i = 0; i < total.length; i++) total[i]! += values[i]!;
    for (const temporary of [patches, cotangent, product]) backend.disposeData(temporary.dataId);
  }
  backend.disposeData(planes.dataId);

  const gradient = backend.makeOutput(filterShape, 'float32');
  heapOf(backend, gradient).set(total);
  return gradient;
}

interface PatchGroup {
  readonly info: tf.backend_util.Conv2DInfo;
  /** The samples of the group: `samples` of them, from `first` on. */
  readonly first: number;
  readonly samples: number;
  /** Shape [C, N, H, W] of the padded channel planes. */
  readonly planes: readonly number[];
}

/** One row per filter element (ky, kx, channel), holding what it meets at every sample and output position. */
function fillPatches(
  patches: Float32Array,
  planes: Float32Array,
  { info, first, samples, planes: shape }: PatchGroup,
): void {
  const [channels, batch, height, width] = shape as [number, number, number, number];
  const { filterHeight, filterWidth, outHeight, outWidth, strideHeight, strideWidth } = info;
  let to = 0;
  for (let ky = 0; ky < filterHeight; ky++) {
    for (let kx = 0; kx < filterWidth; kx++) {
      for (let channel = 0; channel < channels; channel++) {
        for (let sample = first; sample < first + samples; sample++) {
          const plane = (channel * batch + sample) * height;
          for (let y = 0; y < outHeight; y++) {
            let from = (plane + y * strideHeight + ky) * width + kx;
            for (const end = to + outWidth; to < end; to++, from += strideWidth) patches[to] = planes[from]!;
          }
        }
      }
    }
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
