/** transpose: the axes in another order. */
import { transpose as transposed } from '../graph/construct.js';
import type { OpDefinition } from './op.js';
import { elementCount, refuse, requireInputs, requirePerAxis, showShape } from './shape-checks.js';
import { rowMajorStrides, walk } from './strided.js';

export const transpose: OpDefinition<'transpose'> = {
  doc: 'Output axis i is input axis permutation[i].',
  shape(inputs, { permutation }) {
    requireInputs('transpose', inputs, 1);
    const from = inputs[0]!;
    requirePerAxis('transpose', 'permutation', permutation, from);
    const named = new Set(permutation);
    if (!from.every((_, axis) => named.has(axis))) {
      refuse(
        'transpose',
        `permutation ${showShape(permutation)} must name every axis of ${showShape(from)} once`,
      );
    }
    return permutation.map((axis) => from[axis]!);
  },
  gradient({ builder, attributes: { permutation }, cotangent }) {
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return [transposed(builder, cotangent, inverse)];
  },
  evaluate([x], { permutation }, shape) {
    const own = rowMajorStrides(x!.shape);
    const result = new Float64Array(elementCount(shape));
    walk(
      shape,
      permutation.map((axis) => own[axis]!),
      0,
      (flat, offset) => {
        result[flat] = x!.data[offset]!;
      },
    );
    return result;
  },
};
