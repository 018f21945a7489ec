/** The formats of `export`. */
import { frozenModel } from '../../../compiler/tensorflow/frozen-model.js';
import { GRAPH_MODEL_LOWERINGS } from '../../../compiler/tensorflow/graph-model-lowerings.js';
import { encodeGraphModel, isShardName } from '../../../compiler/tensorflow/graph-model.js';
import { encodeSavedModel } from '../../../compiler/tensorflow/protobuf.js';
import { PACKAGE } from '../package-info.js';
import type { ExportFormat, OutputFormat } from './format.js';

export const FORMATS: Readonly<Record<ExportFormat, OutputFormat>> = {
  savedmodel: {
    weights: ['float32'],
    files: ({ outputs, declarations, state }) => [
      { name: 'saved_model.pb', content: encodeSavedModel(frozenModel(outputs, declarations, state)) },
    ],
    isLeftover: () => false,
  },
  tfjs: {
    weights: ['float32', 'float16'],
    files: ({ outputs, declarations, state }, weights) =>
      encodeGraphModel(frozenModel(outputs, declarations, state, GRAPH_MODEL_LOWERINGS), {
        generatedBy: `began-compile ${PACKAGE.version}`,
        weights,
      }),
    isLeftover: isShardName,
  },
};
