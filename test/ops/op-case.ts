/** One case of the op suite, and the graphs that are made of it: the op alone, and the op in the middle of a loss. */
import { gradient } from '../../compiler/autodiff/gradient.js';
import { GraphBuilder } from '../../compiler/graph/builder.js';
import { add, mul, scale, square, sum } from '../../compiler/graph/construct.js';
import type { Graph, GraphOutput, NodeId, OpName, Shape } from '../../compiler/graph/graph.js';
import { elementCount } from '../../compiler/ops/shape-checks.js';
import { uniform, type Draw } from './draws.js';
import { seededRandom } from './random.js';

export interface CaseInput {
  readonly name: string;
  readonly shape: Shape;
  readonly draw: Draw;
  /** Masks are not differentiated in. */
  readonly differentiable: boolean;
}

export interface OpCase {
  /** Unique: `conv 3x3 stride 2 ...`. */
  readonly name: string;
  readonly op: OpName | 'composite';
  readonly inputs: readonly CaseInput[];
  readonly build: (builder: GraphBuilder, inputs: readonly NodeId[]) => NodeId;
  /** How often it can be differentiated at the drawn points: 2 where second derivatives are checked as well. */
  readonly order: 1 | 2;
}

export function caseInput(
  name: string,
  shape: Shape,
  draw: Draw = uniform(-1, 1),
  differentiable = true,
): CaseInput {
  return { name, shape, draw, differentiable };
}

/** The op alone; its value output is `y`. All inputs are feeds. */
export function caseGraph(opCase: OpCase): Graph {
  const builder = new GraphBuilder();
  const y = opCase.build(builder, emitInputs(builder, opCase));
  return builder.build(opCase.name, [{ kind: 'value', name: 'y', node: y }]);
}

/**
 * The op mid-graph: loss = 1.7 * sum(w * op(0.9 * x, ...)) with a feed `w` of random weights. Outputs are `loss` and
 * `gradient/NAME` for every differentiable input. A gradient rule that forgets its cotangent, or takes it for 1,
 * gives wrong numbers here.
 */
export function gradientGraph(opCase: OpCase): Graph {
  const { builder, loss, wrt, gradients } = differentiated(opCase);
  return builder.build(`${opCase.name}, gradient`, [
    { kind: 'value', name: 'loss', node: loss },
    ...gradients.map((node, i): GraphOutput => ({ kind: 'value', name: `gradient/${wrt[i]!.name}`, node })),
  ]);
}

/**
 * The gradient of a squared gradient norm, as in a gradient penalty: loss = sum over inputs of the squares of
 * `gradientGraph`'s gradients, plus 0.3 of its loss. Outputs as there.
 */
export function secondOrderGraph(opCase: OpCase): Graph {
  const { builder, loss, wrt, gradients } = differentiated(opCase);
  const penalty = gradients
    .map((g) => sum(builder, square(builder, g)))
    .reduce((left, right) => add(builder, left, right), scale(builder, loss, 0.3));
  const second = gradient(
    builder,
    penalty,
    wrt.map(({ id }) => id),
  );
  return builder.build(`${opCase.name}, second order`, [
    { kind: 'value', name: 'loss', node: penalty },
    ...second.map((node, i): GraphOutput => ({ kind: 'value', name: `gradient/${wrt[i]!.name}`, node })),
  ]);
}

/** What the inputs of all three graphs are fed with, exactly representable in float32. */
export function caseFeeds(opCase: OpCase): Map<string, Float32Array> {
  const feeds = new Map<string, Float32Array>();
  for (const { name, shape, draw } of opCase.inputs) {
    feeds.set(name, Float32Array.from(draw(seededRandom(`${opCase.name}/${name}`), elementCount(shape))));
  }
  const [output] = caseGraph(opCase).outputs;
  const count = elementCount(caseGraph(opCase).nodes[output!.node]!.shape);
  feeds.set(WEIGHTS, Float32Array.from(uniform(0.2, 1.4)(seededRandom(`${opCase.name}/weights`), count)));
  return feeds;
}

const WEIGHTS = 'w of the loss';

function emitInputs(builder: GraphBuilder, { inputs }: OpCase): NodeId[] {
  return inputs.map(({ name, shape }) => builder.emit('input', [], { source: 'feed', name, shape }));
}

function differentiated(opCase: OpCase): {
  builder: GraphBuilder;
  loss: NodeId;
  wrt: { name: string; id: NodeId }[];
  gradients: NodeId[];
} {
  const builder = new GraphBuilder();
  const ids = emitInputs(builder, opCase);
  const scaled = ids.map((id, i) => (opCase.inputs[i]!.differentiable ? scale(builder, id, 0.9) : id));
  const y = opCase.build(builder, scaled);
  const weights = builder.emit('input', [], { source: 'feed', name: WEIGHTS, shape: builder.shape(y) });
  const loss = scale(builder, sum(builder, mul(builder, weights, y)), 1.7);
  const wrt = ids.flatMap((id, i) => {
    const { name, differentiable } = opCase.inputs[i]!;
    return differentiable ? [{ name, id }] : [];
  });
  const gradients = gradient(
    builder,
    loss,
    wrt.map(({ id }) => id),
  );
  return { builder, loss, wrt, gradients };
}
