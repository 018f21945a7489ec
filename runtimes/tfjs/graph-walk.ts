/**
 * Walks a graph node by node. Tensors live exactly as long as a later node reads them: the walk counts readers
 * beforehand and disposes each tensor after its last.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Graph, Node, NodeId, OpAttributes, Shape } from '../../compiler/graph/graph.js';
import {
  booleanMasks,
  isComparison,
  unstretchedBroadcasts,
  unstretchedShape,
} from '../../compiler/graph/shortcuts.js';
import { COMPARISONS, LOWERINGS, type LoweredOp, type Lowering } from './lowerings.js';

export interface WalkInputs {
  readonly feeds: ReadonlyMap<string, tf.Tensor>;
  readonly scalars: ReadonlyMap<string, number>;
  readonly state: ReadonlyMap<string, tf.Tensor>;
}

/** Told before a node is computed and after, with its result: for profiles. */
export interface WalkObserver {
  begins(id: NodeId): void;
  ended(id: NodeId, result: tf.Tensor): void;
}

/** All tensors are the caller's. */
export interface WalkOutputs {
  readonly values: Map<string, tf.Tensor>;
  readonly state: Map<string, tf.Tensor>;
}

export class GraphWalk {
  readonly #graph: Graph;
  /** Nodes that are dead after node `i` has run. */
  readonly #dying: readonly (readonly NodeId[])[];
  readonly #unstretched: ReadonlySet<NodeId>;
  readonly #masks: ReadonlySet<NodeId>;
  readonly #constants = new Map<NodeId, tf.Tensor>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#dying = findDying(graph);
    this.#unstretched = unstretchedBroadcasts(graph);
    this.#masks = booleanMasks(graph);
    graph.nodes.forEach((node, id) => {
      if (node.op === 'constant') this.#constants.set(id, lower(node, []));
    });
  }

  run(inputs: WalkInputs, observer?: WalkObserver): WalkOutputs {
    const live = new Map<NodeId, tf.Tensor>();
    try {
      this.#graph.nodes.forEach((node, id) => {
        observer?.begins(id);
        const result = this.#evaluate(node, id, live, inputs);
        observer?.ended(id, result);
        live.set(id, result);
        for (const dead of this.#dying[id]!) {
          live.get(dead)?.dispose();
          live.delete(dead);
        }
      });
      const values = new Map<string, tf.Tensor>();
      const state = new Map<string, tf.Tensor>();
      for (const output of this.#graph.outputs) {
        const target = output.kind === 'value' ? values : state;
        target.set(output.name, tf.clone(live.get(output.node)!));
      }
      return { values, state };
    } finally {
      for (const tensor of live.values()) tensor.dispose();
    }
  }

  dispose(): void {
    for (const tensor of this.#constants.values()) tensor.dispose();
    this.#constants.clear();
  }

  #evaluate(node: Node, id: NodeId, live: ReadonlyMap<NodeId, tf.Tensor>, inputs: WalkInputs): tf.Tensor {
    if (node.op === 'input') return provide(node.attributes, inputs);
    if (node.op === 'constant') return tf.clone(this.#constants.get(id)!);
    const operands = node.inputs.map((input) => live.get(input)!);
    if (node.op === 'broadcast' && this.#unstretched.has(id)) {
      return tf.reshape(operands[0]!, unstretchedShape(operands[0]!.shape, node.attributes));
    }
    if (this.#masks.has(id) && isComparison(node)) return COMPARISONS[node.op](operands[0]!, operands[1]!);
    return lower(node, operands);
  }
}

/** The indirection through K is what lets TypeScript see that a node's op and attributes belong together. */
function lower<K extends LoweredOp>(
  node: { readonly op: K; readonly attributes: OpAttributes[K]; readonly shape: Shape },
  operands: readonly tf.Tensor[],
): tf.Tensor {
  const lowering: Lowering<K> = LOWERINGS[node.op];
  return tf.tidy(() => lowering(operands, node.attributes, node.shape));
}

function provide(attributes: OpAttributes['input'], inputs: WalkInputs): tf.Tensor {
  const { source, name, shape } = attributes;
  switch (source) {
    case 'scalar': {
      const value = inputs.scalars.get(name);
      if (value === undefined) throw new Error(`internal: the scalar "${name}" was not given`);
      return tf.scalar(value, 'float32');
    }
    case 'feed':
    case 'state': {
      const tensor = (source === 'feed' ? inputs.feeds : inputs.state).get(name);
      if (tensor === undefined) throw new Error(`internal: the ${source} "${name}" was not given`);
      if (tensor.size !== shape.reduce((product, size) => product * size, 1)) {
        throw new Error(
          `internal: the ${source} "${name}" has shape [${tensor.shape.join()}], not [${shape.join()}]`,
        );
      }
      return tf.reshape(tensor, [...shape]);
    }
    default:
      return source satisfies never;
  }
}

function findDying(graph: Graph): NodeId[][] {
  const dying: NodeId[][] = graph.nodes.map(() => []);
  const lastReader = new Map<NodeId, NodeId>();
  graph.nodes.forEach((node, id) => {
    for (const input of node.inputs) lastReader.set(input, id);
  });
  const outputs = new Set(graph.outputs.map((output) => output.node));
  for (const [id, reader] of lastReader) if (!outputs.has(id)) dying[reader]!.push(id);
  return dying;
}
