/**
 * gather, scatter and argsort in tfjs kernels. tfjs refuses indices that are out of range, so each of them is sent to
 * one row more: a row of zeros to read, or one to write that is cut off.
 */
import * as tf from '@tensorflow/tfjs-core';

export function gather(table: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  const [rows, ...rest] = table.shape as [number, ...number[]];
  const withZeros = tf.concat([table, tf.zeros([1, ...rest])], 0);
  return tf.gather(withZeros, rowsOrBeyond(indices, rows));
}

export function scatter(updates: tf.Tensor, indices: tf.Tensor, rows: number): tf.Tensor {
  const [count, ...rest] = updates.shape as [number, ...number[]];
  const length = updates.size / count;
  const places = tf.reshape(rowsOrBeyond(indices, rows), [count, 1]);
  const sums = tf.scatterND(places, tf.reshape(updates, [count, length]), [rows + 1, length]);
  return tf.reshape(tf.slice(sums, [0, 0], [rows, length]), [rows, ...rest]);
}

/** The indices as int32, where those that mean no row in [0, rows) are `rows`. */
function rowsOrBeyond(indices: tf.Tensor, rows: number): tf.Tensor1D {
  const inside = tf.logicalAnd(tf.greaterEqual(indices, 0), tf.less(indices, rows));
  const whole = tf.equal(tf.floor(indices), indices);
  const chosen = tf.where(tf.logicalAnd(inside, whole), indices, tf.fill(indices.shape, rows));
  return tf.cast(chosen, 'int32') as tf.Tensor1D;
}

/**
 * By two stable sorts: the numbers, with 0 for NaN, and then what is NaN behind what is not. topk gives equal
 * numbers by ascending index.
 */
export function argsort(x: tf.Tensor): tf.Tensor {
  const missing = tf.notEqual(x, x);
  const numbers = tf.where(missing, tf.zerosLike(x), x);
  const order = tf.topk(tf.neg(numbers), x.size).indices;
  const isNumber = tf.gather(tf.cast(tf.logicalNot(missing), 'float32'), order);
  const last = tf.topk(isNumber, x.size).indices;
  return tf.cast(tf.gather(order, last as tf.Tensor1D), 'float32');
}
