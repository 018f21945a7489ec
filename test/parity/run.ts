/** Runs a program on an engine and takes down what two runs of one system are compared by. */
import type { Program, StateDeclaration } from '../../compiler/program.js';
import type { Engine } from '../../runtimes/engine.js';
import { gradientOutputs, Stepping, type FeedsOf, type Numbers } from './stepping.js';

export interface RunRecord {
  /** One number per step: every metric by its name, and the controller's state (`state/k`) after the step. */
  readonly trace: ReadonlyMap<string, readonly number[]>;
  /** At steps 1 and 20, of the last execution of each phase in it: `discriminator/D/conv1/weight`. */
  readonly gradients: Readonly<Record<'1' | '20', ReadonlyMap<string, Numbers>>>;
  /** End minus start, of every parameter, running statistic and average. */
  readonly change: ReadonlyMap<string, Numbers>;
}

export interface RunOptions {
  readonly steps: number;
  /** Steps that count as finished before the first: what schedules and `repeat` start from. */
  readonly from?: number;
  readonly feeds: FeedsOf;
}

const LEARNED: ReadonlySet<StateDeclaration['role']> = new Set(['parameter', 'buffer', 'average']);

export async function recordRun(
  engine: Engine,
  program: Program,
  { steps, from = 0, feeds }: RunOptions,
): Promise<RunRecord> {
  const stepping = await Stepping.start(engine, program);
  try {
    const named = (wanted: (declaration: StateDeclaration) => boolean) =>
      program.state.filter(wanted).map(({ name }) => name);
    const learned = named(({ role }) => LEARNED.has(role));
    const controllers = named(({ role }) => role === 'controller');
    const start = new Map<string, Numbers>();
    for (const name of learned) start.set(name, await stepping.state(name));
    const trace = new Map([...program.metrics, ...controllers].map((name): [string, number[]] => [name, []]));
    const gradients = { '1': new Map<string, Numbers>(), '20': new Map<string, Numbers>() };

    for (let step = 0; step < steps; step++) {
      await stepping.step(from + step, feeds);
      for (const name of program.metrics) trace.get(name)!.push(await stepping.metric(name));
      for (const name of controllers) trace.get(name)!.push((await stepping.state(name))[0]!);
      const at = String(step + 1);
      if (at !== '1' && at !== '20') continue;
      for (const phase of program.phases) {
        if (stepping.executions(phase.name) === 0) continue;
        for (const [output] of gradientOutputs(phase)) {
          gradients[at].set(output.slice('gradient/'.length), await stepping.value(phase.name, output));
        }
      }
    }

    const change = new Map<string, Numbers>();
    for (const name of learned) {
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
