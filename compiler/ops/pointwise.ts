/** Factories for the ops that work element by element: all operands have one shape, which is the output's. */
import type { GraphBuilder } from '../graph/builder.js';
import type { NodeId, OpAttributes, OpName, Shape } from '../graph/graph.js';
import { noGradient } from './no-gradient.js';
import type { OpDefinition } from './op.js';
import { refuse, requireInputs, sameShape, showShape } from './shape-checks.js';

type WithoutAttributes = {
  [K in OpName]: OpAttributes[K] extends OpAttributes['neg']
    ? keyof OpAttributes[K] extends never
      ? K
      : never
    : never;
}[OpName];

export type UnaryName = Extract<
  WithoutAttributes,
  'neg' | 'abs' | 'sign' | 'exp' | 'log' | 'sqrt' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'floor' | 'stop'
>;
export type BinaryName = Extract<
  WithoutAttributes,
  'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum' | 'greater' | 'greater_equal' | 'equal'
>;

/** x the input, y the output, g the cotangent of y: all of one shape. */
export interface UnaryGradient {
  readonly x: NodeId;
  readonly y: NodeId;
  readonly g: NodeId;
}

export interface BinaryGradient extends UnaryGradient {
  /** The second operand; `x` is the first. */
  readonly z: NodeId;
}

/** An op of one operand. Where `gradient` is left out, none flows. */
export function unary<K extends UnaryName>(
  op: K,
  rule: {
    readonly doc: string;
    readonly evaluate: (x: number) => number;
    readonly gradient?: (builder: GraphBuilder, values: UnaryGradient) => NodeId;
  },
): OpDefinition<K> {
  const { gradient } = rule;
  return {
    doc: rule.doc,
    shape(inputs) {
      requireInputs(op, inputs, 1);
      return inputs[0]!;
    },
    gradient:
      gradient === undefined
        ? noGradient
        : ({ builder, inputs, output, cotangent }) => [
            gradient(builder, { x: inputs[0]!, y: output, g: cotangent }),
          ],
    evaluate([x]) {
      return x!.data.map((value) => rule.evaluate(value));
    },
  };
}

/** An op of two operands of equal shape. Where the gradients are left out, none flows. */
export function binary<K extends BinaryName>(
  op: K,
  rule: {
    readonly doc: string;
    readonly evaluate: (x: number, z: number) => number;
    readonly gradients?: readonly [
      first: (builder: GraphBuilder, values: BinaryGradient) => NodeId,
      second: (builder: GraphBuilder, values: BinaryGradient) => NodeId,
    ];
  },
): OpDefinition<K> {
  const { gradients } = rule;
  return {
    doc: rule.doc,
    shape(inputs) {
      requireInputs(op, inputs, 2);
      return requireEqualShapes(op, inputs);
    },
    gradient:
      gradients === undefined
        ? noGradient
        : ({ builder, inputs, output, cotangent, wanted }) => {
            const values = { x: inputs[0]!, z: inputs[1]!, y: output, g: cotangent };
            return gradients.map((gradient, i) =>
              wanted[i] === true ? gradient(builder, values) : undefined,
            );
          },
    evaluate([x, z]) {
      const other = z!.data;
      return x!.data.map((value, i) => rule.evaluate(value, other[i]!));
    },
  };
}

/** The one shape of all operands. Scalars are stretched by an explicit broadcast, never silently. */
export function requireEqualShapes(op: OpName, inputs: readonly Shape[]): Shape {
  const first = inputs[0]!;
  if (!inputs.every((shape) => sameShape(shape, first))) {
    refuse(op, `operands have the shapes ${inputs.map(showShape).join(' and ')}, they must be equal`);
  }
  return first;
}
