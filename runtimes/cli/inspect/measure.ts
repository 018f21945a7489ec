/** How long a step takes here: a few real training steps on random data. */
import type { Program } from '../../../compiler/program.js';
import type { Engine, Executable } from '../../engine.js';
import type { DataSpec } from '../../../spec/spec.js';
import { classCount } from '../../../spec/data-classes.js';
import type { PackedExamples } from '../../training/example-source.js';
import { evaluateHostExpression } from '../../training/host-expression.js';
import { TrainingSession } from '../../training/session.js';
import { formatBytes, formatDuration, formatNumber } from '../format-number.js';
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
}

export async function measure(program: Program, engine: Engine, clock: () => number): Promise<Measurement> {
  const start = clock();
  const executable = await engine.load(program);
  try {
    const load = clock() - start;
    const largestBatch = Math.max(program.batch, ...program.phases.map(({ batch }) => batch));
    const examples = new Map(
      [...program.streams].map(([name, { shape, data }]) => [name, noise(shape, data, largestBatch)]),
    );
    const stopwatch = new Stopwatch(executable, clock);
    const session = await TrainingSession.create({ program, executable: stopwatch.executable, examples });
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
    const run = program.phases.reduce(
      (sum, { name }) => sum + stopwatch.median(name) * executed.get(name)!,
      0,
    );
    return {
      load,
      step: (between * run) / program.steps,
      timedSteps,
      plannedBytes: executable.memory?.plannedBytes,
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

/** One batch of random examples and classes: a step costs the same whatever the data is. */
function noise(shape: readonly number[], data: DataSpec, count: number): PackedExamples {
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
  const classes = Array.from({ length: classCount(data) ?? 1 }, (_, label) => String(label));
  const labels = { classes, of: Uint32Array.from({ length: count }, (_, i) => i % classes.length) };
  if (data.kind === 'points') {
    const values = Float32Array.from({ length: 2 * count }, () => random() / 2 ** 31 - 1);
    return { count, shape: [2], values, labels };
  }
  if (data.kind === 'text') {
    const { alphabet } = data;
    const length = shape.at(-2)!;
    const symbols = Uint16Array.from({ length: count * length }, () => random() % (1 + alphabet.length));
    return { count, length, alphabet, symbols };
  }
  const [height, width, channels] = shape.slice(-3) as [number, number, number];
  const pixels = Uint8Array.from({ length: count * height * width * channels }, () => random() >>> 24);
  return { count, height, width, channels, pixels, labels };
}

export function describeMeasurement(
  { load, step, timedSteps, plannedBytes }: Measurement,
  program: Program,
  engine: string,
  colours: Colours,
): string {
  const memory = plannedBytes === undefined ? '' : `, ${formatBytes(plannedBytes)} planned`;
  return [
    `\n${colours.bold('Measured here')}  ${engine}${memory}\n`,
    `  made ready in ${formatNumber(load)} s; a step takes ${formatNumber(1000 * step)} ms (${timedSteps} timed)\n`,
    `  ${program.steps} steps: about ${formatDuration(step * program.steps)}\n`,
  ].join('');
}
