/** A program on an engine, stepped by hand: initial state, host scalars, phases in order. */
import { evaluateHost, type HostValues } from '../../compiler/host-expression.js';
import type { Phase, Program, ProgramGraph } from '../../compiler/program.js';
import { initialState } from '../../compiler/random/initialise.js';
import type { Engine, Executable } from '../../runtimes/engine.js';
import { feedsOfPart, wholeFeeds } from '../../runtimes/training/feeds.js';
import type { ReferenceExecutable } from '../../runtimes/reference/engine.js';

/** Float64 from the reference, which keeps its state so; float32 from all others. */
export type Numbers = Float32Array | Float64Array;

/** What a phase or an output reads at one of its executions, which are counted from 0. */
export type FeedsOf = (graph: ProgramGraph, execution: number) => ReadonlyMap<string, Float32Array>;

export class Stepping {
  readonly program: Program;
  readonly #executable: Executable;
  readonly #executions = new Map<string, number>();

  private constructor(program: Program, executable: Executable) {
    this.program = program;
    this.#executable = executable;
  }

  /** Loads the program and writes its initial state. */
  static async start(engine: Engine, program: Program): Promise<Stepping> {
    const executable = await engine.load(program);
    for (const declaration of program.state) {
      await executable.writeState(declaration.name, initialState(declaration, program.seed));
    }
    return new Stepping(program, executable);
  }

  /**
   * Runs all phases of one step, counted from 0, each as often as it repeats. Throws where a phase says that something
   * is not finite.
   */
  async step(step: number, feeds: ReadonlyMap<string, Float32Array> | FeedsOf): Promise<void> {
    const feedsOf: FeedsOf = typeof feeds === 'function' ? feeds : () => feeds;
    for (const phase of this.program.phases) {
      const repeat = evaluateHost(phase.repeat, this.#scope(phase.name, step));
      for (let i = 0; i < repeat; i++) {
        const execution = this.executions(phase.name);
        await this.#execute(phase, step, feedsOf({ ...phase, feeds: wholeFeeds(phase) }, execution));
        this.#executions.set(phase.name, execution + 1);
        const [finite] = await this.#executable.read(phase.name, 'finite');
        if (finite !== 1) throw new Error(`"${phase.name}" is not finite at step ${step + 1}`);
      }
    }
  }

  /** Executions of a phase so far. */
  executions(phase: string): number {
    return this.#executions.get(phase) ?? 0;
  }

  /** Runs an output at the state as it is and gives its value. */
  async output(name: string, step: number, feeds: ReadonlyMap<string, Float32Array>): Promise<Numbers> {
    const output = this.program.outputs.find((one) => one.name === name);
    if (output === undefined) throw new Error(`no output ${name}`);
    await this.#run(output, step, feeds);
    return await this.value(name, name);
  }

  async value(graph: string, value: string): Promise<Numbers> {
    return isReference(this.#executable)
      ? this.#executable.read64(graph, value)
      : await this.#executable.read(graph, value);
  }

  async metric(name: string): Promise<number> {
    return (await this.value(this.program.phases.at(-1)!.name, `metric/${name}`))[0]!;
  }

  async state(name: string): Promise<Numbers> {
    return isReference(this.#executable)
      ? this.#executable.readState64(name)
      : await this.#executable.readState(name);
  }

  async write(name: string, values: ArrayLike<number>): Promise<void> {
    await this.#executable.writeState(name, values);
  }

  dispose(): void {
    this.#executable.dispose();
  }

  /** Its parts in turn, where it has some, and the phase. */
  async #execute(phase: Phase, step: number, feeds: ReadonlyMap<string, Float32Array>): Promise<void> {
    const { parts } = phase;
    for (let part = 0; part < (parts?.count ?? 0); part++)
      await this.#run(parts!.graph, step, feedsOfPart(feeds, part, parts!));
    await this.#run(phase, step, feeds);
  }

  async #run(graph: ProgramGraph, step: number, feeds: ReadonlyMap<string, Float32Array>): Promise<void> {
    const values = this.#scope(graph.name, step);
    const scalars = new Map(graph.scalars.map(({ name, value }) => [name, evaluateHost(value, values)]));
    await this.#executable.run(graph.name, { feeds, scalars });
  }

  #scope(graph: string, step: number): HostValues {
    return {
      hyper: (name: string): number => {
        const value = this.program.hyper.get(name);
        if (value === undefined) throw new Error(`no hyper value ${name}`);
        return value;
      },
      step,
      steps: this.program.steps,
      execution: this.executions(graph),
    };
  }
}

function isReference(executable: Executable): executable is ReferenceExecutable {
  return 'read64' in executable;
}

/** `gradient/discriminator/D/conv1/weight` -> `D/conv1/weight`, of all gradients a phase exposes. */
export function gradientOutputs({ graph }: ProgramGraph): [output: string, parameter: string][] {
  return graph.outputs.flatMap(({ kind, name }): [string, string][] => {
    const parameter = /^gradient\/[^/]+\/(.+)$/.exec(name)?.[1];
    return kind === 'value' && parameter !== undefined ? [[name, parameter]] : [];
  });
}
