/** Kernels that find their places by numbers in memory: gather, scatter and argsort. */

/** Result row i is the table's row indices[i], or zeros. Parameters: table, indices, result. */
export interface GatherKernel {
  readonly kind: 'gather';
  readonly parameters: 3;
  readonly tiles: number;
  /** Of the table. */
  readonly rows: number;
  /** Elements of one row, neighbours in memory. */
  readonly length: number;
  /** Elements between the table's rows. */
  readonly rowStride: number;
  readonly indices: number;
  readonly indexStride: number;
}

/**
 * Result row r is the sum of the rows whose index is r, in their order; a tile makes some rows of the result.
 * Parameters: updates, indices, result.
 */
export interface ScatterKernel {
  readonly kind: 'scatter';
  readonly parameters: 3;
  readonly tiles: number;
  /** Of the result. */
  readonly rows: number;
  readonly length: number;
  /** Elements between the updates' rows. */
  readonly rowStride: number;
  readonly indices: number;
  readonly indexStride: number;
}

/** The indices that sort a list, stable, NaN last. Parameters: the list, the indices. */
export interface ArgsortKernel {
  readonly kind: 'argsort';
  readonly parameters: 2;
  readonly tiles: 1;
  readonly count: number;
  readonly stride: number;
}

export type IndexedKernel = GatherKernel | ScatterKernel | ArgsortKernel;

/** The parameter that a kernel writes; the others are read. */
export function indexedResult(kernel: IndexedKernel): number {
  return kernel.parameters - 1;
}

/** Elements a parameter reaches over, and how far apart they are, dimension by dimension. */
export interface IndexedReach {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
}

/** For each parameter what may be touched, whatever the indices are. */
export function indexedReaches(kernel: IndexedKernel): readonly IndexedReach[] {
  switch (kernel.kind) {
    case 'gather':
    case 'scatter': {
      const { rows, length, rowStride, indices, indexStride } = kernel;
      const [read, written] = kernel.kind === 'gather' ? [rows, indices] : [indices, rows];
      return [
        { sizes: [read, length], strides: [rowStride, 1] },
        { sizes: [indices], strides: [indexStride] },
        { sizes: [written * length], strides: [1] },
      ];
    }
    case 'argsort':
      return [
        { sizes: [kernel.count], strides: [kernel.stride] },
        { sizes: [kernel.count], strides: [1] },
      ];
    default:
      return kernel satisfies never;
  }
}

export function showIndexed(kernel: IndexedKernel): string {
  switch (kernel.kind) {
    case 'gather':
      return `${kernel.indices} of ${kernel.rows} rows of ${kernel.length}`;
    case 'scatter':
      return `${kernel.indices} to ${kernel.rows} rows of ${kernel.length}`;
    case 'argsort':
      return `of ${kernel.count}`;
    default:
      return kernel satisfies never;
  }
}
