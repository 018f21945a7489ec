import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { conv_filter_gradient } from '../../compiler/ops/conv_filter_gradient.js';
import { createTfjsWasmEngine } from '../node/tfjs-wasm.js';

beforeAll(async () => {
  await createTfjsWasmEngine();
});

/** As the gradient function of tfjs's conv2d calls it. */
function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: readonly number[],
  pad: unknown,
  dataFormat = 'NHWC',
): tf.Tensor {
  const attrs = { strides: [2, 2], pad, dataFormat, dimRoundingMode: undefined, filterShape };
  return tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy }, attrs as unknown as tf.NamedAttrMap);
}

const wave = (shape: [number, number, number, number], frequency: number): tf.Tensor4D =>
  tf.tensor4d(
    Float32Array.from({ length: shape.reduce((p, n) => p * n, 1) }, (_, i) => Math.sin(frequency * i)),
    shape,
  );

describe('Conv2DBackpropFilter on tfjs-backend-wasm', () => {
  it.each([
    {
      pad: 'same',
      padding: [
        [0, 1],
        [1, 1],
      ],
    },
    {
      pad: [
        [0, 0],
        [1, 2],
        [2, 0],
        [0, 0],
      ],
      padding: [
        [1, 2],
        [2, 0],
      ],
    },
    {
      pad: 'valid',
      padding: [
        [0, 0],
        [0, 0],
      ],
    },
  ] as const)('serves plain tfjs code with padding $pad', ({ pad, padding }) => {
    const x = wave([3, 8, 9, 4], 0.7);
    const size = [8, 9].map((n, i) => Math.floor((n + padding[i]![0] + padding[i]![1] - 3) / 2) + 1);
    const dy = wave([3, size[0]!, size[1]!, 5], 1.3);
    const actual = filterGradient(x, dy, [3, 3, 4, 5], pad);
    expect(actual.shape).toEqual([3, 3, 4, 5]);
    const inputs = [x, dy].map((t) => ({ shape: t.shape, data: Float64Array.from(t.dataSync()) }));
    const expected = conv_filter_gradient.evaluate(
      inputs,
      { strides: [2, 2], padding, kernel: [3, 3] },
      [3, 3, 4, 5],
    );
    actual.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
  });

  it('adds up groups of samples when the patches of a batch are too many for one', () => {
    // 6 x 127 x 127 positions of 27 numbers: more than twice what one group may hold would be 8.4 million.
    const x = wave([24, 256, 256, 3], 0.37);
    const dy = tf.ones<tf.Rank.R4>([24, 127, 127, 1]);
    const actual = filterGradient(x, dy, [3, 3, 3, 1], 'valid').dataSync();
    const byHand = tf.sum(tf.stridedSlice(x, [0, 1, 2, 0], [24, 254, 255, 3], [1, 2, 2, 1]), [0]);
    const perChannel = tf.sum(tf.reshape(byHand, [127 * 127, 3]), 0).dataSync();
    const at = (1 * 3 + 2) * 3;
    for (let c = 0; c < 3; c++) expect(actual[at + c]).toBeCloseTo(perChannel[c]!, 1);
  });

  it('leaves no data behind', () => {
    const x = wave([2, 8, 8, 3], 0.7);
    const dy = wave([2, 4, 4, 2], 1.3);
    const before = tf.memory().numDataBuffers;
    const backendBefore = tf.backend().numDataIds();
    filterGradient(x, dy, [3, 3, 3, 2], 'same').dispose();
    expect(tf.memory().numDataBuffers).toBe(before);
    expect(tf.backend().numDataIds()).toBe(backendBefore);
  });

  it('refuses channels-first tensors in words', () => {
    const x = wave([1, 8, 8, 3], 0.7);
    expect(() => filterGradient(x, x, [3, 3, 3, 3], 'same', 'NCHW')).toThrow(
      'Conv2DBackpropFilter on the wasm backend takes NHWC tensors, not NCHW',
    );
  });
});
