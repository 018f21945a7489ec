/** slice: every stride-th element of a box; its gradient is the pad that puts them back. */
import { pad } from '../graph/construct.js';
import type { OpDefinition } from './op.js';
import { elementCount, refuse, requireInputs, requirePerAxis, showShape } from './shape-checks.js';
import { rowMajorStrides, walk } from './strided.js';

export const slice: OpDefinition<'slice'> = {
  doc: 'The elements start, start + stride, ... below limit of every axis.',
  shape(inputs, { start, limit, stride }) {
    requireInputs('slice', inputs, 1);
    const from = inputs[0]!;
    requirePerAxis('slice', 'start', start, from);
    requirePerAxis('slice', 'limit', limit, from);
    requirePerAxis('slice', 'stride', stride, from);
    return from.map((size, axis) => {
      const [s, l, step] = [start[axis]!, limit[axis]!, stride[axis]!];
      if (![s, l, step].every(Number.isInteger) || s < 0 || s >= l || l > size || step < 1) {
        refuse(
          'slice',
          `cannot take ${s} to ${l} by ${step} of axis ${axis} of ${showShape(from)}: 0 <= start < limit <= ${size} and stride >= 1 must hold`,
        );
      }
      return Math.ceil((l - s) / step);
    });
  },
  gradient({ builder, inputs, output, attributes: { start, stride }, cotangent }) {
    const taken = builder.shape(output);
    const high = builder
      .shape(inputs[0]!)
      .map((size, axis) => size - (start[axis]! + (taken[axis]! - 1) * stride[axis]! + 1));
    return [
      pad(
        builder,
        cotangent,
        start,
        high,
        stride.map((step) => step - 1),
      ),
    ];
  },
  evaluate([x], { start, stride }, shape) {
    const own = rowMajorStrides(x!.shape);
    const first = start.reduce((sum, s, axis) => sum + s * own[axis]!, 0);
    const result = new Float64Array(elementCount(shape));
    walk(
      shape,
      own.map((size, axis) => size * stride[axis]!),
      first,
      (flat, offset) => {
        result[flat] = x!.data[offset]!;
      },
    );
    return result;
  },
};
