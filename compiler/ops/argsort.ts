/** argsort: the indices that sort a list. sort(x) is gather(x, argsort(x)), which has gradients in x. */
import { noGradient } from './no-gradient.js';
import type { OpDefinition } from './op.js';
import { requireInputs, requireRank } from './shape-checks.js';

export const argsort: OpDefinition<'argsort'> = {
  doc: '[N] -> [N]: the indices that sort ascending, equal numbers in their order, NaN last. No gradient flows.',
  shape(inputs) {
    requireInputs('argsort', inputs, 1);
    requireRank('argsort', 'the input', inputs[0]!, 1);
    return inputs[0]!;
  },
  gradient: noGradient,
  evaluate([x]) {
    const { data } = x!;
    // Array.sort is stable; the difference of equal infinities would be NaN, so numbers are compared.
    const before = (i: number, j: number): boolean =>
      data[i]! < data[j]! || (Number.isNaN(data[j]) && !Number.isNaN(data[i]));
    const order = Array.from(data, (_, i) => i);
    order.sort((i, j) => (before(i, j) ? -1 : before(j, i) ? 1 : 0));
    return Float64Array.from(order);
  },
};
