/** From the model to the program: one graph per phase, the controller, one graph per output, and the state they share. */
import type { Model } from '../model/model.js';
import { finiteFlag } from '../program.js';
import type { Program, ProgramGraph, StateDeclaration } from '../program.js';
import { CONTROLLER, lowerController } from './controller.js';
import { outputBatchOf, partsOf } from '../model/micro-batches.js';
import { GraphInputs } from './graph-inputs.js';
import { lowerPhase } from './phase.js';
import { flattenLayers, layerBuffers, type NetworkModel } from '../model/network.js';
import { TermLowering } from './term.js';

export interface LoweringOptions {
  /** Samples per batch; the spec's by default. */
  readonly batch?: number | undefined;
  /** Give losses and gradients as values `loss/UPDATE` and `gradient/UPDATE/PARAMETER` of their phase. */
  readonly exposeGradients?: boolean | undefined;
}

export function lowerModel(model: Model, options: LoweringOptions = {}): Program {
  const { train } = model.spec;
  const batch = options.batch ?? train.batch.value;
  const flags = [...model.phases.map(({ name }) => name), CONTROLLER].map(finiteFlag);
  const phases = model.phases.map((phase) =>
    lowerPhase(phase, {
      batch,
      parts: partsOf(train, batch, phase.batch),
      flags,
      exposeGradients: options.exposeGradients ?? false,
    }),
  );
  const controller = lowerController(model, flags);
  const outputBatch = outputBatchOf(model, batch);
  const networks = model.networks.flatMap(networkState);
  return {
    phases: [...phases.map((lowered) => lowered.phase), controller.phase],
    outputs: lowerOutputs(model, outputBatch),
    state: [...networks, ...phases.flatMap((lowered) => lowered.state), ...controller.state],
    streams: new Map(model.streams.map(({ name, shape, data }) => [name, { shape, data }])),
    metrics: [...model.metrics.keys()],
    hyper: model.hyper,
    batch,
    outputBatch,
    steps: train.steps.value,
    seed: train.seed.value,
  };
}

/** One graph per output, for so many examples. */
export function lowerOutputs(model: Model, batch: number): readonly ProgramGraph[] {
  return [...model.outputs].map(([name, term]) => {
    const inputs = new GraphInputs(name, batch, 'output');
    const node = new TermLowering(inputs).lower(term);
    return inputs.build([{ kind: 'value', name, node }]);
  });
}

/** Parameters and running statistics. An average starts where the network it follows starts. */
function networkState(network: NetworkModel): readonly StateDeclaration[] {
  const { average } = network;
  const parameters = network.parameters.map(({ name, shape, init }, i): StateDeclaration =>
    average === undefined
      ? { name, shape, init, role: 'parameter' }
      : { name, shape, init, role: 'average', drawAs: average.of.parameters[i]!.name },
  );
  const buffers = flattenLayers(network.layers)
    .flatMap(layerBuffers)
    .map(({ name, shape, init }): StateDeclaration => ({ name, shape, init, role: 'buffer' }));
  return [...parameters, ...(average === undefined ? buffers : [])];
}
