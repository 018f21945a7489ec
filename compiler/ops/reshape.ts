/** reshape: the same numbers in another shape. */
import { reshape as shaped } from '../graph/construct.js';
import type { OpDefinition } from './op.js';
import { elementCount, refuse, requireInputs, requireSizes, showShape } from './shape-checks.js';

export const reshape: OpDefinition<'reshape'> = {
  doc: 'The same numbers, in row-major order, in another shape.',
  shape(inputs, { shape }) {
    requireInputs('reshape', inputs, 1);
    requireSizes('reshape', 'the shape', shape);
    const from = inputs[0]!;
    if (elementCount(from) !== elementCount(shape)) {
      refuse(
        'reshape',
        `${showShape(from)} holds ${elementCount(from)} numbers, ${showShape(shape)} needs ${elementCount(shape)}`,
      );
    }
    return shape;
  },
  gradient: ({ builder, inputs, cotangent }) => [shaped(builder, cotangent, builder.shape(inputs[0]!))],
  evaluate: ([x]) => x!.data.slice(),
};
