/** input: a tensor that the runtime provides. */
import { GraphError, type OpDefinition } from './op.js';
import { requireInputs, requireSizes } from './shape-checks.js';

export const input: OpDefinition<'input'> = {
  doc: 'A tensor the runtime provides: program state, a feed (data or noise) or a host scalar.',
  shape(inputs, { shape }) {
    requireInputs('input', inputs, 0);
    requireSizes('input', 'the shape', shape);
    return shape;
  },
  gradient: () => [],
  evaluate(_inputs, { source, name }) {
    throw new GraphError(`input: the ${source} '${name}' has no meaning of its own, the runtime provides it`);
  },
};
