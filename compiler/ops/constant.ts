/** constant: a number known at compile time. */
import type { OpDefinition } from './op.js';
import { requireInputs } from './shape-checks.js';

export const constant: OpDefinition<'constant'> = {
  doc: 'A rank-0 number known at compile time.',
  shape(inputs) {
    requireInputs('constant', inputs, 0);
    return [];
  },
  gradient: () => [],
  evaluate: (_inputs, { value }) => Float64Array.of(value),
};
