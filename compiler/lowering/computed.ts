/** What a phase computes of its batch: in its own graph, or in parts before it, as sums that its graph reads. */
import { gradient } from '../autodiff/gradient.js';
import { add, fill, maximum, minimum, scale } from '../graph/construct.js';
import type { GraphOutput, NodeId, Shape } from '../graph/graph.js';
import type { PhaseModel, UpdateModel } from '../model/model.js';
import type { ParameterModel } from '../model/network.js';
import type { Phase, StateDeclaration } from '../program.js';
import { GraphInputs } from './graph-inputs.js';
import { TermLowering } from './term.js';

export interface Computed {
  /** One for each update, in order. */
  readonly losses: readonly NodeId[];
  /** Of an update's loss with respect to its parameters. */
  gradients(update: UpdateModel): readonly NodeId[];
  register(name: string): NodeId;
}

export const parametersOf = ({ train }: UpdateModel): readonly ParameterModel[] =>
  train.flatMap(({ parameters }) => parameters);

/** Computes losses at once, and everything else when it is asked for. */
export function compute({ updates, registers }: PhaseModel, terms: TermLowering): Computed {
  const losses = updates.map(({ minimize }) => terms.lower(minimize));
  return {
    losses,
    gradients: (update) => gradientsOf(update, losses[updates.indexOf(update)]!, terms),
    register: (name) => terms.lower(registers.get(name)!),
  };
}

function gradientsOf(update: UpdateModel, loss: NodeId, { inputs }: TermLowering): readonly NodeId[] {
  const variables = parametersOf(update).map(({ name, shape }) => inputs.state(name, shape));
  return gradient(inputs.builder, loss, variables);
}

/** Parameters that are cut before the gradients are taken: from here on their cut values are read. */
export function projectBefore({ updates }: PhaseModel, terms: TermLowering): void {
  const { inputs } = terms;
  for (const update of updates) {
    const { project } = update;
    if (project?.when !== 'before') continue;
    for (const { name, shape } of parametersOf(update)) {
      inputs.standIn(name, projected(inputs.state(name, shape), project, terms));
    }
  }
}

export function projected(
  node: NodeId,
  project: NonNullable<UpdateModel['project']>,
  terms: TermLowering,
): NodeId {
  const { builder } = terms.inputs;
  return minimum(builder, maximum(builder, node, terms.lower(project.low)), terms.lower(project.high));
}

interface Summed {
  readonly parts: NonNullable<Phase['parts']>;
  readonly state: readonly StateDeclaration[];
  /** The sums as the phase's own graph reads them. */
  read(inputs: GraphInputs): Computed;
  /** Sets them to 0 for the next execution, also where this one came upon a NaN. */
  cleared(inputs: GraphInputs): readonly GraphOutput[];
}

/**
 * Losses, gradients and registers of a phase as sums over `count` parts of `batch` examples. The whole batch's are the means of
 * the parts' (see BatchDependence), so each part adds 1 / `count` of its own.
 */
export function computeInParts(model: PhaseModel, batch: number, count: number): Summed {
  const { updates } = model;
  const inputs = new GraphInputs(`${model.name}/part`, batch, 'update', { of: model.name, parts: count });
  const terms = new TermLowering(inputs);
  const { builder } = inputs;
  projectBefore(model, terms);
  const share = (node: NodeId): NodeId => scale(builder, node, 1 / count);

  const outputs: GraphOutput[] = [];
  const state: StateDeclaration[] = [];
  const addTo = (name: string, shape: Shape, node: NodeId): void => {
    state.push({ name, shape, role: 'sum', init: { kind: 'constant', value: 0 } });
    outputs.push({ kind: 'state', name, node: add(builder, inputs.state(name, shape), node) });
  };
  const names = sumNames(model.name);
  const { losses, register } = compute(model, terms);
  updates.forEach((update, i) => {
    const loss = share(losses[i]!);
    addTo(names.loss(update), [], loss);
    // Targets run what they are asked for: there has to be something to ask for.
    outputs.push({ kind: 'value', name: `loss/${update.name}`, node: losses[i]! });
    const gradients = gradientsOf(update, loss, terms);
    parametersOf(update).forEach((parameter, j) => {
      addTo(names.gradient(update, parameter), parameter.shape, gradients[j]!);
    });
  });
  for (const name of model.registers.keys()) addTo(names.register(name), [], share(register(name)));
  if (inputs.movedBuffers.size > 0) throw new Error('internal: parts of a batch move running statistics');

  return {
    parts: { graph: inputs.build(outputs), count },
    state,
    read: (whole) => ({
      losses: updates.map((update) => whole.state(names.loss(update), [])),
      gradients: (update) =>
        parametersOf(update).map((parameter) =>
          whole.state(names.gradient(update, parameter), parameter.shape),
        ),
      register: (name) => whole.state(names.register(name), []),
    }),
    cleared: (whole) =>
      state.map(({ name, shape }) => ({ kind: 'state', name, node: fill(whole.builder, shape, 0) })),
  };
}

/** No network can have such a name: it is not an identifier. */
const sumNames = (phase: string) => ({
  loss: ({ name }: UpdateModel): string => `@sum/${phase}/loss/${name}`,
  gradient: ({ name }: UpdateModel, parameter: ParameterModel): string =>
    `@sum/${phase}/gradient/${name}/${parameter.name}`,
  register: (name: string): string => `@sum/${phase}/value/${name}`,
});
