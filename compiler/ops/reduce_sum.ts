/** reduce_sum: the sum over some axes; its gradient repeats the cotangent along them. */
import { broadcast } from '../graph/construct.js';
import type { OpDefinition } from './op.js';
import { keptAxes, reducedStrides } from './reduction.js';
import { elementCount, requireAscendingAxes, requireInputs } from './shape-checks.js';
import { walk } from './strided.js';

export const reduce_sum: OpDefinition<'reduce_sum'> = {
  doc: 'The sum over axes, which disappear.',
  shape(inputs, { axes }) {
    requireInputs('reduce_sum', inputs, 1);
    requireAscendingAxes('reduce_sum', axes, inputs[0]!);
    return keptAxes(inputs[0]!, axes).map((axis) => inputs[0]![axis]!);
  },
  gradient({ builder, inputs, attributes: { axes }, cotangent }) {
    const shape = builder.shape(inputs[0]!);
    return [broadcast(builder, cotangent, shape, keptAxes(shape, axes))];
  },
  evaluate([x], { axes }, shape) {
    const result = new Float64Array(elementCount(shape));
    walk(x!.shape, reducedStrides(x!.shape, axes), 0, (flat, offset) => {
      result[offset]! += x!.data[flat]!;
    });
    return result;
  },
};
