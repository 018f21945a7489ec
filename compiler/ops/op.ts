/** What an op's file says: its shape rule, its gradient, its meaning in float64, and its documentation. */
import type { GraphBuilder } from '../graph/builder.js';
import type { NodeId, OpAttributes, OpName, Shape } from '../graph/graph.js';

/** A tensor of the reference runtime: row-major float64. */
export interface ReferenceTensor {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export interface GradientContext<K extends OpName> {
  readonly builder: GraphBuilder;
  readonly inputs: readonly NodeId[];
  readonly output: NodeId;
  readonly attributes: OpAttributes[K];
  /** The gradient of the loss in this node's output; of the output's shape. */
  readonly cotangent: NodeId;
  /** Which inputs are asked for; the others may be returned as undefined to save work. */
  readonly wanted: readonly boolean[];
}

export interface OpDefinition<K extends OpName> {
  readonly doc: string;
  /** The output's shape. Throws GraphError where the inputs do not fit. */
  shape(inputs: readonly Shape[], attributes: OpAttributes[K]): Shape;
  /** The gradient in every input, built from primitives; undefined where none flows. Linear in the cotangent. */
  gradient(context: GradientContext<K>): readonly (NodeId | undefined)[];
  /** The op's meaning. `inputs` are never changed. Leaf ops (input) throw: the runtime provides them. */
  evaluate(inputs: readonly ReferenceTensor[], attributes: OpAttributes[K], shape: Shape): Float64Array;
}

/** An op refused its inputs: a mistake of the compiler, or of a test that builds graphs by hand. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}
