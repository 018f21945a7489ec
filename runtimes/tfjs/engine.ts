/**
 * Runs programs op by op with the kernels of a tfjs backend: how tf.Tensor users talk to a program, and the peer in
 * comparisons. It is never the oracle (see runtimes/reference).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Program } from '../../compiler/program.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Engine } from '../engine.js';
import { TfjsExecutable } from './executable.js';

export class TfjsEngine implements Engine {
  readonly name: string;
  readonly #backend: string;

  /** `backend` is a backend registered with tfjs: 'wasm' after `startWasmBackend`, or any other the caller brought. */
  constructor(backend: string) {
    this.#backend = backend;
    this.name = `tfjs-${backend}`;
  }

  /**
   * Makes the backend tfjs's current one and the program ready. Throws DiagnosticError `run/backend-not-built` where
   * tfjs does not know the backend.
   */
  async load(program: Program): Promise<TfjsExecutable> {
    if (tf.engine().registryFactory[this.#backend] === undefined) {
      throw new DiagnosticError({
        code: 'run/backend-not-built',
        severity: 'error',
        message: `TensorFlow.js has no backend \`${this.#backend}\``,
        help: 'Import the package that registers the backend before loading a program.',
      });
    }
    await tf.setBackend(this.#backend);
    await tf.ready();
    return new TfjsExecutable(program);
  }
}
