/** Runs a program on an engine with the feeds of a recorded run, and takes down what the fixture has recorded. */
import type { Program } from '../../compiler/program.js';
import type { Engine } from '../../runtimes/engine.js';
import { stepFeeds, TRACED, type BeganFixture, type Traced } from './fixture.js';
import { gradientOutputs, Stepping, type Numbers } from './stepping.js';

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
  const stepping = await Stepping.start(engine, program);
  try {
    const parameters = program.state.filter(({ role }) => role === 'parameter').map(({ name }) => name);
    const start = new Map<string, Numbers>();
    for (const name of parameters) start.set(name, await stepping.state(name));
    const trace: Record<Traced, number[]> = { Lx: [], Lg: [], k: [], convergence: [] };
    const gradients = { '1': new Map<string, Numbers>(), '20': new Map<string, Numbers>() };
    const training = program.phases[0]!;

    for (let step = 0; step < fixture.steps; step++) {
      await stepping.step(step, new Map(Object.entries(stepFeeds(fixture, step))));
      for (const traced of TRACED) {
        trace[traced].push(
          traced === 'k' ? (await stepping.state('state/k'))[0]! : await stepping.metric(traced),
        );
      }
      const at = String(step + 1);
      if (at !== '1' && at !== '20') continue;
      for (const [output, parameter] of gradientOutputs(training)) {
        gradients[at].set(parameter, await stepping.value(training.name, output));
      }
    }

    const change = new Map<string, Numbers>();
    for (const name of parameters) {
      const before = start.get(name)!;
      change.set(
        name,
        (await stepping.state(name)).map((value, i) => value - before[i]!),
      );
    }
    return { trace, gradients, change };
  } finally {
    stepping.dispose();
  }
}
