/**
 * Trains a few steps on random data, each as it is and each in pieces, in turns: both kinds meet the same machine, with the
 * same clock speed and the same neighbours.
 */
import type { Program } from '../../../compiler/program.js';
import type { Executable } from '../../engine.js';
import type { Clock, Peak, PieceTimer, ProfilableEngine, Span } from '../../profilable.js';
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
    const before = await timer.peak?.();
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
    const after = await timer.peak?.();
    return {
      engine: engine.name,
      unit: timer.unit,
      method: timer.method,
      elementBytes: timer.elementBytes,
      absent: timer.absent,
      peak: faster(before, after),
      clockReading: readingTime(clock),
      load,
      steps: timed,
      step: recorder.stepTimes(),
      phases: program.phases.map(({ name }) => recorder.phase(name, timed)),
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
  #runs: TracedRun[] = [];
  #origin = 0;
  readonly #steps: Record<Mode, number[]> = { whole: [], 'in pieces': [] };
  /** Of each step as it is, its phases. */
  #inPhases: number[] = [];
  readonly #whole = new Map<string, number[]>();
  readonly #spans = new Map<string, (readonly Span[])[]>();

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
        this.#runs.push({ phase: name, start: start - this.#origin, duration: clock() - start, spans });
      },
      read: (name, value) => executable.read(name, value),
      readState: (name) => executable.readState(name),
      writeState: (name, values) => executable.writeState(name, values),
      dispose: () => executable.dispose(),
    };
  }

  async step(session: TrainingSession, mode: Mode): Promise<void> {
    this.#mode = mode;
    this.#runs = [];
    const start = this.#clock();
    if (this.#steps['in pieces'].length === 0 && mode === 'in pieces') this.#origin = start;
    const { step } = await session.step();
    const duration = this.#clock() - start;
    this.#steps[mode].push(duration);
    if (mode === 'whole') {
      this.#inPhases.push(this.#runs.reduce((sum, run) => sum + run.duration, 0));
      for (const { phase, duration: time } of this.#runs) append(this.#whole, phase, time);
    } else {
      for (const { phase, spans } of this.#runs) append(this.#spans, phase, spans);
      if (this.trace.length < TRACED_STEPS)
        this.trace.push({ step, start: start - this.#origin, duration, runs: this.#runs });
    }
  }

  /** Forgets everything so far. */
  clear(): void {
    this.#steps.whole = [];
    this.#steps['in pieces'] = [];
    this.#inPhases = [];
    this.#whole.clear();
    this.#spans.clear();
    this.trace.length = 0;
  }

  stepTimes(): Profile['step'] {
    return {
      whole: median(this.#steps.whole)!,
      phases: median(this.#inPhases)!,
      inPieces: median(this.#steps['in pieces'])!,
    };
  }

  phase(name: string, steps: number): PhaseProfile {
    const runs = this.#spans.get(name) ?? [];
    return {
      name,
      executions: runs.length / steps,
      whole: median(this.#whole.get(name) ?? []),
      pieces: this.#timer.pieces(name).map((piece, i) => {
        const times = runs.map((spans) => spans[i]!.duration);
        return { piece, median: median(times), least: times.length === 0 ? undefined : Math.min(...times) };
      }),
    };
  }
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function median(times: readonly number[]): number | undefined {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

function faster(a: Peak | undefined, b: Peak | undefined): Peak | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.flops > b.flops ? a : b;
}

/** Milliseconds of one reading of the clock. */
function readingTime(clock: Clock): number {
  const READINGS = 1000;
  const before = clock();
  for (let i = 0; i < READINGS; i++) clock();
  return (clock() - before) / READINGS;
}
