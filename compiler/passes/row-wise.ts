/** Which nodes treat every row of axis 0 by itself, and what such a node looks like on several times as many rows. */
import type { Node, OpName, Shape } from '../graph/graph.js';
import { isPointwise } from '../ops/pointwise-ops.js';

/**
 * True where the result for joined operands is the results joined; `input` is the first operand's shape. Contractions
 * and gathers count with an operand that is common to all rows (`sharedOperand`); reshapes always, since joining along axis 0 is joining in
 * memory. Slices and pads do where axis 0 keeps its size (of one row, a pad with zeros between rows adds none).
 */
export function isRowWise(node: Node, input: Shape): boolean {
  if (node.shape.length === 0 || input.length === 0) return false;
  if (isPointwise(node.op)) return true;
  switch (node.op) {
    case 'broadcast':
      return node.attributes.axes[0] === 0 && node.shape[0] === input[0];
    case 'reshape':
      return true;
    case 'transpose':
      return node.attributes.permutation[0] === 0;
    case 'slice':
      return node.shape[0] === input[0];
    case 'pad':
      return node.shape[0] === input[0];
    case 'concat':
      return node.attributes.axis !== 0;
    case 'reduce_sum':
    case 'reduce_max':
      return !node.attributes.axes.includes(0);
    case 'dot':
      return !node.attributes.transposeA;
    case 'conv':
    case 'conv_input_gradient':
    case 'gather':
      return true;
    default:
      return false;
  }
}

/** The node with `times` as many rows. Its inputs are those of the original. */
export function onManyRows(node: Node, times: number): Node {
  const rows = (shape: readonly number[]): readonly number[] => [shape[0]! * times, ...shape.slice(1)];
  switch (node.op) {
    case 'broadcast':
    case 'reshape':
      return {
        ...node,
        attributes: { ...node.attributes, shape: rows(node.attributes.shape) },
        shape: rows(node.shape),
      } as Node;
    case 'slice':
      return {
        ...node,
        attributes: {
          start: node.attributes.start,
          limit: rows(node.attributes.limit),
          stride: [1, ...node.attributes.stride.slice(1)],
        },
        shape: rows(node.shape),
      };
    case 'pad':
      return {
        ...node,
        attributes: { ...node.attributes, interior: [0, ...node.attributes.interior.slice(1)] },
        shape: rows(node.shape),
      };
    default:
      return { ...node, shape: rows(node.shape) };
  }
}

/** Which operand of a row-wise op must be the same node for all rows: a weight, or the table that rows are read from. */
export function sharedOperand(op: OpName): number | undefined {
  if (op === 'gather') return 0;
  return isSharedContraction(op) ? 1 : undefined;
}

/** Contractions of rows with an operand that all rows share: the seeds of merging. */
export function isSharedContraction(op: OpName): boolean {
  return op === 'dot' || op === 'conv' || op === 'conv_input_gradient';
}
