/** The meaning of a graph: every node computed once, in float64, by its op's definition. */
import type { Graph, Node, NodeId, OpAttributes, OpName, Shape } from '../../compiler/graph/graph.js';
import { GraphError, type ReferenceTensor } from '../../compiler/ops/op.js';
import { OPS } from '../../compiler/ops/ops.js';
import { elementCount, showShape } from '../../compiler/ops/shape-checks.js';
import type { OperationObserver } from '../operation-timer.js';

/** Where `input` nodes get their numbers: row-major, of the node's shape. A scalar may be a plain number. */
export interface ReferenceInputs {
  readonly state?: ReadonlyMap<string, ArrayLike<number>>;
  readonly feeds?: ReadonlyMap<string, ArrayLike<number>>;
  readonly scalars?: ReadonlyMap<string, number>;
}

export interface ReferenceResults {
  /** By name of the `value` outputs. */
  readonly values: ReadonlyMap<string, ReferenceTensor>;
  /** By name of the `state` outputs: the new content. */
  readonly state: ReadonlyMap<string, ReferenceTensor>;
}

/** Computes all outputs of a graph. Throws GraphError for an input that is not given or has the wrong size. */
export function evaluateGraph(
  graph: Graph,
  inputs: ReferenceInputs = {},
  observer?: OperationObserver,
): ReferenceResults {
  const lastReader = new Map<NodeId, NodeId>();
  graph.nodes.forEach((node, id) => node.inputs.forEach((input) => lastReader.set(input, id)));
  const kept = new Set(graph.outputs.map(({ node }) => node));

  const tensors = new Map<NodeId, ReferenceTensor>();
  graph.nodes.forEach((node, id) => {
    observer?.begins(id);
    const data = node.op === 'input' ? given(node.attributes, inputs) : compute(node, tensors);
    observer?.ended(id);
    tensors.set(id, { shape: node.shape, data });
    for (const input of node.inputs) {
      if (lastReader.get(input) === id && !kept.has(input)) tensors.delete(input);
    }
  });

  const values = new Map<string, ReferenceTensor>();
  const state = new Map<string, ReferenceTensor>();
  for (const { kind, name, node } of graph.outputs) {
    (kind === 'value' ? values : state).set(name, tensors.get(node)!);
  }
  return { values, state };
}

function given({ source, name, shape }: OpAttributes['input'], inputs: ReferenceInputs): Float64Array {
  const count = elementCount(shape);
  const found = ((): ArrayLike<number> | undefined => {
    switch (source) {
      case 'state':
        return inputs.state?.get(name);
      case 'feed':
        return inputs.feeds?.get(name);
      case 'scalar': {
        const value = inputs.scalars?.get(name);
        return value === undefined ? undefined : [value];
      }
      default:
        return source satisfies never;
    }
  })();
  if (found === undefined) throw new GraphError(`input: the ${source} '${name}' was not given`);
  if (found.length !== count) {
    throw new GraphError(
      `input: the ${source} '${name}' has ${found.length} numbers, its shape ${showShape(shape)} needs ${count}`,
    );
  }
  return Float64Array.from(found);
}

type AnyMeaning = (
  inputs: readonly ReferenceTensor[],
  attributes: OpAttributes[OpName],
  shape: Shape,
) => Float64Array;

function compute(node: Node, tensors: ReadonlyMap<NodeId, ReferenceTensor>): Float64Array {
  const evaluate = OPS[node.op].evaluate as AnyMeaning;
  return evaluate(
    node.inputs.map((input) => tensors.get(input)!),
    node.attributes,
    node.shape,
  );
}
