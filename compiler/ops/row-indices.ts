/** What gather and scatter share: how a number chooses a row, and what their shapes must be. */
import type { OpName, Shape } from '../graph/graph.js';
import { refuse, requireRank, showShape } from './shape-checks.js';

/** The row that `index` means, or undefined where it is no whole number in [0, rows), NaN included. */
export function chosenRow(index: number, rows: number): number | undefined {
  return Number.isInteger(index) && index >= 0 && index < rows ? index : undefined;
}

/** Refuses rows of rank 0 and indices that are not a list; gives the shape of one row. */
export function requireRows(op: OpName, what: string, shape: Shape, indices: Shape): Shape {
  if (shape.length === 0) refuse(op, `${what} ${showShape(shape)} has no rows`);
  requireRank(op, 'the list of indices', indices, 1);
  return shape.slice(1);
}
