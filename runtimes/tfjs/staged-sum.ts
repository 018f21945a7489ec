/**
 * Sums in stages. The Sum kernels of tfjs add one number after the other in float32, so that the error of a mean over
 * tens of thousands of pixels grows with their count; summing groups of about the square root first keeps it near the
 * rounding of a single addition.
 */
import * as tf from '@tensorflow/tfjs-core';

/** Below this many terms the plain kernel is accurate enough. */
const PLAIN_LIMIT = 64;

/** Sums `x` [rows, terms] along its last axis; returns [rows]. */
function sumRows(x: tf.Tensor2D): tf.Tensor1D {
  const [rows, terms] = x.shape;
  if (terms <= PLAIN_LIMIT) return tf.sum(x, 1);
  const group = Math.ceil(Math.sqrt(terms));
  const groups = Math.ceil(terms / group);
  const missing = groups * group - terms;
  const even =
    missing === 0
      ? x
      : tf.pad(x, [
          [0, 0],
          [0, missing],
        ]);
  const partial = tf.sum(tf.reshape(even, [rows * groups, group]), 1);
  return sumRows(tf.reshape(partial, [rows, groups]));
}

/** The sum of `x` over `axes`, which disappear. Call inside `tf.tidy`. */
export function stagedSum(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const moved = order.every((axis, i) => axis === i) ? x : tf.transpose(x, order);
  const outputShape = kept.map((axis) => x.shape[axis]!);
  const rows = outputShape.reduce((product, size) => product * size, 1);
  const terms = x.size / rows;
  return tf.reshape(sumRows(tf.reshape(moved, [rows, terms])), outputShape);
}
