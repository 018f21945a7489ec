/** reduce_max: the largest value over some axes; equal largest values share the gradient equally. */
import { broadcast, div, equal, mul, sum } from '../graph/construct.js';
import type { OpDefinition } from './op.js';
import { keptAxes, reducedStrides } from './reduction.js';
import { elementCount, requireAscendingAxes, requireInputs } from './shape-checks.js';
import { walk } from './strided.js';

export const reduce_max: OpDefinition<'reduce_max'> = {
  doc: 'The largest value over axes, which disappear. Equal largest values share the gradient equally.',
  shape(inputs, { axes }) {
    requireInputs('reduce_max', inputs, 1);
    requireAscendingAxes('reduce_max', axes, inputs[0]!);
    return keptAxes(inputs[0]!, axes).map((axis) => inputs[0]![axis]!);
  },
  gradient({ builder: b, inputs, output, attributes: { axes }, cotangent }) {
    const x = inputs[0]!;
    const shape = b.shape(x);
    const kept = keptAxes(shape, axes);
    const isLargest = equal(b, x, broadcast(b, output, shape, kept));
    const share = div(b, cotangent, sum(b, isLargest, axes));
    return [mul(b, broadcast(b, share, shape, kept), isLargest)];
  },
  evaluate([x], { axes }, shape) {
    const result = new Float64Array(elementCount(shape)).fill(-Infinity);
    walk(x!.shape, reducedStrides(x!.shape, axes), 0, (flat, offset) => {
      result[offset] = Math.max(result[offset]!, x!.data[flat]!);
    });
    return result;
  },
};
