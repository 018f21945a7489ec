/**
 * The WebGPU engine: a program becomes shaders over one storage buffer. Pipelines are compiled in parallel and bind groups
 * made when it is loaded; a run writes the inputs, encodes the graph's dispatches into one compute pass and submits it.
 */
import type { Graph } from '../../compiler/graph/graph.js';
import { optimize } from '../../compiler/passes/optimize.js';
import { planProgram } from '../../compiler/plan/plan.js';
import type { Program } from '../../compiler/program.js';
import { PROFILES, type Profile } from '../../compiler/webgpu/profile.js';
import { emitProgram } from '../../compiler/webgpu/program.js';
import type { Clock, ProfilableEngine, Profiled } from '../profilable.js';
import { DispatchTimer } from './dispatch-timer.js';
import { WebgpuExecutable } from './executable.js';

export interface WebgpuEngineOptions {
  /** As the adapter calls itself; part of the engine's name. */
  readonly adapter: string;
  /** The shape of kernels; that of GPUs where left out. */
  readonly profile?: Profile | undefined;
  /** What is done to each graph before it is planned; the passes, unless a test wants the graph as it is. */
  readonly optimise?: ((graph: Graph) => Graph) | undefined;
}

export class WebgpuEngine implements ProfilableEngine {
  readonly name: string;
  readonly #device: GPUDevice;
  readonly #profile: Profile;
  readonly #optimise: (graph: Graph) => Graph;

  constructor(device: GPUDevice, { adapter, profile, optimise }: WebgpuEngineOptions) {
    this.#device = device;
    this.#profile = profile ?? PROFILES.gpu;
    this.#optimise = optimise ?? ((graph) => optimize(graph));
    this.name = `webgpu (${adapter})`;
  }

  /** Throws DiagnosticError webgpu/... where the device cannot hold the program or a shader does not compile. */
  async load(program: Program): Promise<WebgpuExecutable> {
    const plan = planProgram(program, this.#optimise, { wide: true });
    return await WebgpuExecutable.create(this.#device, plan, emitProgram(plan, this.#profile));
  }

  async loadProfiled(program: Program, clock: Clock): Promise<Profiled> {
    const plan = planProgram(program, this.#optimise, { wide: true });
    const emitted = emitProgram(plan, this.#profile);
    const executable = await WebgpuExecutable.create(this.#device, plan, emitted);
    const timer = await DispatchTimer.create(this.#device, executable, plan, emitted, clock);
    return { executable, timer };
  }
}
