/** Functions that relate samples to each other or join vectors. */
import { concat, dot, reshape, sort, transpose } from '../../graph/construct.js';
import type { SymbolicShape } from '../symbolic-shape.js';
import type { FunctionRule } from './rule.js';

const isMatrix = (x: SymbolicShape): boolean => x.length === 2;

/** One number per sample counts as a vector of length 1. */
const width = (x: SymbolicShape): number | undefined =>
  x[0] === 'B' && x.length === 1 ? 1 : x[0] === 'B' && x.length === 2 && x[1] !== 'B' ? x[1] : undefined;

export const MATRICES = {
  matmul: {
    doc: 'the matrix product of two matrices',
    parameters: ['a', 'b'],
    pointwise: false,
    needs: 'two matrices whose inner sizes agree',
    shape: ([a, b]) => (isMatrix(a!) && isMatrix(b!) && a![1] === b![0] ? [a![0]!, b![1]!] : undefined),
    lower: (builder, [a, b]) => dot(builder, a!, b!),
  },
  transpose: {
    doc: 'rows and columns exchanged',
    parameters: ['a'],
    pointwise: false,
    needs: 'a matrix',
    shape: ([a]) => (isMatrix(a!) ? [a![1]!, a![0]!] : undefined),
    lower: (builder, [a]) => transpose(builder, a!, [1, 0]),
  },
  gram: {
    doc: 'the product of every sample with every other: one row and one column per sample',
    parameters: ['x'],
    pointwise: false,
    needs: 'one vector per sample',
    shape: ([x]) => (isMatrix(x!) && x![0] === 'B' ? ['B', 'B'] : undefined),
    lower: (builder, [x]) => builder.emit('dot', [x!, x!], { transposeA: false, transposeB: true }),
  },
  sort: {
    doc: 'one number per sample in ascending order',
    parameters: ['x'],
    pointwise: false,
    needs: 'one number per sample',
    shape: ([x]) => (width(x!) === 1 ? x! : undefined),
    lower: (builder, [x]) => {
      const flat = reshape(builder, x!, [builder.shape(x!)[0]!]);
      return reshape(builder, sort(builder, flat), builder.shape(x!));
    },
  },
  join: {
    doc: 'vectors per sample, one behind the other',
    parameters: ['parts'],
    pointwise: false,
    needs: 'one vector, or one number, per sample in every part',
    shape: (parts) => {
      const widths = parts.map(width);
      if (widths.includes(undefined)) return undefined;
      return ['B', widths.reduce<number>((total, size) => total + size!, 0)];
    },
    lower: (builder, parts) =>
      concat(
        builder,
        parts.map((part) => {
          const [batch, size = 1] = builder.shape(part) as readonly [number, number?];
          return reshape(builder, part, [batch, size]);
        }),
        1,
      ),
  },
} as const satisfies Readonly<Record<string, FunctionRule>>;
