/** scatter: rows summed where their index says. Its gradient is gather. */
import type { OpDefinition } from './op.js';
import { chosenRow, requireRows } from './row-indices.js';
import { elementCount, refuse, requireInputs, showShape } from './shape-checks.js';

export const scatter: OpDefinition<'scatter'> = {
  doc: '(updates [M, ...rest], indices [M]) -> [rows, ...rest]: the sums of the updates with each index; others are dropped.',
  shape(inputs, { rows }) {
    requireInputs('scatter', inputs, 2);
    const [updates, indices] = [inputs[0]!, inputs[1]!];
    const rest = requireRows('scatter', 'the tensor of updates', updates, indices);
    if (updates[0] !== indices[0]) {
      refuse(
        'scatter',
        `the updates ${showShape(updates)} and the indices ${showShape(indices)} differ in length`,
      );
    }
    if (!Number.isInteger(rows) || rows < 1) refuse('scatter', `cannot make ${rows} rows`);
    return [rows, ...rest];
  },
  gradient({ builder, inputs, cotangent, wanted }) {
    if (wanted[0] !== true) return [undefined, undefined];
    return [builder.emit('gather', [cotangent, inputs[1]!], {}), undefined];
  },
  evaluate([updates, indices], { rows }, shape) {
    const result = new Float64Array(elementCount(shape));
    const length = elementCount(shape.slice(1));
    indices!.data.forEach((index, i) => {
      const row = chosenRow(index, rows);
      if (row === undefined) return;
      for (let j = 0; j < length; j++) result[row * length + j]! += updates!.data[i * length + j]!;
    });
    return result;
  },
};
