/** gather: rows of a table chosen by their index. Its gradient is scatter. */
import type { OpDefinition } from './op.js';
import { chosenRow, requireRows } from './row-indices.js';
import { elementCount, requireInputs } from './shape-checks.js';

export const gather: OpDefinition<'gather'> = {
  doc: '(table [N, ...rest], indices [M]) -> [M, ...rest]: the rows with these indices; zeros where there is no such row.',
  shape(inputs) {
    requireInputs('gather', inputs, 2);
    const [table, indices] = [inputs[0]!, inputs[1]!];
    return [indices[0]!, ...requireRows('gather', 'the table', table, indices)];
  },
  gradient({ builder, inputs, cotangent, wanted }) {
    const [table, indices] = [inputs[0]!, inputs[1]!];
    if (wanted[0] !== true) return [undefined, undefined];
    return [builder.emit('scatter', [cotangent, indices], { rows: builder.shape(table)[0]! }), undefined];
  },
  evaluate([table, indices], _attributes, shape) {
    const result = new Float64Array(elementCount(shape));
    const length = elementCount(shape.slice(1));
    indices!.data.forEach((index, i) => {
      const row = chosenRow(index, table!.shape[0]!);
      if (row !== undefined) result.set(table!.data.subarray(row * length, (row + 1) * length), i * length);
    });
    return result;
  },
};
