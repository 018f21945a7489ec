/**
 * Programs with one mistake in them. Each is a mistake that has been made in public BEGAN code or that an autodiff or
 * optimizer is prone to, and that a trace of losses alone may not show.
 */
import type { GraphBuilder } from '../../compiler/graph/builder.js';
import { constant, neg, scale, sqrt } from '../../compiler/graph/construct.js';
import type { Graph, Node, NodeId } from '../../compiler/graph/graph.js';
import { emitNode, rebuild } from '../../compiler/graph/rebuild.js';
import type { Phase, Program } from '../../compiler/program.js';
import { gradientOutputs } from './stepping.js';

/** Changes the phase that trains; the controller stays as it is. */
function mutateTraining(program: Program, mutate: (graph: Graph, phase: Phase) => Graph): Program {
  const [training, ...rest] = program.phases;
  if (training === undefined) throw new Error('a program without phases');
  return { ...program, phases: [{ ...training, graph: mutate(training.graph, training) }, ...rest] };
}

/** Puts something else in the place of single nodes; throws where no node was chosen, since that is no mutant. */
function replaceNodes(
  graph: Graph,
  chosen: (node: Node, id: NodeId) => boolean,
  replacement: (builder: GraphBuilder, node: Node, inputs: readonly NodeId[]) => NodeId,
): Graph {
  let count = 0;
  const mutated = rebuild(graph, (builder, node, inputs, id) => {
    if (!chosen(node, id)) return emitNode(builder, node, inputs);
    count++;
    return replacement(builder, node, inputs);
  });
  if (count === 0) throw new Error('the mutation found nothing to change');
  return mutated;
}

const isEquilibrium = (node: Node): boolean => node.op === 'input' && node.attributes.name === 'state/k';

function gradientNodes(phase: Phase, parameter?: RegExp): Set<NodeId> {
  const wanted = new Set(
    gradientOutputs(phase).flatMap(([output, name]) =>
      parameter === undefined || parameter.test(name) ? [output] : [],
    ),
  );
  return new Set(phase.graph.outputs.flatMap(({ name, node }) => (wanted.has(name) ? [node] : [])));
}

function scaleGradients(program: Program, factor: number, parameter?: RegExp): Program {
  return mutateTraining(program, (graph, phase) => {
    const nodes = gradientNodes(phase, parameter);
    return replaceNodes(
      graph,
      (_, id) => nodes.has(id),
      (builder, node, inputs) => scale(builder, emitNode(builder, node, inputs), factor),
    );
  });
}

/** The discriminator ascends on real pictures' share of fakes: L_D = Lx + k Lg. */
export const flipEquilibrium = (program: Program): Program =>
  mutateTraining(program, (graph) =>
    replaceNodes(graph, isEquilibrium, (builder, node, inputs) =>
      neg(builder, emitNode(builder, node, inputs)),
    ),
  );

/** L_D = Lx: the discriminator never sees a fake. */
export const dropEquilibrium = (program: Program): Program =>
  mutateTraining(program, (graph) => replaceNodes(graph, isEquilibrium, (builder) => constant(builder, 0)));

export const doubleGradients = (program: Program): Program => scaleGradients(program, 2);

/** One convolution inside a residual, whose gradient is zero at the first step anyway. */
export const zeroBlendedLayer = (program: Program): Program =>
  scaleGradients(program, 0, /^D\/decoder\/conv2\/weight$/);

/** One bias: 8 of some 20,000 numbers. */
export const zeroOneBias = (program: Program): Program =>
  scaleGradients(program, 0, /^D\/encoder\/conv3\/bias$/);

/** Adam with sqrt(v + epsilon) for sqrt(v) + epsilon. */
export const epsilonInsideRoot = (program: Program): Program =>
  mutateTraining(program, (graph) => {
    const stretched = (id: NodeId): Node => {
      const node = graph.nodes[id]!;
      return node.op === 'broadcast' ? stretched(node.inputs[0]!) : node;
    };
    const isRootPlusEpsilon = (node: Node): boolean => {
      if (node.op !== 'add') return false;
      const [root, epsilon] = node.inputs.map(stretched) as [Node, Node];
      return root.op === 'sqrt' && epsilon.op === 'constant' && epsilon.attributes.value === 1e-8;
    };
    return replaceNodes(graph, isRootPlusEpsilon, (builder, _, [root, epsilon]) => {
      const square = builder.node(root!).inputs[0]!;
      return sqrt(builder, builder.emit('add', [square, epsilon!], {}));
    });
  });

/** The moments are never corrected for their start at zero. */
export const dropBiasCorrection = (program: Program): Program =>
  mutateTraining(program, (graph) =>
    replaceNodes(
      graph,
      (node) => node.op === 'input' && /\/adam\/correction/.test(node.attributes.name),
      (builder) => constant(builder, 1),
    ),
  );
