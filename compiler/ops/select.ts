/** select: takes the first or the second value by a mask. */
import { constant, select as choose } from '../graph/construct.js';
import type { OpDefinition } from './op.js';
import { requireEqualShapes } from './pointwise.js';
import { requireInputs } from './shape-checks.js';

export const select: OpDefinition<'select'> = {
  doc: '(mask, a, b): a where mask is not 0, else b. What is not chosen has no influence, not even as NaN.',
  shape(inputs) {
    requireInputs('select', inputs, 3);
    return requireEqualShapes('select', inputs);
  },
  gradient({ builder: b, inputs, cotangent, wanted }) {
    const mask = inputs[0]!;
    return [
      undefined,
      wanted[1] === true ? choose(b, mask, cotangent, constant(b, 0)) : undefined,
      wanted[2] === true ? choose(b, mask, constant(b, 0), cotangent) : undefined,
    ];
  },
  evaluate([mask, a, b]) {
    return mask!.data.map((m, i) => (m !== 0 ? a!.data[i]! : b!.data[i]!));
  },
};
