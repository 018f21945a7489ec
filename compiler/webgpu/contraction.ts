/**
 * The common shape of all contractions: result[row, column] = sum over the depth of left times right. A thread makes a
 * block of results in registers; neighbouring threads make neighbouring columns, so that what they read lies together.
 * The order of additions of a result depends on the kernel alone.
 */
import { u32 } from './wgsl.js';

/** A loop of the depth, and what is worked out in it before the next one begins. */
export interface DepthLoop {
  readonly name: string;
  /** WGSL expressions. */
  readonly from: string;
  readonly to: string;
  /** How often it turns, where that is one number; all but the outermost have it. */
  readonly size: number | undefined;
  /** Statements that all rows and columns share. */
  readonly once?: readonly string[] | undefined;
  /** Statements for the row or the column whose names end in `suffix`. */
  readonly perRow?: ((suffix: string) => readonly string[]) | undefined;
  readonly perColumn?: ((suffix: string) => readonly string[]) | undefined;
}

export interface Contraction {
  readonly rows: number;
  readonly columns: number;
  readonly depth: readonly DepthLoop[];
  /** Whether neighbours of the left factor in memory are neighbours of the depth; otherwise they are rows. */
  readonly leftAlongDepth: boolean;
  /** Statements that take `row` + suffix, and `column` + suffix, apart; those of a row also for no suffix. */
  readonly row: (suffix: string) => readonly string[];
  readonly column: (suffix: string) => readonly string[];
  /** The factors, in the innermost loop. */
  readonly left: (suffix: string) => string;
  readonly right: (suffix: string) => string;
  /** Statements that use a finished result: `total`, at `row` and `column`, both the row taken apart with no suffix. */
  readonly finish: readonly string[];
}

/** Rows and columns of a thread's block. */
export interface Block {
  readonly rows: number;
  readonly columns: number;
}

/** Results that are too few to fill a machine are made in smaller blocks. */
export function blockFor(rows: number, columns: number, largest: Block): Block {
  const fit = (size: number, most: number): number => {
    let block = most;
    while (block > 1 && size < block) block /= 2;
    return block;
  };
  return { rows: fit(rows, largest.rows), columns: fit(columns, largest.columns) };
}

/** Threads that a contraction needs. */
export const contractionThreads = ({ rows, columns }: Contraction, block: Block): number =>
  Math.ceil(rows / block.rows) * Math.ceil(columns / block.columns);

/** The statements of thread number `thread`, which is below `contractionThreads`. */
export function contract(contraction: Contraction, block: Block): readonly string[] {
  const { rows, columns, depth, left, right } = contraction;
  const across = Math.ceil(columns / block.columns);
  const rowSuffixes = Array.from({ length: block.rows }, (_, i) => `_r${i}`);
  const columnSuffixes = Array.from({ length: block.columns }, (_, i) => `_c${i}`);
  const total = (r: string, c: string): string => `t${r}${c}`;
  // Those beyond the edge repeat the last one and are not stored.
  const ragged = { row: rows % block.rows !== 0, column: across * block.columns !== columns };
  const inside = (what: 'row' | 'column', name: string, size: number): string =>
    ragged[what] ? `min(${name}, ${u32(size - 1)})` : name;

  const innermost = [
    ...rowSuffixes.map((r) => `let left${r} = ${left(r)};`),
    ...columnSuffixes.map((c) => `let right${c} = ${right(c)};`),
    ...rowSuffixes.flatMap((r) => columnSuffixes.map((c) => `${total(r, c)} += left${r} * right${c};`)),
  ];
  const nested = depth.reduceRight<readonly string[]>(
    (inner, { name, from, to, once = [], perRow, perColumn }) => [
      `for (var ${name} = ${from}; ${name} < ${to}; ${name}++) {`,
      ...once,
      ...(perRow === undefined ? [] : rowSuffixes.flatMap(perRow)),
      ...(perColumn === undefined ? [] : columnSuffixes.flatMap(perColumn)),
      ...inner,
      '}',
    ],
    innermost,
  );
  return [
    `let first_row = thread / ${u32(across)} * ${u32(block.rows)};`,
    `let first_column = thread % ${u32(across)};`,
    ...rowSuffixes.flatMap((r, i) => [
      `let row${r} = ${inside('row', `first_row + ${u32(i)}`, rows)};`,
      ...contraction.row(r),
    ]),
    ...columnSuffixes.flatMap((c, i) => [
      `let column${c} = ${inside('column', `first_column + ${u32(i * across)}`, columns)};`,
      ...contraction.column(c),
    ]),
    ...rowSuffixes.flatMap((r) => columnSuffixes.map((c) => `var ${total(r, c)} = 0.0f;`)),
    ...nested,
    ...finishing(
      contraction,
      block,
      across,
      ragged,
      rowSuffixes.flatMap((r) => columnSuffixes.map((c) => total(r, c))),
    ),
  ];
}

/** One copy of what follows a contraction, in loops: compilers of shaders are slow with sixteen. */
function finishing(
  contraction: Contraction,
  block: Block,
  across: number,
  ragged: { readonly row: boolean; readonly column: boolean },
  totals: readonly string[],
): readonly string[] {
  const { rows, columns } = contraction;
  return [
    `var totals = array<f32, ${totals.length}>(${totals.join(', ')});`,
    `for (var r = 0u; r < ${u32(block.rows)}; r++) {`,
    'let row = first_row + r;',
    ...(ragged.row ? [`if (row >= ${u32(rows)}) { break; }`] : []),
    ...contraction.row(''),
    `for (var c = 0u; c < ${u32(block.columns)}; c++) {`,
    `let column = first_column + c * ${u32(across)};`,
    ...(ragged.column ? [`if (column >= ${u32(columns)}) { break; }`] : []),
    `let total = totals[r * ${u32(block.columns)} + c];`,
    ...contraction.finish,
    '}',
    '}',
  ];
}
