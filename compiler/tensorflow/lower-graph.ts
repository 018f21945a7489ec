/** A graph as TensorFlow nodes: every node by its lowering, inputs as the caller provides them. */
import type { Graph, OpAttributes, Shape } from '../graph/graph.js';
import { booleanMasks, isComparison, unstretchedBroadcasts, unstretchedShape } from '../graph/shortcuts.js';
import { Emitter } from './emitter.js';
import { COMPARISONS, type LoweredOp, type Lowering, type Lowerings } from './lowerings.js';
import type { NodeList, Operand } from './node-list.js';

/**
 * Adds the nodes of `graph` below `scope`. `provide` gives the tensor of an input: float32, of the input's shape.
 * Returns the tensors of all nodes, in their order.
 */
export function lowerGraph(
  list: NodeList,
  scope: string,
  graph: Graph,
  lowerings: Lowerings,
  provide: (input: OpAttributes['input']) => Operand,
): Operand[] {
  const unstretched = unstretchedBroadcasts(graph);
  const masks = booleanMasks(graph);
  const tensors: Operand[] = [];
  graph.nodes.forEach((node, id) => {
    const emit = new Emitter(list, `${scope}/${id}`);
    const operands = node.inputs.map((input) => tensors[input]!);
    const tensor = ((): Operand => {
      if (node.op === 'input') return provide(node.attributes);
      if (node.op === 'broadcast' && unstretched.has(id)) {
        return emit.reshape(operands[0]!, unstretchedShape(operands[0]!.shape, node.attributes));
      }
      if (masks.has(id) && isComparison(node)) {
        return emit.compare(COMPARISONS[node.op], operands[0]!, operands[1]!);
      }
      return lower(lowerings, emit, node, operands);
    })();
    tensors.push(tensor);
  });
  return tensors;
}

/** The indirection through K is what lets TypeScript see that a node's op and attributes belong together. */
function lower<K extends LoweredOp>(
  lowerings: Lowerings,
  emit: Emitter,
  node: { readonly op: K; readonly attributes: OpAttributes[K]; readonly shape: Shape },
  operands: readonly Operand[],
): Operand {
  const lowering: Lowering<K> = lowerings[node.op];
  return lowering(emit, operands, node.attributes, node.shape);
}
