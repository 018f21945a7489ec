/**
 * gather, scatter and argsort: repeated rows, rows that nothing reads or writes, indices outside the table, rows of
 * every length a vector loop treats differently, and operands that do not lie in memory as their kernels want them.
 */
import {
  argsort,
  broadcast,
  gather,
  mul,
  scatter,
  slice,
  sort,
  square,
  transpose,
} from '../../compiler/graph/construct.js';
import type { Shape } from '../../compiler/graph/graph.js';
import { distinct, integers, uniform, unruly, whole, type Draw } from './draws.js';
import { caseInput, type OpCase } from './op-case.js';

const show = (shape: Shape): string => `[${shape.join(',')}]`;

/** Rows of the table, the rest of its shape, and how many indices. */
const ROWS: readonly (readonly [rows: number, rest: Shape, indices: number])[] = [
  [1, [], 1],
  [5, [], 7],
  [10, [1], 16],
  [10, [3], 16],
  [3, [4], 5],
  [7, [17], 4],
  [4, [2, 3, 5], 6],
  [2, [8, 8, 5], 3],
  [100, [33], 64],
  [300, [64], 40],
];

/** Indices of a table's rows, for some cases of what lies one row beside it, or between rows, or nowhere. */
const DRAWS: readonly (readonly [what: string, draw: (rows: number) => Draw])[] = [
  ['', (rows) => integers(0, rows - 1)],
  [', some outside', (rows) => integers(-1, rows)],
  [', some not whole or NaN', () => unruly],
];

export function indexedCases(): OpCase[] {
  const cases: OpCase[] = ROWS.flatMap(([rows, rest, count]) =>
    DRAWS.flatMap(([what, draw]): OpCase[] => [
      {
        name: `gather ${count} of ${show([rows, ...rest])}${what}`,
        op: 'gather',
        inputs: [caseInput('table', [rows, ...rest]), caseInput('indices', [count], draw(rows), false)],
        build: (b, [table, indices]) => gather(b, table!, indices!),
        order: 2,
      },
      {
        name: `scatter ${show([count, ...rest])} to ${rows} rows${what}`,
        op: 'scatter',
        inputs: [caseInput('updates', [count, ...rest]), caseInput('indices', [count], draw(rows), false)],
        build: (b, [updates, indices]) => scatter(b, updates!, indices!, rows),
        order: 2,
      },
    ]),
  );
  const sorted = [1, 2, 3, 4, 7, 8, 16, 33, 64, 1000].flatMap((count) =>
    (
      [
        ['distinct numbers', distinct()],
        ['numbers that are often equal', whole],
        ['numbers with NaN and infinities', unruly],
      ] as const
    ).map(([what, draw]): OpCase => ({
      name: `argsort of ${count} ${what}`,
      op: 'argsort',
      inputs: [caseInput('x', [count], draw, false)],
      build: (b, [x]) => argsort(b, x!),
      order: 1,
    })),
  );
  return [...cases, ...sorted, ...seenOtherwise(), ...nonlinear()];
}

/** Operands that are views. */
function seenOtherwise(): OpCase[] {
  const indices = (count: number, rows: number) => caseInput('indices', [count], integers(-1, rows), false);
  return [
    {
      name: 'gather of every second row, by every second index',
      op: 'gather',
      inputs: [caseInput('table', [9, 5]), indices(7, 5)],
      build: (b, [table, index]) =>
        gather(b, slice(b, table!, [0, 0], [9, 5], [2, 1]), slice(b, index!, [0], [7], [2])),
      order: 2,
    },
    {
      name: 'gather of the columns of a matrix',
      op: 'gather',
      inputs: [caseInput('table', [6, 9]), indices(5, 9)],
      build: (b, [table, index]) => gather(b, transpose(b, table!, [1, 0]), index!),
      order: 2,
    },
    {
      name: 'gather of a column, of a table cut on the right, by one index for all',
      op: 'gather',
      inputs: [caseInput('table', [6, 9]), caseInput('index', [], integers(0, 5), false)],
      build: (b, [table, index]) =>
        gather(b, slice(b, table!, [0, 0], [6, 8]), broadcast(b, index!, [4], [])),
      order: 2,
    },
    {
      name: 'scatter of one row to many, and of columns',
      op: 'scatter',
      inputs: [caseInput('row', [5]), caseInput('matrix', [5, 7]), indices(7, 4)],
      build: (b, [row, matrix, index]) =>
        mul(
          b,
          scatter(b, broadcast(b, row!, [7, 5], [1]), index!, 4),
          scatter(b, transpose(b, matrix!, [1, 0]), index!, 4),
        ),
      order: 2,
    },
    {
      name: 'argsort of a column',
      op: 'argsort',
      inputs: [caseInput('x', [11, 3], distinct(), false)],
      build: (b, [x]) => argsort(b, b.emit('reshape', [slice(b, x!, [0, 1], [11, 2])], { shape: [11] })),
      order: 1,
    },
  ];
}

/** Where second derivatives are not zero. */
function nonlinear(): OpCase[] {
  return [
    {
      name: 'squares of gathered rows',
      op: 'gather',
      inputs: [caseInput('table', [5, 3]), caseInput('indices', [8], integers(-1, 5), false)],
      build: (b, [table, indices]) => square(b, gather(b, square(b, table!), indices!)),
      order: 2,
    },
    {
      name: 'squares of scattered rows',
      op: 'scatter',
      inputs: [caseInput('updates', [8, 3]), caseInput('indices', [8], integers(-1, 5), false)],
      build: (b, [updates, indices]) => square(b, scatter(b, square(b, updates!), indices!, 5)),
      order: 2,
    },
    {
      name: 'products of sorted lists',
      op: 'gather',
      inputs: [caseInput('x', [13], distinct()), caseInput('z', [13], uniform(-1, 1))],
      build: (b, [x, z]) => mul(b, square(b, sort(b, x!)), sort(b, z!)),
      order: 2,
    },
  ];
}
