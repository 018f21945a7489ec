/**
 * The gradients that a phase computes against differences of the loss it computes, in float64. Each parameter tensor is
 * moved along random directions: a wrong gradient is wrong along almost every one. What goes through `stop` is held at
 * its value meanwhile: that is what stop means.
 */
import { input } from '../../compiler/graph/construct.js';
import type { Graph, GraphOutput, NodeId } from '../../compiler/graph/graph.js';
import { emitNode, rebuild } from '../../compiler/graph/rebuild.js';
import type { Phase } from '../../compiler/program.js';
import { evaluateGraph, type ReferenceInputs } from '../../runtimes/reference/evaluate-graph.js';
import { seededRandom } from '../ops/random.js';

/** Where a kink (of ReLU, |x|, a hinge) lies between the points of one size it does not lie between those of the other. */
const STEPS = [1e-4, 1e-5];
const DIRECTIONS = 3;

export interface Disagreement {
  /** `discriminator/D/dense1/weight` */
  readonly gradient: string;
  /** Between slope and gradient, relative to the size of the gradient's terms. */
  readonly error: number;
}

/** One for every parameter of every update of the phase. */
export function disagreements(phase: Phase, inputs: ReferenceInputs): readonly Disagreement[] {
  const { values } = evaluateGraph(phase.graph, inputs);
  const frozen = new Map(inputs.feeds);
  for (const [name, { data }] of evaluateGraph(stopsOf(phase.graph), inputs).values) frozen.set(name, data);
  return phase.graph.outputs.flatMap(({ kind, name }): Disagreement[] => {
    const [, update, parameter] = /^gradient\/([^/]+)\/(.+)$/.exec(name) ?? [];
    if (kind !== 'value' || update === undefined || parameter === undefined) return [];
    const loss = only(phase.graph, `loss/${update}`);
    const gradient = `${update}/${parameter}`;
    return [
      {
        gradient,
        error: largestError(loss, { ...inputs, feeds: frozen }, parameter, values.get(name)!.data),
      },
    ];
  });
}

const stopName = (id: NodeId): string => `stop/${id}`;

/** What goes through each stop, by name. */
function stopsOf(graph: Graph): Graph {
  const outputs = graph.nodes.flatMap(({ op }, node): GraphOutput[] =>
    op === 'stop' ? [{ kind: 'value', name: stopName(node), node }] : [],
  );
  return rebuild({ ...graph, outputs });
}

/** The part of a graph that one of its values needs; stops are feeds. */
function only(graph: Graph, value: string): Graph {
  const outputs = graph.outputs.filter(({ name }) => name === value);
  return rebuild({ ...graph, outputs }, (builder, node, operands, id) =>
    node.op === 'stop' ? input(builder, 'feed', stopName(id), node.shape) : emitNode(builder, node, operands),
  );
}

function largestError(
  loss: Graph,
  inputs: ReferenceInputs,
  parameter: string,
  gradient: Float64Array,
): number {
  const [output] = loss.outputs;
  const at = Float64Array.from(inputs.state!.get(parameter)!);
  const random = seededRandom(`${loss.name}/${parameter}`);
  let worst = 0;
  for (let i = 0; i < DIRECTIONS; i++) {
    const direction = at.map(() => 2 * random() - 1);
    const moved = (by: number): number => {
      const state = new Map(inputs.state).set(
        parameter,
        at.map((x, j) => x + by * direction[j]!),
      );
      return evaluateGraph(loss, { ...inputs, state }).values.get(output!.name)!.data[0]!;
    };
    const terms = gradient.map((g, j) => g * direction[j]!);
    const expected = terms.reduce((sum, term) => sum + term, 0);
    const size = Math.sqrt(terms.reduce((sum, term) => sum + term * term, 0));
    const errors = STEPS.map((step) => {
      // The five-point formula, whose error falls with the fourth power of the step.
      const slope = (8 * (moved(step) - moved(-step)) - (moved(2 * step) - moved(-2 * step))) / (12 * step);
      return Math.abs(slope - expected) / Math.max(Math.abs(slope), size, 1e-3);
    });
    const error = Math.min(...errors);
    // Not `Math.max`, which a comparison with NaN would pass.
    if (!(error <= worst)) worst = error;
  }
  return worst;
}
