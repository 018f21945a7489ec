/** The formats of `export`. */
import { GRAPH_MODEL_LOWERINGS } from '../../../compiler/tensorflow/graph-model-lowerings.js';
import { encodeGraphModel, isShardName } from '../../../compiler/tensorflow/graph-model.js';
import { encodeSavedModel } from '../../../compiler/tensorflow/protobuf.js';
import { PACKAGE } from '../package-info.js';
import type { ExportFormat, OutputFormat } from './format.js';
import { onnxFiles } from './onnx-files.js';
import { fixedOutputs, tensorflowModel } from './tensorflow-outputs.js';
import { weightsFile } from './weights-file.js';

export const FORMATS: Readonly<Record<ExportFormat, OutputFormat>> = {
  savedmodel: {
    weights: ['float32'],
    runs: true,
    write: (source) => ({
      files: [{ name: 'saved_model.pb', content: encodeSavedModel(tensorflowModel(source)) }],
      holds: fixedOutputs(source),
    }),
    isLeftover: () => false,
  },
  tfjs: {
    weights: ['float32', 'float16'],
    runs: true,
    write: (source) => ({
      files: encodeGraphModel(tensorflowModel(source, GRAPH_MODEL_LOWERINGS), {
        generatedBy: `began-compile ${PACKAGE.version}`,
        weights: source.weights,
      }),
      holds: fixedOutputs(source),
    }),
    isLeftover: isShardName,
  },
  onnx: {
    weights: ['float32'],
    runs: true,
    write: onnxFiles,
    isLeftover: () => false,
  },
  safetensors: {
    weights: ['float32', 'float16'],
    runs: false,
    write: weightsFile,
    isLeftover: () => false,
  },
};
