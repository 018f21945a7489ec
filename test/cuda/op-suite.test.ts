/** The shared op suite on the native addon: as graphs (runtimes/cuda), and op by op (runtimes/tfjs on the same TensorFlow). */
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/graph/graph.js';
import { CudaEngine } from '../../runtimes/cuda/engine.js';
import { createTfjsTensorflowEngine } from '../../runtimes/node/tfjs-tensorflow.js';
import { disagreements, opGroups } from '../ops/suite.js';
import { nativeTensorflow } from './native-tensorflow.js';

const tensorflow = nativeTensorflow();

describe.runIf(tensorflow !== undefined)('the op suite on the native TensorFlow', () => {
  describe.each([
    ['as a graph', () => new CudaEngine(tensorflow!.binding, { optimise: (graph: Graph) => graph })],
    ['op by op', () => createTfjsTensorflowEngine(tensorflow!.folder)],
  ] as const)('%s', (_, makeEngine) => {
    it.each(opGroups(process.env['HEAVY'] ? 500 : 40))('computes $what', async ({ group }) => {
      expect(await disagreements(makeEngine(), group, { secondOrder: true })).toEqual([]);
      expect(tensorflow!.binding.getNumOfTensors(), 'tensors left behind').toBe(0);
    });
  });
});
