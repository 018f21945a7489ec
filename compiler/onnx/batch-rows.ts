/**
 * Which tensors of an output follow the batch. Graphs are made for a number of examples; an output made for two of them
 * shows which sizes are multiples of the batch, and op by op whether an example's result needs that example alone.
 */
import type { Graph, Node, NodeId, Shape } from '../graph/graph.js';
import { attributeKey } from '../graph/builder.js';
import { isRowWise, sharedOperand } from '../passes/row-wise.js';
import { sameShape } from '../ops/shape-checks.js';

/**
 * By node: undefined where the tensor is the same whatever the batch; else how many rows of axis 0 belong to each
 * example (1 for [B, 10], 4 for [B * 4, 16]). Examples lie one after another in memory.
 */
export type BatchRows = readonly (number | undefined)[];

/** An output whose examples cannot be told apart, or whose size does not grow with their number. */
export class CoupledError extends Error {
  override readonly name = 'CoupledError';
  readonly node: Node;

  constructor(node: Node) {
    super(`${node.op} works across the examples of a batch`);
    this.node = node;
  }
}

/** A graph with how many examples it was made for. */
export interface GraphOfBatch {
  readonly graph: Graph;
  readonly batch: number;
}

/**
 * The rows of `one`'s tensors. `other` is the same output for another batch. Batches must be larger than what sizes of axes
 * may be by chance multiples of: two primes above all sizes that specs have. Throws CoupledError.
 */
export function batchRows(one: GraphOfBatch, other: GraphOfBatch): BatchRows {
  const rows: (number | undefined)[] = [];
  one.graph.nodes.forEach((node, id) => {
    const twin = other.graph.nodes[id];
    if (twin === undefined || twin.op !== node.op || twin.inputs.join() !== node.inputs.join()) {
      throw new CoupledError(node);
    }
    const found = rowsOf(node, one.batch, twin.shape, other.batch);
    rows.push(found);
    if (!isSameOp(node, twin, found !== undefined)) throw new CoupledError(node);
    const operands = node.inputs.map((input) => rows[input]);
    if (!keepsExamplesApart(node, operands, one.graph, found)) throw new CoupledError(node);
  });
  if (other.graph.nodes.length !== one.graph.nodes.length) throw new CoupledError(one.graph.nodes.at(-1)!);
  return rows;
}

/** Rows per example, from the sizes for two batches. Throws CoupledError where a size is neither fixed nor a multiple. */
function rowsOf(node: Node, batch: number, twin: Shape, twinBatch: number): number | undefined {
  const { shape } = node;
  if (sameShape(shape, twin)) return undefined;
  const rows = shape[0]! / batch;
  const follows =
    shape.length === twin.length &&
    Number.isInteger(rows) &&
    twin[0] === rows * twinBatch &&
    shape.slice(1).every((size, axis) => size === twin[axis + 1]);
  if (!follows) throw new CoupledError(node);
  return rows;
}

/** Whether two nodes are one op, up to the size of axis 0 where the result follows the batch. */
function isSameOp(node: Node, twin: Node, follows: boolean): boolean {
  if (attributeKey(node.attributes) === attributeKey(twin.attributes)) return true;
  if (!follows) return false;
  const withoutRows = ({ op, attributes }: Node): string => {
    switch (op) {
      case 'input':
      case 'broadcast':
      case 'reshape':
        return attributeKey({ ...attributes, shape: attributes.shape.slice(1) });
      case 'slice':
        return attributeKey({ ...attributes, limit: attributes.limit.slice(1) });
      default:
        return attributeKey(attributes);
    }
  };
  return withoutRows(node) === withoutRows(twin);
}

function keepsExamplesApart(
  node: Node,
  operands: readonly (number | undefined)[],
  { nodes }: Graph,
  found: number | undefined,
): boolean {
  const following = operands.filter((rows) => rows !== undefined).length;
  if (following === 0) {
    // Of what is the same for all examples only repetition makes a tensor that follows them.
    return found === undefined || node.op === 'input' || node.op === 'broadcast';
  }
  if (found === undefined) return false;
  const shared = sharedOperand(node.op);
  if (shared !== undefined && operands[shared] !== undefined) return false;
  if (following !== operands.length - (shared === undefined ? 0 : 1)) return false;
  return isRowWise(node, inputShape(nodes, node.inputs[0]!)) && leavesRows(node);
}

const inputShape = (nodes: readonly Node[], id: NodeId): Shape => nodes[id]!.shape;

/** Slices and pads that give as many rows as they take, and give each of them its own. */
function leavesRows(node: Node): boolean {
  switch (node.op) {
    case 'slice':
      return node.attributes.start[0] === 0 && node.attributes.stride[0] === 1;
    case 'pad':
      return node.attributes.low[0] === 0 && node.attributes.interior[0] === 0;
    default:
      return true;
  }
}
