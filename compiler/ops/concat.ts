/** concat: tensors one after the other along an axis; the gradients are the slices of the cotangent. */
import { sliceAxis } from '../graph/construct.js';
import type { OpDefinition } from './op.js';
import { elementCount, refuse, showShape } from './shape-checks.js';

export const concat: OpDefinition<'concat'> = {
  doc: 'The inputs one after the other along axis; all other sizes are equal.',
  shape(inputs, { axis }) {
    const first = inputs[0] ?? refuse('concat', 'takes at least 1 input but was given 0');
    if (!Number.isInteger(axis) || axis < 0 || axis >= first.length) {
      refuse('concat', `axis ${axis} is not an axis of ${showShape(first)}`);
    }
    for (const shape of inputs) {
      if (shape.length !== first.length || !shape.every((size, i) => i === axis || size === first[i])) {
        refuse(
          'concat',
          `${showShape(first)} and ${showShape(shape)} cannot be joined along axis ${axis}: all other sizes must be equal`,
        );
      }
    }
    const joined = inputs.reduce((sum, shape) => sum + shape[axis]!, 0);
    return first.map((size, i) => (i === axis ? joined : size));
  },
  gradient({ builder, inputs, attributes: { axis }, cotangent, wanted }) {
    let end = 0;
    return inputs.map((part, i) => {
      const start = end;
      end += builder.shape(part)[axis]!;
      return wanted[i] === true ? sliceAxis(builder, cotangent, axis, start, end) : undefined;
    });
  },
  evaluate(inputs, { axis }, shape) {
    const result = new Float64Array(elementCount(shape));
    const row = elementCount(shape.slice(axis));
    let column = 0;
    for (const { shape: own, data } of inputs) {
      const length = elementCount(own.slice(axis));
      for (let from = 0, to = column; from < data.length; from += length, to += row) {
        result.set(data.subarray(from, from + length), to);
      }
      column += length;
    }
    return result;
  },
};
