/**
 * The wasm engine: a program becomes one module over one memory, made once; a run writes the inputs, makes one call
 * and leaves the values where they can be read. Nothing is allocated per step but what `read` gives away.
 */
import type { Graph } from '../../compiler/graph/graph.js';
import { optimize } from '../../compiler/passes/optimize.js';
import type { Launch } from '../../compiler/plan/kernel.js';
import { planProgram } from '../../compiler/plan/plan.js';
import type { ProgramPlan } from '../../compiler/plan/plan.js';
import type { Program } from '../../compiler/program.js';
import { emitProgram } from '../../compiler/wasm/module.js';
import type { Clock, ProfilableEngine, Profiled } from '../profilable.js';
import { LaunchTimer } from './launch-timer.js';
import { instantiate, LoadedModule, type Instance, type ModuleOptions } from './module.js';

export interface WasmEngineOptions extends ModuleOptions {
  /** What is done to each graph before it is planned; the passes, unless a test wants the graph as it is. */
  readonly optimise?: ((graph: Graph) => Graph) | undefined;
}

export class WasmEngine implements ProfilableEngine {
  readonly name = 'wasm';
  readonly #options: WasmEngineOptions;

  constructor(options: WasmEngineOptions = {}) {
    this.#options = options;
  }

  async load(program: Program): Promise<WasmExecutable> {
    return loadPlan(
      planProgram(program, this.#options.optimise ?? ((graph) => optimize(graph))),
      this.#options,
    );
  }

  async loadProfiled(program: Program, clock: Clock): Promise<Profiled> {
    const executable = await this.load(program);
    return { executable, timer: new LaunchTimer(executable, clock) };
  }
}

/** Makes a plan ready to run. */
export async function loadPlan(plan: ProgramPlan, options: ModuleOptions = {}): Promise<WasmExecutable> {
  const { bytes, kernels, launches } = emitProgram(plan);
  const instance = await instantiate(plan, bytes, options);
  return new WasmExecutable(plan, instance, { bytes: bytes.length, kernels, launches });
}

export interface ModuleSummary {
  readonly bytes: number;
  /** Functions after equal kernels were shared. */
  readonly kernels: number;
  readonly launches: number;
}

export class WasmExecutable extends LoadedModule {
  readonly plan: ProgramPlan;
  readonly module: ModuleSummary;

  constructor(plan: ProgramPlan, instance: Instance, module: ModuleSummary) {
    super(plan, instance);
    this.plan = plan;
    this.module = module;
  }

  /** Runs tiles of launch number `at` of a graph alone (all of them when left out): for tests. */
  runLaunch(name: string, at: number, tileBegin = 0, tileEnd?: number): void {
    const { tiles } = this.#launches(name)[at]!.kernel;
    this.launch(name, at, this.plan.scratchOffset)(tileBegin, tileEnd ?? tiles);
  }

  /** The launches of a graph in order, each as a call that runs all of it on this thread: for profiles. */
  launchesOf(name: string): readonly (() => void)[] {
    return this.#launches(name).map(({ kernel: { tiles } }, at) => {
      const launch = this.launch(name, at, this.plan.scratchOffset);
      return () => launch(0, tiles);
    });
  }

  #launches(name: string): readonly Launch[] {
    return this.plan.graphs.find((graph) => graph.name === name)!.plan.launches;
  }
}
