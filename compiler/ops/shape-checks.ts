/** What the shape rules of all ops have in common: how a shape is printed and what is refused with which words. */
import type { OpName, Shape } from '../graph/graph.js';
import { GraphError } from './op.js';

/** `[16, 32, 32, 3]` */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

export function refuse(op: OpName, because: string): never {
  throw new GraphError(`${op}: ${because}`);
}

/** Refuses a node that does not have exactly as many inputs as the op takes. */
export function requireInputs(op: OpName, inputs: readonly Shape[], count: number): void {
  if (inputs.length !== count) {
    refuse(op, `takes ${count} input${count === 1 ? '' : 's'} but was given ${inputs.length}`);
  }
}

/** Refuses sizes that are not whole numbers from 1 upwards: the graph has no empty tensors. */
export function requireSizes(op: OpName, what: string, shape: Shape): void {
  if (!shape.every((size) => Number.isInteger(size) && size >= 1)) {
    refuse(op, `${what} ${showShape(shape)} has a size that is not a whole number of at least 1`);
  }
}

export function requireRank(op: OpName, what: string, shape: Shape, rank: number): void {
  if (shape.length !== rank) {
    refuse(op, `${what} ${showShape(shape)} has rank ${shape.length}, it must be ${rank}`);
  }
}

/** Refuses an attribute list that does not have one entry per axis. */
export function requirePerAxis(op: OpName, what: string, list: readonly number[], shape: Shape): void {
  if (list.length !== shape.length) {
    refuse(
      op,
      `${what} ${showShape(list)} has ${list.length} entries, the input ${showShape(shape)} has ${shape.length} axes`,
    );
  }
}

/** Refuses axes that do not exist, or are not in ascending order without repetition. */
export function requireAscendingAxes(op: OpName, axes: readonly number[], shape: Shape): void {
  axes.forEach((axis, i) => {
    if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length) {
      refuse(op, `axis ${axis} is not an axis of ${showShape(shape)}`);
    }
    const before = axes[i - 1];
    if (before !== undefined && before >= axis) {
      refuse(op, `axes ${showShape(axes)} must be ascending without repetition`);
    }
  });
}
