/** Outputs as TensorFlow has them: graphs of a fixed batch. */
import { outputBatch, type ProgramGraph } from '../../../compiler/program.js';
import { frozenModel } from '../../../compiler/tensorflow/frozen-model.js';
import type { Lowerings } from '../../../compiler/tensorflow/lowerings.js';
import type { SavedModel } from '../../../compiler/tensorflow/protobuf.js';
import { evaluateScalars } from '../../training/feeds.js';
import type { ExportedModel, ExportedOutput, ExportSource } from './format.js';

/** `lowerings` are TensorFlow's where left out. */
export function tensorflowModel(source: ExportSource, lowerings?: Lowerings): SavedModel {
  const outputs = chosenOutputs(source).map((output) => ({
    source: output,
    scalars: evaluateScalars(output, source.scope),
  }));
  return frozenModel(outputs, source.compiled.program.state, source.state, lowerings);
}

/** What a model of these outputs holds, all of the program's batch. */
export function fixedOutputs(source: ExportSource): ExportedModel['holds'] {
  const batch = outputBatch(source.compiled.program);
  return { kind: 'outputs', batch, outputs: chosenOutputs(source).map(describe) };
}

const chosenOutputs = ({ compiled, outputs }: ExportSource): readonly ProgramGraph[] =>
  compiled.program.outputs.filter(({ name }) => outputs.includes(name));

function describe({ name, graph, feeds }: ProgramGraph): ExportedOutput {
  const gives = graph.outputs.map((output) => ({
    name: output.name,
    shape: graph.nodes[output.node]!.shape,
  }));
  return { name, takes: feeds, gives };
}
