/**
 * A contraction by tiles: a group makes a tile of results and keeps what the tile reads of both factors, a stretch of the
 * depth at a time, in workgroup memory, so that a factor is read from memory once for a whole side of the tile. While a
 * stretch is multiplied, the next one is on its way; two stretches take turns, which leaves one barrier for each.
 *
 * The threads are a grid over the tile, each with a block of results in registers. Where results are few and the depth is
 * long, a group has several such grids (slices), each with its share of every stretch, and their sums are joined at the end.
 * The order of additions of a result depends on the kernel alone.
 */
import type { Block, Contraction } from './contraction.js';
import { GROUP } from './shader.js';
import { u32 } from './wgsl.js';

export interface Tiling {
  /** Threads down and across a tile; GROUP is a multiple of their product. */
  readonly grid: Block;
  /** Results of a thread; multiples of 4. */
  readonly block: Block;
  /** Depth that each slice multiplies between two barriers. */
  readonly share: number;
}

/** What a tiling is to its contraction. */
interface Measures {
  readonly rows: number;
  readonly columns: number;
  readonly slices: number;
  /** Depth of a stretch. */
  readonly stretch: number;
}

function measures({ grid, block, share }: Tiling): Measures {
  const slices = GROUP / (grid.rows * grid.columns);
  return {
    rows: grid.rows * block.rows,
    columns: grid.columns * block.columns,
    slices,
    stretch: share * slices,
  };
}

/** Groups that cover the results. */
export function tileGroups({ rows, columns }: Contraction, tiling: Tiling): number {
  const tile = measures(tiling);
  return Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns);
}

const TILINGS: readonly Tiling[] = [
  { grid: { rows: 8, columns: 8 }, block: { rows: 16, columns: 8 }, share: 8 },
  { grid: { rows: 8, columns: 8 }, block: { rows: 8, columns: 8 }, share: 8 },
  { grid: { rows: 8, columns: 8 }, block: { rows: 8, columns: 4 }, share: 8 },
  { grid: { rows: 8, columns: 8 }, block: { rows: 4, columns: 8 }, share: 8 },
  { grid: { rows: 8, columns: 8 }, block: { rows: 4, columns: 4 }, share: 8 },
  { grid: { rows: 16, columns: 4 }, block: { rows: 8, columns: 4 }, share: 8 },
  { grid: { rows: 16, columns: 4 }, block: { rows: 4, columns: 4 }, share: 8 },
  { grid: { rows: 4, columns: 16 }, block: { rows: 4, columns: 4 }, share: 8 },
  { grid: { rows: 16, columns: 1 }, block: { rows: 4, columns: 4 }, share: 4 },
  { grid: { rows: 4, columns: 4 }, block: { rows: 4, columns: 4 }, share: 8 },
  { grid: { rows: 2, columns: 2 }, block: { rows: 4, columns: 4 }, share: 4 },
];

/**
 * What a stretch takes of a GPU's time, fitted to an H100, in multiply-adds of a thread: those themselves and LOADING for
 * everything that a thread loads; WAITING for memory where nothing else is to be done. AT_ONCE groups do not slow each
 * other down.
 */
const AT_ONCE = 160;
const WAITING = 700;
const LOADING = 24;

/** The tiling that a contraction is done soonest with, of `slices` launches' worth of work beside each other. */
export function tilingFor(contraction: Contraction, depth: number, slices: number): Tiling {
  const cost = (tiling: Tiling): number => {
    const { rows, columns, stretch } = measures(tiling);
    const { block, share } = tiling;
    const loads = ((rows + columns) * stretch) / GROUP;
    const work = share * block.rows * block.columns + LOADING * loads;
    const groups = tileGroups(contraction, tiling) * slices;
    return (Math.ceil(depth / stretch) + 2) * Math.max(WAITING + work, (groups / AT_ONCE) * work);
  };
  return TILINGS.reduce((best, tiling) => (cost(tiling) < cost(best) ? tiling : best));
}

/** Vectors of padding behind a stretch's line, so that the threads of a warp write to different banks. */
const padding = (alongDepth: boolean, slices: number): number => (alongDepth || slices > 1 ? 1 : 2);

/** The statements of a group: `group.x` is the number of its tile. Uses `tiles` in workgroup memory. */
export function contractTiled(contraction: Contraction, tiling: Tiling): readonly string[] {
  const { rows, columns, depth } = contraction;
  const { grid, block, share } = tiling;
  const tile = measures(tiling);
  const { slices, stretch } = tile;
  const across = Math.ceil(columns / tile.columns);

  // A line of the left factor's part is one depth's rows, of the right one's its columns, in vectors of 4.
  const leftLine = tile.rows / 4 + padding(contraction.leftAlongDepth, slices);
  const rightLine = tile.columns / 4 + padding(false, slices);
  const rightStart = stretch * leftLine;
  const half = rightStart + stretch * rightLine;

  const left = loader('left', contraction.leftAlongDepth, tile.rows, stretch);
  const right = loader('right', false, tile.columns, stretch);
  const inner = depth.slice(1).reduce((product, { size }) => product * size!, 1);
  const [outer] = depth as readonly [(typeof depth)[number]];
  const whole = outer.size === undefined ? undefined : outer.size * inner;
  const exact = whole !== undefined && whole % stretch === 0;

  const places = (at: string): string[] => [
    `var at = ${exact ? at : `min(${at}, depth - 1u)`};`,
    ...[...depth.keys()].reverse().flatMap((i) => {
      const { name, size, from, once = [] } = depth[i]!;
      if (i > 0) return [`let ${name} = at % ${u32(size!)};`, `at = at / ${u32(size!)};`, ...once];
      return [`let ${name} = ${from === '0u' ? 'at' : `${from} + at`};`, ...once];
    }),
  ];
  const value = (text: string, at: string): string => (exact ? text : `select(0.0f, ${text}, ${at} < depth)`);
  const load = [
    '{',
    `let own_depth = step * ${u32(stretch)} + left_depth;`,
    ...places('own_depth'),
    ...left.suffixes.flatMap((s) => [
      ...depth.flatMap(({ perRow }) => perRow?.(s) ?? []),
      `left${s} = ${value(contraction.left(s), 'own_depth')};`,
    ]),
    '}',
    '{',
    `let own_depth = step * ${u32(stretch)} + right_depth;`,
    ...places('own_depth'),
    ...right.suffixes.flatMap((s) => [
      ...depth.flatMap(({ perColumn }) => perColumn?.(s) ?? []),
      `right${s} = ${value(contraction.right(s), 'own_depth')};`,
    ]),
    '}',
  ];
  const store = [
    `let into = (step & 1u) * ${u32(half)};`,
    ...left.suffixes.map((s, i) => stored('left', s, i * left.apart, `left_depth * ${u32(leftLine)}`)),
    ...right.suffixes.map((s, i) =>
      stored('right', s, i * right.apart, `${u32(rightStart)} + right_depth * ${u32(rightLine)}`),
    ),
  ];

  const [rowVectors, columnVectors] = [block.rows / 4, block.columns / 4];
  const total = (row: number, vector: number): string => `total_${row}_${vector}`;
  const all = range(block.rows).flatMap((row) => range(columnVectors).map((vector) => total(row, vector)));
  const multiply = [
    `let left_from = ((step + 1u) & 1u) * ${u32(half)}${slices === 1 ? '' : ` + slice * ${u32(share * leftLine)}`} + thread_row;`,
    `let right_from = ((step + 1u) & 1u) * ${u32(half)} + ${u32(rightStart)}${slices === 1 ? '' : ` + slice * ${u32(share * rightLine)}`} + thread_column;`,
    `for (var k = 0u; k < ${u32(share)}; k++) {`,
    ...range(rowVectors).map(
      (i) => `let l${i} = tiles[left_from + k * ${u32(leftLine)} + ${u32(i * grid.rows)}];`,
    ),
    ...range(columnVectors).map(
      (i) => `let r${i} = tiles[right_from + k * ${u32(rightLine)} + ${u32(i * grid.columns)}];`,
    ),
    ...range(block.rows).flatMap((row) =>
      range(columnVectors).map((vector) => {
        const name = total(row, vector);
        return `${name} = fma(vec4f(l${row >> 2}.${'xyzw'[row & 3]!}), r${vector}, ${name});`;
      }),
    ),
    '}',
  ];

  const steps =
    whole === undefined ? `(depth + ${u32(stretch - 1)}) / ${u32(stretch)}` : u32(Math.ceil(whole / stretch));
  return [
    `let tile_row = group.x / ${u32(across)} * ${u32(tile.rows)};`,
    `let tile_column = group.x % ${u32(across)} * ${u32(tile.columns)};`,
    ...(exact
      ? []
      : [
          `let depth = ${whole === undefined ? `(${outer.to} - ${outer.from}) * ${u32(inner)}` : u32(whole)};`,
        ]),
    `let steps = ${steps};`,
    ...left.lines,
    ...left.suffixes.flatMap((s, i) => [
      `let row${s} = ${clamped(`tile_row + left_item + ${u32(i * left.apart)}`, rows, tile.rows)};`,
      ...contraction.row(s),
    ]),
    ...right.lines,
    ...right.suffixes.flatMap((s, i) => [
      `let column${s} = ${clamped(`tile_column + right_item + ${u32(i * right.apart)}`, columns, tile.columns)};`,
      ...contraction.column(s),
    ]),
    ...(slices === 1 ? [] : [`let slice = local / ${u32(grid.rows * grid.columns)};`]),
    `let thread_row = local % ${u32(grid.rows * grid.columns)} / ${u32(grid.columns)};`,
    `let thread_column = local % ${u32(grid.columns)};`,
    ...[...left.suffixes.map((s) => `left${s}`), ...right.suffixes.map((s) => `right${s}`)].map(
      (name) => `var ${name} = 0.0f;`,
    ),
    ...all.map((name) => `var ${name} = vec4f();`),
    // Where nothing is met the sums are 0.
    ...(whole === 0
      ? []
      : [
          'for (var step = 0u; ; step++) {',
          'if (step < steps) {',
          ...load,
          '}',
          'if (step > 0u) {',
          ...multiply,
          '}',
          'if (step == steps) { break; }',
          ...store,
          'workgroupBarrier();',
          '}',
        ]),
    ...(slices === 1
      ? finishOwn(contraction, tiling, all)
      : finishJoined(contraction, tiling, tile, (row, vector) => total(row, vector))),
  ];
}

/** Vectors of workgroup memory that a tiling takes at most. */
function tileVectors(tiling: Tiling): number {
  const { rows, columns, stretch, slices } = measures(tiling);
  const halves = 2 * stretch * (rows / 4 + columns / 4 + 2 * padding(false, slices));
  return Math.max(halves, slices === 1 ? 0 : (slices * rows * columns) / 4);
}

/** Of the largest tiling. */
export const TILE_VECTORS = Math.max(...TILINGS.map(tileVectors));

interface Loader {
  readonly lines: readonly string[];
  /** Of what a thread loads of a stretch. */
  readonly suffixes: readonly string[];
  /** Between a thread's rows, or columns. */
  readonly apart: number;
}

/** A thread loads places of one depth: neighbours in memory by neighbouring threads. */
function loader(what: 'left' | 'right', alongDepth: boolean, side: number, stretch: number): Loader {
  const apart = GROUP / stretch;
  return {
    lines: alongDepth
      ? [`let ${what}_depth = local % ${u32(stretch)};`, `let ${what}_item = local / ${u32(stretch)};`]
      : [`let ${what}_depth = local / ${u32(apart)};`, `let ${what}_item = local % ${u32(apart)};`],
    suffixes: range(side / apart).map((i) => `_${what[0]!}${i}`),
    apart,
  };
}

function stored(what: 'left' | 'right', suffix: string, first: number, line: string): string {
  const item = first === 0 ? `${what}_item` : `(${what}_item + ${u32(first)})`;
  return `tiles[into + ${line} + ${item} / 4u][${item} % 4u] = ${what}${suffix};`;
}

/** Those beyond the edge repeat the last one and are not stored. */
const clamped = (place: string, size: number, side: number): string =>
  size % side === 0 ? place : `min(${place}, ${u32(size - 1)})`;

/** Each thread finishes its own block, in loops: compilers of shaders are slow with many copies. */
function finishOwn(
  contraction: Contraction,
  { grid, block }: Tiling,
  totals: readonly string[],
): readonly string[] {
  const vectors = block.columns / 4;
  return [
    `var totals = array<vec4f, ${totals.length}>(${totals.join(', ')});`,
    `for (var r = 0u; r < ${u32(block.rows)}; r++) {`,
    `let row = tile_row + (r / 4u * ${u32(grid.rows)} + thread_row) * 4u + r % 4u;`,
    `if (row >= ${u32(contraction.rows)}) { break; }`,
    ...contraction.row(''),
    `for (var c = 0u; c < ${u32(block.columns)}; c++) {`,
    `let column = tile_column + (c / 4u * ${u32(grid.columns)} + thread_column) * 4u + c % 4u;`,
    `if (column >= ${u32(contraction.columns)}) { break; }`,
    `let total = totals[r * ${u32(vectors)} + c / 4u][c % 4u];`,
    ...contraction.finish,
    '}',
    '}',
  ];
}

/** All slices' blocks come together in workgroup memory; every thread joins and finishes its share of the tile. */
function finishJoined(
  contraction: Contraction,
  { grid, block }: Tiling,
  tile: Measures,
  total: (row: number, vector: number) => string,
): readonly string[] {
  const line = tile.columns / 4;
  const results = tile.rows * tile.columns;
  const places = range(block.rows).flatMap((row) =>
    range(block.columns / 4).map((vector) => {
      const down = `(${u32((row >> 2) * grid.rows)} + thread_row) * 4u + ${u32(row & 3)}`;
      return `tiles[slice * ${u32(results / 4)} + (${down}) * ${u32(line)} + ${u32(vector * grid.columns)} + thread_column] = ${total(row, vector)};`;
    }),
  );
  return [
    'workgroupBarrier();',
    ...places,
    'workgroupBarrier();',
    `for (var result = local; result < ${u32(results)}; result += ${u32(GROUP)}) {`,
    `let row = tile_row + result / ${u32(tile.columns)};`,
    `let column = tile_column + result % ${u32(tile.columns)};`,
    `if (row >= ${u32(contraction.rows)} || column >= ${u32(contraction.columns)}) { continue; }`,
    ...contraction.row(''),
    'var total = 0.0f;',
    `for (var i = 0u; i < ${u32(tile.slices)}; i++) { total += tiles[i * ${u32(results / 4)} + result / 4u][result % 4u]; }`,
    ...contraction.finish,
    '}',
  ];
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
