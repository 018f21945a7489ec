/**
 * The CUDA engine: a program becomes one TensorFlow graph in one session, whose variables hold the state on the device.
 * A phase is one call: forward, backward, optimizers, controller and metrics (see compiler/tensorflow).
 */
import type { Graph } from '../../compiler/graph/graph.js';
import { optimize } from '../../compiler/passes/optimize.js';
import { mapGraphs, type Program } from '../../compiler/program.js';
import { trainingModel } from '../../compiler/tensorflow/saved-model.js';
import type { Clock, ProfilableEngine, Profiled } from '../profilable.js';
import type { NativeBinding } from './native-binding.js';
import { NativeSession } from './native-session.js';
import { PhaseTimer } from './phase-timer.js';
import { SavedModelExecutable } from './saved-model-executable.js';

export interface CudaEngineOptions {
  /** TF32 is off (see environment.ts); part of the name, since it changes bits. */
  readonly precise?: boolean | undefined;
  /** What is done to each graph before it is written; the passes, unless a test wants the graph as it is. */
  readonly optimise?: ((graph: Graph) => Graph) | undefined;
}

export class CudaEngine implements ProfilableEngine {
  readonly name: string;
  readonly #binding: NativeBinding;
  readonly #optimise: (graph: Graph) => Graph;

  constructor(binding: NativeBinding, { optimise, precise = false }: CudaEngineOptions = {}) {
    this.#binding = binding;
    this.#optimise = optimise ?? ((graph) => optimize(graph));
    const device = binding.isUsingGpuDevice() ? (precise ? ' precise' : '') : ' on the CPU';
    this.name = `cuda${device} (TensorFlow ${binding.TF_Version})`;
  }

  async load(program: Program): Promise<SavedModelExecutable> {
    return await this.#open(program, this.#optimised(program));
  }

  async loadProfiled(program: Program, clock: Clock): Promise<Profiled> {
    const written = this.#optimised(program);
    const executable = await this.#open(program, written);
    return { executable, timer: new PhaseTimer(executable, written, clock) };
  }

  #optimised(program: Program): Program {
    return mapGraphs(program, this.#optimise);
  }

  async #open(program: Program, written: Program): Promise<SavedModelExecutable> {
    const session = await NativeSession.open(this.#binding, trainingModel(written));
    return new SavedModelExecutable(program, session);
  }
}
