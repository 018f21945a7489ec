/** Makes tfjs-backend-wasm the backend of tfjs, with the kernel it lacks. */
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { registerConv2DBackpropFilter } from './conv2d-backprop-filter.js';

/**
 * Starts the wasm backend and selects it. `folder` is where the backend's .wasm files lie: a URL or a path that ends
 * in a slash; only the first start reads it. Throws where the backend cannot start.
 */
export async function startWasmBackend(folder: string): Promise<void> {
  registerConv2DBackpropFilter();
  if (tf.findBackend('wasm') === null) setWasmPaths(folder);
  if (!(await tf.setBackend('wasm'))) throw new Error(`tfjs-backend-wasm could not start from ${folder}`);
}
