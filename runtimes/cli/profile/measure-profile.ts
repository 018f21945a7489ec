/**
 * Trains a few steps on random data, each as it is and each in pieces, in turns: both kinds meet the same machine, with the
 * same clock speed and the same neighbours.
 */
import { programGraphs, type Program } from '../../../compiler/program.js';
import type { Executable } from '../../engine.js';
import type { Clock, PieceTimer, ProfilableEngine, Span } from '../../profilable.js';
import { TrainingSession } from '../../training/session.js';
import { randomExamples } from '../random-examples.js';
import type { PhaseProfile, Profile, TracedRun, TracedStep } from './profile.js';

/** Without a number of steps: milliseconds that are spent on timed steps, and how many steps there are at least and at most. */
const BUDGET = 4000;
const LEAST_STEPS = 3;
const MOST_STEPS = 50;
/** Milliseconds until the machine's code is the final one: engines compile what runs often once more. */
const WARM_UP = 500;
/** More would make traces too large to look at. */
const TRACED_STEPS = 5;

export interface ProfileOptions {
  readonly steps?: number | undefined;
  readonly clock: Clock;
}

export async function measureProfile(
  program: Program,
  engine: ProfilableEngine,
  { steps, clock }: ProfileOptions,
): Promise<Profile> {
  const begun = clock();
  const { executable, timer } = await engine.loadProfiled(program, clock);
  try {
    const load = (clock() - begun) / 1000;
    const recorder = new Recorder(executable, timer, clock);
    const session = await TrainingSession.create({
      program,
      executable: recorder.executable,
      examples: randomExamples(program),
    });
    const warm = clock();
    do {
      await recorder.step(session, 'whole');
      await recorder.step(session, 'in pieces');
    } while (clock() - warm < WARM_UP);
    recorder.clear();

    const started = clock();
    let timed = 0;
    const more = (): boolean =>
      steps === undefined
        ? timed < LEAST_STEPS || (timed < MOST_STEPS && clock() - started < BUDGET)
        : timed < steps;
    while (more()) {
      await recorder.step(session, 'whole');
      await recorder.step(session, 'in pieces');
      timed++;
    }
    return {
      engine: engine.name,
      unit: timer.unit,
      method: timer.method,
      elementBytes: timer.elementBytes,
      absent: timer.absent,
      peak: await timer.peak?.(),
      clockReading: readingTime(clock),
      load,
      steps: timed,
      host: recorder.host(),
      phases: programGraphs({ phases: program.phases, outputs: [] }).map(({ name }) =>
        recorder.phase(name, timed),
      ),
      trace: recorder.trace,
    };
  } finally {
    executable.dispose();
  }
}

type Mode = 'whole' | 'in pieces';

/** Runs phases as they are or in pieces, and keeps the times of both. */
class Recorder {
  readonly executable: Executable;
  readonly trace: TracedStep[] = [];
  readonly #timer: PieceTimer;
  readonly #clock: Clock;
  #mode: Mode = 'whole';
  #origin: number | undefined;
  #current: TracedRun[] = [];
  /** Of each step, what the host does between the runs of phases. */
  #host: number[] = [];
  readonly #runs: Readonly<Record<Mode, Map<string, TracedRun[]>>> = {
    whole: new Map(),
    'in pieces': new Map(),
  };

  constructor(executable: Executable, timer: PieceTimer, clock: Clock) {
    this.#timer = timer;
    this.#clock = clock;
    this.executable = {
      memory: executable.memory,
      run: async (name, inputs) => {
        const start = clock();
        let spans: readonly Span[] = [];
        if (this.#mode === 'whole') {
          await executable.run(name, inputs);
          await timer.settle();
        } else spans = await timer.run(name, inputs);
        this.#current.push({
          phase: name,
          start: start - (this.#origin ?? start),
          duration: clock() - start,
          spans,
        });
      },
      read: (name, value) => executable.read(name, value),
      readState: (name) => executable.readState(name),
      writeState: (name, values) => executable.writeState(name, values),
      dispose: () => executable.dispose(),
    };
  }

  async step(session: TrainingSession, mode: Mode): Promise<void> {
    this.#mode = mode;
    this.#current = [];
    const start = this.#clock();
    this.#origin ??= start;
    const { step } = await session.step();
    const duration = this.#clock() - start;
    const runs = this.#current;
    this.#host.push(duration - runs.reduce((sum, run) => sum + run.duration, 0));
    for (const run of runs) append(this.#runs[mode], run.phase, run);
    if (mode === 'in pieces' && this.trace.length < TRACED_STEPS)
      this.trace.push({ step, start: start - this.#origin, duration, runs });
  }

  /** Forgets everything so far. */
  clear(): void {
    this.#origin = undefined;
    this.#host = [];
    for (const runs of Object.values(this.#runs)) runs.clear();
    this.trace.length = 0;
  }

  host(): number {
    return mean(calmerHalf(this.#host, (time) => time))!;
  }

  phase(name: string, steps: number): PhaseProfile {
    const [whole, inPieces] = (['whole', 'in pieces'] as const).map(
      (mode) => this.#runs[mode].get(name) ?? [],
    );
    const calm = calmerHalf(inPieces!, ({ duration }) => duration);
    return {
      name,
      // Steps of either kind take turns: both say how often a phase is due.
      executions: (whole!.length + inPieces!.length) / (2 * steps),
      whole: mean(calmerHalf(whole!, ({ duration }) => duration).map(({ duration }) => duration)),
      inPieces: mean(calm.map(({ duration }) => duration)),
      pieces: this.#timer.pieces(name).map((piece, i) => ({
        piece,
        mean: mean(calm.map(({ spans }) => spans[i]!.duration)),
        least:
          inPieces!.length === 0 ? undefined : Math.min(...inPieces!.map(({ spans }) => spans[i]!.duration)),
      })),
    };
  }
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/**
 * The half that took less time. Other work on a machine only adds time, to some runs and not to others; whole runs are left out
 * rather than times of single pieces, so that pieces still add up to a run.
 */
function calmerHalf<T>(runs: readonly T[], timeOf: (run: T) => number): readonly T[] {
  return [...runs].sort((a, b) => timeOf(a) - timeOf(b)).slice(0, Math.ceil(runs.length / 2));
}

function mean(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : times.reduce((sum, time) => sum + time, 0) / times.length;
}

/** Milliseconds of one reading of the clock. */
function readingTime(clock: Clock): number {
  const READINGS = 1000;
  const before = clock();
  for (let i = 0; i < READINGS; i++) clock();
  return (clock() - before) / READINGS;
}
