/**
 * The wasm engine: a program becomes one module over one memory, made once; a run writes the inputs, makes one call
 * and leaves the values where they can be read. Nothing is allocated per step but what `read` gives away.
 */
import type { Graph } from '../../compiler/graph/graph.js';
import { optimize } from '../../compiler/passes/optimize.js';
import type { Launch } from '../../compiler/plan/kernel.js';
import { planProgram } from '../../compiler/plan/plan.js';
import type { ProgramPlan } from '../../compiler/plan/plan.js';
import type { WinogradUse } from '../../compiler/plan/winograd-choice.js';
import type { Program } from '../../compiler/program.js';
import { withThreads } from '../../compiler/plan/stages.js';
import { emitProgram, TOGETHER } from '../../compiler/wasm/module.js';
import { threadedBytes } from '../../compiler/wasm/thread-control.js';
import type { Clock, ProfilableEngine, Profiled } from '../profilable.js';
import { LaunchTimer } from './launch-timer.js';
import type { GraphInputs } from '../engine.js';
import { chooseStages, type ThreadOptions } from './choose-stages.js';
import { FasterWay } from './faster-way.js';
import { allocate, canHold, pagesFor } from './allocate.js';
import { hasWasmFeature } from './features.js';
import { homeOf, instantiate, LoadedModule, type Instance, type ModuleOptions } from './module.js';
import { ThreadPool, type StagedRun } from './thread-pool.js';

export interface LoadOptions extends ModuleOptions {
  /** Code with relaxed SIMD, whose bits are other ones; where WebAssembly has it if left out. */
  readonly relaxed?: boolean | undefined;
  /** Without, the calling thread computes alone. Not for a memory that is given. */
  readonly threads?: ThreadOptions | undefined;
}

export interface WasmEngineOptions extends LoadOptions {
  /** Nothing that rounds differently from one float32 operation after the other: no relaxed SIMD, no Winograd. */
  readonly precise?: boolean | undefined;
  /** Where convolutions go by Winograd's transforms; where they are faster if left out, unless precise. */
  readonly winograd?: WinogradUse | undefined;
  /** What is done to each graph before it is planned; the passes, unless a test wants the graph as it is. */
  readonly optimise?: ((graph: Graph) => Graph) | undefined;
}

export class WasmEngine implements ProfilableEngine {
  /** With what changes bits; the number of threads does not. */
  readonly name: string;
  readonly #options: WasmEngineOptions;

  constructor(options: WasmEngineOptions = {}) {
    const { precise = false } = options;
    const relaxed = !precise && (options.relaxed ?? hasWasmFeature('relaxed SIMD'));
    this.name = precise ? 'wasm precise' : relaxed ? 'wasm relaxed-simd' : 'wasm';
    const winograd = precise ? 'never' : (options.winograd ?? 'faster');
    this.#options = { ...options, relaxed, winograd };
  }

  async load(program: Program): Promise<WasmExecutable> {
    return this.place(this.plan(program));
  }

  /** With as many threads as there may be. */
  fits(program: Program): boolean {
    const { host, count = host?.cores ?? 1 } = this.#options.threads ?? {};
    const threads = Math.max(1, count);
    return canHold(threadedBytes(withThreads(this.plan(program), threads), threads));
  }

  async loadProfiled(program: Program, clock: Clock): Promise<Profiled> {
    // A launch by itself runs on the calling thread; so does what it is compared with.
    const executable = await loadPlan(this.plan(program), { ...this.#options, threads: undefined });
    return { executable, timer: new LaunchTimer(executable, clock) };
  }

  /** Makes what `plan` gave ready to run, in a memory of its own or in one that is given. */
  async place(plan: ProgramPlan, home: ModuleOptions = {}): Promise<WasmExecutable> {
    return loadPlan(plan, { ...this.#options, ...home });
  }

  plan(program: Program): ProgramPlan {
    const { optimise = (graph: Graph) => optimize(graph), winograd } = this.#options;
    return planProgram(program, optimise, { winograd });
  }
}

/**
 * Makes a plan for one thread ready to run, on several where that is wanted and pays. Throws DiagnosticError wasm/thread-lost
 * where a thread cannot be started, wasm/too-large where there is no memory for it.
 */
export async function loadPlan(plan: ProgramPlan, options: LoadOptions = {}): Promise<WasmExecutable> {
  const { relaxed = false, threads, memory } = options;
  if (threads !== undefined && memory !== undefined)
    throw new Error('threads share a memory of their own, not one that is given');
  const stages = threads && chooseStages(plan, threads);
  if (threads === undefined || stages === undefined) {
    const home = homeOf(plan, options);
    const { bytes, kernels, launches } = emitProgram(plan, { relaxed });
    const instance = await instantiate(bytes, home);
    return new WasmExecutable(plan, instance, { bytes: bytes.length, kernels, launches });
  }
  const threaded = withThreads(plan, stages.threads);
  const pages = pagesFor(threadedBytes(threaded, stages.threads));
  const home = { memory: allocate(pages, true), base: 0 };
  const { bytes, kernels, launches } = emitProgram(threaded, {
    relaxed,
    stages,
    shared: true,
    maximumPages: pages,
  });
  const instance = await instantiate(bytes, home);
  const { module } = instance;
  const pool = await ThreadPool.start(threads.host, stages.threads, { ...home, module });
  const summary = { bytes: bytes.length, kernels, launches };
  return new WasmExecutable(threaded, instance, summary, pool, threads.cost === undefined);
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

  readonly #pool: ThreadPool | undefined;
  readonly #adapts: boolean;
  readonly #ways = new Map<string, FasterWay>();

  /** `adapts`: a graph is run on one thread where that turns out to be faster. */
  constructor(
    plan: ProgramPlan,
    instance: Instance,
    module: ModuleSummary,
    pool?: ThreadPool,
    adapts = true,
  ) {
    super(plan, instance);
    this.plan = plan;
    this.module = module;
    this.#pool = pool;
    this.#adapts = adapts;
  }

  /** How many compute. */
  get threads(): number {
    return this.#pool?.size ?? 1;
  }

  /**
   * Throws DiagnosticError wasm/thread-lost where a thread has died. In the middle of a run that leaves half a step behind:
   * then state and values cannot be read any more either.
   */
  override async run(name: string, inputs: GraphInputs): Promise<void> {
    const together = this.graphCall(`${name}${TOGETHER}`) as StagedRun | undefined;
    if (this.#pool === undefined || together === undefined) return super.run(name, inputs);
    this.#pool.requireAll();
    this.writeInputs(name, inputs);
    const way = this.#wayOf(name);
    const next = way?.next() ?? 'together';
    const begun = performance.now();
    if (next === 'together') await this.#pool.run(together);
    else (this.graphCall(name) as () => void)();
    way?.took(next, performance.now() - begun);
  }

  /** Absent where threads are told to share whatever that costs. */
  #wayOf(name: string): FasterWay | undefined {
    if (!this.#adapts) return undefined;
    let way = this.#ways.get(name);
    if (way === undefined) this.#ways.set(name, (way = new FasterWay()));
    return way;
  }

  override dispose(): void {
    super.dispose();
    void this.#pool?.end();
  }

  protected override requireWhole(): void {
    this.#pool?.requireWhole();
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
