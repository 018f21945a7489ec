/** dot: the matrix product. Each gradient is again one product, with the transposes in the attributes. */
import { dot as product } from '../graph/construct.js';
import type { OpDefinition } from './op.js';
import { refuse, requireInputs, requireRank, showShape } from './shape-checks.js';

export const dot: OpDefinition<'dot'> = {
  doc: '[M, K] x [K, N] -> [M, N]; a transposed operand is stored the other way round.',
  shape(inputs, { transposeA, transposeB }) {
    requireInputs('dot', inputs, 2);
    const [a, b] = [inputs[0]!, inputs[1]!];
    requireRank('dot', 'the first operand', a, 2);
    requireRank('dot', 'the second operand', b, 2);
    const [m, k] = transposeA ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
    const [k2, n] = transposeB ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
    if (k !== k2) {
      const show = (shape: readonly number[], transposed: boolean): string =>
        transposed ? `${showShape(shape)} transposed` : showShape(shape);
      refuse(
        'dot',
        `${show(a, transposeA)} times ${show(b, transposeB)}: the inner sizes ${k} and ${k2} must be equal`,
      );
    }
    return [m, n];
  },
  gradient({ builder, inputs, attributes: { transposeA, transposeB }, cotangent: g, wanted }) {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const inA = (): number =>
      transposeA
        ? product(builder, b, g, { transposeA: transposeB, transposeB: true })
        : product(builder, g, b, { transposeB: !transposeB });
    const inB = (): number =>
      transposeB
        ? product(builder, g, a, { transposeA: true, transposeB: transposeA })
        : product(builder, a, g, { transposeA: !transposeA });
    return [wanted[0] === true ? inA() : undefined, wanted[1] === true ? inB() : undefined];
  },
  evaluate([a, b], { transposeA, transposeB }, shape) {
    const [m, n] = [shape[0]!, shape[1]!];
    const k = a!.shape[transposeA ? 0 : 1]!;
    const [aRow, aColumn] = transposeA ? [1, m] : [k, 1];
    const [bRow, bColumn] = transposeB ? [1, k] : [n, 1];
    const result = new Float64Array(m * n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++)
          sum += a!.data[i * aRow + l * aColumn]! * b!.data[l * bRow + j * bColumn]!;
        result[i * n + j] = sum;
      }
    }
    return result;
  },
};
