/** `export --format onnx`: a file for each output, which takes any number of examples unless the command says how many. */
import { dynamicOutputs, type DynamicOutput } from '../../../compiler/onnx/dynamic-output.js';
import { fixedRows, onnxModel } from '../../../compiler/onnx/onnx-model.js';
import { encodeOnnx, type Dimension, type ValueInfo } from '../../../compiler/onnx/protobuf.js';
import { outputBatch } from '../../../compiler/program.js';
import { evaluateScalars } from '../../training/feeds.js';
import { PACKAGE } from '../package-info.js';
import { refuseOption } from '../refuse-option.js';
import type { ExportedModel, ExportSource, NamedShape } from './format.js';
import { inputMeaning, showMeaning } from './input-description.js';

export function onnxFiles(source: ExportSource): ExportedModel {
  const models = outputsOf(source).map((output) => modelOf(source, output));
  return {
    files: models.map((model) => ({ name: `${model.name}.onnx`, content: encodeOnnx(model) })),
    holds: {
      kind: 'outputs',
      batch: source.fixedBatch ? outputBatch(source.compiled.program) : 'any',
      outputs: models.map(({ name, inputs, outputs }) => ({
        name,
        takes: inputs.map(showShape),
        gives: outputs.map(showShape),
      })),
    },
  };
}

function outputsOf({
  compiled: { model, program },
  outputs,
  fixedBatch,
}: ExportSource): readonly DynamicOutput[] {
  if (!fixedBatch) return dynamicOutputs(model, outputs);
  return program.outputs
    .filter(({ name }) => outputs.includes(name))
    .map((output) => ({ output, rows: fixedRows(output.graph) }));
}

function modelOf(
  { compiled, state, scope }: ExportSource,
  { output, rows }: DynamicOutput,
): ReturnType<typeof onnxModel> {
  const { program, source } = compiled;
  if (output.feeds.some(({ name }) => name === output.name)) {
    throw refuseOption(
      `The output \`${output.name}\` reads an input of its own name, which one ONNX graph cannot have`,
      'Give the output another name in the spec.',
    );
  }
  const inputs = output.feeds.map((feed) => [feed.name, inputMeaning(feed, program, scope)] as const);
  return onnxModel(
    {
      output,
      rows,
      scalars: evaluateScalars(output, scope),
      state,
      inputDocs: new Map(inputs.map(([name, meaning]) => [name, showMeaning(meaning)])),
    },
    {
      producer: { name: 'began-compile', version: PACKAGE.version },
      doc:
        `The output ${output.name} of ${source.name} at training step ${scope.step}. ` +
        'Pictures are [batch, height, width, channels], in the range of the data; classes are numbers in float32.',
      metadata: new Map([
        ['spec', source.text],
        ['spec_name', source.name],
        ['step', String(scope.step)],
        ['inputs', JSON.stringify(Object.fromEntries(inputs))],
      ]),
    },
  );
}

const showShape = ({ name, shape }: ValueInfo): NamedShape => ({ name, shape: shape.map(showSize) });

/** A size that is several times the batch has no name in the file. */
const showSize = (size: Dimension): number | string => size ?? '?';
