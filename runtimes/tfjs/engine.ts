/**
 * Runs programs op by op with the kernels of a tfjs backend: how tf.Tensor users talk to a program, and the peer in
 * comparisons. It is never the oracle (see runtimes/reference).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Program } from '../../compiler/program.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { OperationTimer } from '../operation-timer.js';
import type { Clock, Peak, ProfilableEngine, Profiled } from '../profilable.js';
import { TfjsExecutable } from './executable.js';

export interface TfjsEngineOptions {
  /** Whether an operation may return before it is done, as those on a GPU do. */
  readonly asynchronous?: boolean | undefined;
  /** What a profile holds the kernels against. */
  readonly measurePeak?: ((clock: Clock) => Promise<Peak>) | undefined;
}

export class TfjsEngine implements ProfilableEngine {
  readonly name: string;
  readonly #backend: string;
  readonly #asynchronous: boolean;
  readonly #measurePeak: TfjsEngineOptions['measurePeak'];

  /** `backend` is a backend registered with tfjs: 'wasm' after `startWasmBackend`, or any other the caller brought. */
  constructor(backend: string, { asynchronous = false, measurePeak }: TfjsEngineOptions = {}) {
    this.#backend = backend;
    this.#measurePeak = measurePeak;
    this.#asynchronous = asynchronous;
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
  async loadProfiled(program: Program, clock: Clock): Promise<Profiled> {
    const executable = await this.load(program);
    const measurePeak = this.#measurePeak;
    const timer = new OperationTimer(program, clock, {
      method: [
        `Every operation by itself on the ${this.#backend} backend of TensorFlow.js, with the clock read before and after.`,
        'What TensorFlow.js does round a kernel is in its time.',
        this.#asynchronous
          ? 'Operations return before they are done here, so one number of each result is read back within its time.'
          : 'Operations are done here when they return.',
      ].join(' '),
      elementBytes: 4,
      absent:
        measurePeak === undefined
          ? { peak: 'What the machine of this backend could do at most is not known.' }
          : {},
      run: (graph, inputs, { begins, ended }) =>
        executable.run(graph, inputs, {
          begins,
          ended: (id, result) => {
            if (this.#asynchronous) waitFor(result);
            ended(id);
          },
        }),
      peak: measurePeak && (() => measurePeak(clock)),
    });
    return { executable, timer };
  }
}

/** Reads one number, which is there when the whole is. */
function waitFor(tensor: tf.Tensor): void {
  if (tensor.size === 0) return;
  tf.tidy(() => tf.slice(tf.reshape(tensor, [tensor.size]), [0], [1]).dataSync());
}
