/** How long a step takes here: a few real training steps on random data. */
import type { Phase, Program } from '../../../compiler/program.js';
import type { Engine, Executable } from '../../engine.js';
import { evaluateHostExpression } from '../../training/host-expression.js';
import { TrainingSession } from '../../training/session.js';
import { engineInWords } from '../engine-in-words.js';
import { formatBytes, formatDuration, formatNumber } from '../format-number.js';
import { randomExamples } from '../random-examples.js';
import type { Colours } from '../terminal.js';

/** Steps are timed until this many seconds are spent, and at least two: the first warms up and is not counted. */
const BUDGET = 3;
const MOST_STEPS = 20;

export interface Measurement {
  /** Seconds from the program to something that runs. */
  readonly load: number;
  /** Seconds of a training step, the mean of the whole run: phases may repeat more often in some steps than in others. */
  readonly step: number;
  readonly timedSteps: number;
  /** Bytes the engine planned; absent where it cannot say. */
  readonly plannedBytes: number | undefined;
  /** What ran, in words. */
  readonly engine: string;
}

export async function measure(program: Program, engine: Engine, clock: () => number): Promise<Measurement> {
  const start = clock();
  const executable = await engine.load(program);
  try {
    const load = clock() - start;
    const stopwatch = new Stopwatch(executable, clock);
    const session = await TrainingSession.create({
      program,
      executable: stopwatch.executable,
      examples: randomExamples(program),
    });
    await session.step();
    stopwatch.clear();
    let timedSteps = 0;
    const begun = clock();
    do {
      await session.step();
      timedSteps++;
    } while (clock() - begun < BUDGET && timedSteps < MOST_STEPS);
    // What a step does between the executions of its phases: drawing noise, reading metrics.
    const between = (clock() - begun) / stopwatch.total;
    const executed = executionsOfRun(program);
    const once = ({ name, parts }: Phase): number =>
      stopwatch.median(name) + (parts === undefined ? 0 : stopwatch.median(parts.graph.name) * parts.count);
    const run = program.phases.reduce((sum, phase) => sum + once(phase) * executed.get(phase.name)!, 0);
    return {
      load,
      step: (between * run) / program.steps,
      timedSteps,
      plannedBytes: executable.memory?.plannedBytes,
      engine: engineInWords(engine, executable),
    };
  } finally {
    executable.dispose();
  }
}

/** Notes how long every execution of a phase takes. */
class Stopwatch {
  readonly executable: Executable;
  readonly #seconds = new Map<string, number[]>();

  constructor(executable: Executable, clock: () => number) {
    this.executable = {
      memory: executable.memory,
      run: async (name, inputs) => {
        const before = clock();
        await executable.run(name, inputs);
        const seconds = this.#seconds.get(name) ?? [];
        seconds.push(clock() - before);
        this.#seconds.set(name, seconds);
      },
      read: (name, value) => executable.read(name, value),
      readState: (name) => executable.readState(name),
      writeState: (name, values) => executable.writeState(name, values),
      dispose: () => executable.dispose(),
    };
  }

  clear(): void {
    this.#seconds.clear();
  }

  get total(): number {
    return [...this.#seconds.values()].flat().reduce((sum, seconds) => sum + seconds, 0);
  }

  /** Of one execution; 0 where the phase was not due in any of the timed steps. */
  median(name: string): number {
    const seconds = [...(this.#seconds.get(name) ?? [])].sort((a, b) => a - b);
    return seconds[Math.floor(seconds.length / 2)] ?? 0;
  }
}

/** How often a run executes every phase. */
function executionsOfRun({ phases, hyper, steps }: Program): ReadonlyMap<string, number> {
  return new Map(
    phases.map(({ name, repeat }) => {
      let execution = 0;
      for (let step = 0; step < steps; step++) {
        execution += evaluateHostExpression(repeat, { hyper, step, steps, execution });
      }
      return [name, execution];
    }),
  );
}

export function describeMeasurement(
  { load, step, timedSteps, plannedBytes, engine }: Measurement,
  program: Program,
  colours: Colours,
): string {
  const memory = plannedBytes === undefined ? '' : `, ${formatBytes(plannedBytes)} planned`;
  return [
    `\n${colours.bold('Measured here')}  ${engine}${memory}\n`,
    `  made ready in ${formatNumber(load)} s; a step takes ${formatNumber(1000 * step)} ms (${timedSteps} timed)\n`,
    `  ${program.steps} steps: about ${formatDuration(step * program.steps)}\n`,
  ].join('');
}
