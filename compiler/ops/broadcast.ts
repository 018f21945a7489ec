/** broadcast: repeats a tensor along new axes and along axes of size 1; its gradient is the sum over them. */
import { reshape, sum } from '../graph/construct.js';
import type { OpDefinition } from './op.js';
import {
  elementCount,
  refuse,
  requireAscendingAxes,
  requireInputs,
  requireSizes,
  showShape,
} from './shape-checks.js';
import { rowMajorStrides, walk } from './strided.js';

export const broadcast: OpDefinition<'broadcast'> = {
  doc: 'Input axis i becomes output axis axes[i] (ascending); an input axis of size 1 may be stretched; the other output axes are new and repeat the whole.',
  shape(inputs, { shape, axes }) {
    requireInputs('broadcast', inputs, 1);
    const from = inputs[0]!;
    requireSizes('broadcast', 'the shape', shape);
    if (axes.length !== from.length) {
      refuse(
        'broadcast',
        `axes ${showShape(axes)} must name one output axis for each axis of ${showShape(from)}`,
      );
    }
    requireAscendingAxes('broadcast', axes, shape);
    axes.forEach((axis, i) => {
      if (from[i] !== 1 && from[i] !== shape[axis]) {
        refuse(
          'broadcast',
          `axis ${i} of ${showShape(from)} cannot become axis ${axis} of ${showShape(shape)}: only a size of 1 can be stretched`,
        );
      }
    });
    return shape;
  },
  gradient({ builder, inputs, attributes: { shape, axes }, cotangent }) {
    const from = builder.shape(inputs[0]!);
    const repeated = shape.map((size, axis) => {
      const i = axes.indexOf(axis);
      return i < 0 || from[i] !== size;
    });
    const summed = sum(
      builder,
      cotangent,
      shape.flatMap((_, axis) => (repeated[axis] === true ? [axis] : [])),
    );
    return [reshape(builder, summed, from)];
  },
  evaluate([x], { axes }, shape) {
    const own = rowMajorStrides(x!.shape);
    const strides = shape.map((_, axis) => {
      const i = axes.indexOf(axis);
      return i < 0 || x!.shape[i] === 1 ? 0 : own[i]!;
    });
    const result = new Float64Array(elementCount(shape));
    walk(shape, strides, 0, (flat, offset) => {
      result[flat] = x!.data[offset]!;
    });
    return result;
  },
};
