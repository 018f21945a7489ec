/** What computing something costs, in numbers that do not depend on who computes it. */
import { elementCount } from '../ops/shape-checks.js';
import type { Graph, NodeId } from './graph.js';

export interface Cost {
  /** Of contractions. */
  readonly multiplyAdds: number;
  /** All other arithmetic: an exponential counts one, as an addition and a comparison do. */
  readonly operations: number;
  /** Elements. */
  readonly reads: number;
  readonly writes: number;
}

export const NOTHING: Cost = { multiplyAdds: 0, operations: 0, reads: 0, writes: 0 };

/** Floating-point operations: a multiply-add is two. */
export const flopOf = ({ multiplyAdds, operations }: Pick<Cost, 'multiplyAdds' | 'operations'>): number =>
  2 * multiplyAdds + operations;

export const addCosts = (a: Cost, b: Cost): Cost => ({
  multiplyAdds: a.multiplyAdds + b.multiplyAdds,
  operations: a.operations + b.operations,
  reads: a.reads + b.reads,
  writes: a.writes + b.writes,
});

/** Of one node computed by itself: operands read and the result written, each once. Views of the same numbers are free. */
export function nodeCost({ nodes }: Pick<Graph, 'nodes'>, id: NodeId): Cost {
  const node = nodes[id]!;
  const operands = node.inputs.map((input) => nodes[input]!.shape);
  const result = elementCount(node.shape);
  const moved = {
    reads: operands.reduce((sum, shape) => sum + elementCount(shape), 0),
    writes: result,
  };
  const arithmetic = (multiplyAdds: number, operations: number): Cost => ({
    multiplyAdds,
    operations,
    ...moved,
  });
  switch (node.op) {
    case 'input':
    case 'constant':
    case 'reshape':
    case 'stop':
      return NOTHING;
    case 'broadcast':
    case 'transpose':
    case 'slice':
    case 'pad':
    case 'concat':
    case 'gather':
    case 'argsort':
      return arithmetic(0, 0);
    case 'scatter':
    case 'reduce_sum':
    case 'reduce_max':
      return arithmetic(0, elementCount(operands[0]!));
    case 'dot':
      return arithmetic(result * operands[0]![node.attributes.transposeA ? 0 : 1]!, 0);
    // Each output of the forward convolution meets each tap of each input channel once.
    case 'conv': {
      const [height, width, channels] = operands[1]!;
      return arithmetic(result * height! * width! * channels!, 0);
    }
    case 'conv_input_gradient': {
      const [height, width, channels] = operands[1]!;
      return arithmetic(elementCount(operands[0]!) * height! * width! * channels!, 0);
    }
    case 'conv_filter_gradient': {
      const [height, width, channels] = node.shape;
      return arithmetic(elementCount(operands[1]!) * height! * width! * channels!, 0);
    }
    case 'neg':
    case 'abs':
    case 'sign':
    case 'exp':
    case 'log':
    case 'sqrt':
    case 'tanh':
    case 'sigmoid':
    case 'softplus':
    case 'elu':
    case 'floor':
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'pow':
    case 'maximum':
    case 'minimum':
    case 'greater':
    case 'greater_equal':
    case 'equal':
    case 'select':
      return arithmetic(0, result);
    default:
      return node satisfies never;
  }
}
