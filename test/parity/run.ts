/** Runs a program on an engine with the feeds of a recorded run, and takes down what the fixture has recorded. */
import { evaluateHost } from '../../compiler/host-expression.js';
import type { Program, ProgramGraph } from '../../compiler/program.js';
import { initialState } from '../../compiler/random/initialise.js';
import type { Engine, Executable } from '../../runtimes/engine.js';
import type { ReferenceExecutable } from '../../runtimes/reference/engine.js';
import { stepFeeds, TRACED, type BeganFixture, type Traced } from './fixture.js';

/** Float64 from the reference, which keeps its state so; float32 from all others. */
export type Numbers = Float32Array | Float64Array;

export interface RunRecord {
  readonly trace: Readonly<Record<Traced, readonly number[]>>;
  /** By step and parameter. */
  readonly gradients: Readonly<Record<'1' | '20', ReadonlyMap<string, Numbers>>>;
  readonly change: ReadonlyMap<string, Numbers>;
}

export async function runRecorded(
  engine: Engine,
  program: Program,
  fixture: BeganFixture,
): Promise<RunRecord> {
  const executable = await engine.load(program);
  try {
    const start = new Map(
      program.state.map((declaration) => [declaration.name, initialState(declaration, program.seed)]),
    );
    for (const [name, values] of start) await executable.writeState(name, values);
    const trace = { Lx: [], Lg: [], k: [], convergence: [] } as Record<Traced, number[]>;
    const gradients = { '1': new Map<string, Numbers>(), '20': new Map<string, Numbers>() };
    const [phase, controller] = program.phases;
    if (phase === undefined || controller === undefined) throw new Error('a run has two phases');

    for (let step = 0; step < fixture.steps; step++) {
      const feeds = new Map(Object.entries(stepFeeds(fixture, step)));
      for (const graph of [phase, controller]) {
        await executable.run(graph.name, { feeds, scalars: scalarsOf(graph, program, step) });
        const finite = await executable.read(graph.name, 'finite');
        if (finite[0] !== 1) throw new Error(`"${graph.name}" is not finite at step ${step + 1}`);
      }
      for (const traced of TRACED) {
        const value =
          traced === 'k'
            ? await readState(executable, 'state/k')
            : await readValue(executable, controller.name, `metric/${traced}`);
        trace[traced].push(value[0]!);
      }
      const at = String(step + 1);
      if (at === '1' || at === '20') {
        for (const [name, parameter] of gradientOutputs(phase)) {
          gradients[at].set(parameter, await readValue(executable, phase.name, name));
        }
      }
    }

    const change = new Map<string, Numbers>();
    for (const { name, role } of program.state) {
      if (role !== 'parameter') continue;
      const before = start.get(name)!;
      change.set(
        name,
        (await readState(executable, name)).map((value, i) => value - before[i]!),
      );
    }
    return { trace, gradients, change };
  } finally {
    executable.dispose();
  }
}

function isReference(executable: Executable): executable is ReferenceExecutable {
  return 'read64' in executable;
}

async function readValue(executable: Executable, graph: string, value: string): Promise<Numbers> {
  return isReference(executable) ? executable.read64(graph, value) : await executable.read(graph, value);
}

async function readState(executable: Executable, name: string): Promise<Numbers> {
  return isReference(executable) ? executable.readState64(name) : await executable.readState(name);
}

function scalarsOf(graph: ProgramGraph, program: Program, step: number): Map<string, number> {
  const values = {
    hyper: (name: string): number => {
      const value = program.hyper.get(name);
      if (value === undefined) throw new Error(`no hyper value ${name}`);
      return value;
    },
    step,
    steps: program.steps,
    execution: step,
  };
  return new Map(graph.scalars.map(({ name, value }) => [name, evaluateHost(value, values)]));
}

/** `gradient/discriminator/D/conv1/weight` -> `D/conv1/weight`. */
export function gradientOutputs({ graph }: ProgramGraph): [output: string, parameter: string][] {
  return graph.outputs.flatMap(({ kind, name }): [string, string][] => {
    const parameter = /^gradient\/[^/]+\/(.+)$/.exec(name)?.[1];
    return kind === 'value' && parameter !== undefined ? [[name, parameter]] : [];
  });
}
