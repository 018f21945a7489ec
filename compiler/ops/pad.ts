/** pad: zeros around and between the elements; its gradient is the slice that takes them out again. */
import { slice } from '../graph/construct.js';
import type { OpDefinition } from './op.js';
import { elementCount, refuse, requireInputs, requirePerAxis, showShape } from './shape-checks.js';
import { rowMajorStrides, walk } from './strided.js';

export const pad: OpDefinition<'pad'> = {
  doc: 'Zeros: low before, high after, interior between neighbours, per axis; none negative.',
  shape(inputs, { low, high, interior }) {
    requireInputs('pad', inputs, 1);
    const from = inputs[0]!;
    for (const [what, counts] of Object.entries({ low, high, interior })) {
      requirePerAxis('pad', what, counts, from);
      if (!counts.every((count) => Number.isInteger(count) && count >= 0)) {
        refuse('pad', `${what} ${showShape(counts)} must be whole numbers of at least 0`);
      }
    }
    return from.map((size, axis) => low[axis]! + size + (size - 1) * interior[axis]! + high[axis]!);
  },
  gradient({ builder, inputs, attributes: { low, interior }, cotangent }) {
    const stride = interior.map((between) => between + 1);
    const limit = builder.shape(inputs[0]!).map((size, axis) => low[axis]! + (size - 1) * stride[axis]! + 1);
    return [slice(builder, cotangent, low, limit, stride)];
  },
  evaluate([x], { low, interior }, shape) {
    const own = rowMajorStrides(shape);
    const first = low.reduce((sum, before, axis) => sum + before * own[axis]!, 0);
    const result = new Float64Array(elementCount(shape));
    walk(
      x!.shape,
      own.map((size, axis) => size * (interior[axis]! + 1)),
      first,
      (flat, offset) => {
        result[offset] = x!.data[flat]!;
      },
    );
    return result;
  },
};
