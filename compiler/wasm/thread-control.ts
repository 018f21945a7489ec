/**
 * How threads that run one program find each other: a few numbers behind the plan's memory, and the functions over them.
 * A run is started by thread 0; the others sit in `serve` for their whole life. A barrier is one counter of arrivals and one of
 * barriers passed (the epoch), so nothing has to be reset. Who waits spins first, since the others are mostly near, and sleeps then.
 */
import { ALIGNMENT, bytesOf } from '../plan/memory.js';
import type { ProgramPlan } from '../plan/plan.js';
import { atomic, i32, TIMED_OUT } from './assembler/expression.js';
import type { I32 } from './assembler/expression.js';
import type { FunctionBuilder, FunctionReference } from './assembler/function-builder.js';
import type { ModuleBuilder } from './assembler/module-builder.js';

/** Offsets in the control block. What different threads wait for lies on cache lines of its own. */
const ARRIVED = 0;
const EPOCH = 64;
/** Threads that sleep until the epoch goes on. */
const ASLEEP = 68;
const RUNS = 128;
const IDLE = 132;
/** Of the present run: the graph's number, and the epoch at its beginning. */
const GRAPH = 192;
const BEGIN = 196;
const CONTROL_BYTES = 256;

/** How a thread waits for the others. The runtime passes these numbers. */
export const WAITING = {
  /** Until they come: what threads do that have nothing else to do. */
  forever: 0,
  /** Sleeps for some time, and then gives up for the moment. */
  sleeping: 1,
  /** Spins for some time, and then gives up for the moment: where a thread may not sleep. */
  spinning: 2,
} as const;

/** What a run gives when it is over; otherwise the stage at which it goes on. */
export const RUN_OVER = -1;

/** Rounds of looking before a thread sleeps: at a barrier, and between runs. About 4 ns each. */
const BARRIER_ROUNDS = 50_000;
const IDLE_ROUNDS = 50_000;
/** Where whom one waits for may be waiting for the core. */
const CROWDED_ROUNDS = 100;
/** Of a thread that may not sleep, before it lets its host do something else. */
const SPINNING_ROUNDS = 20_000_000;
const SLEEP_MILLISECONDS = 200;

export const controlOffset = (plan: ProgramPlan): number =>
  Math.ceil(plan.memory.plannedBytes / ALIGNMENT) * ALIGNMENT;

/** Bytes that a program for so many threads takes, zero in the beginning. */
export const threadedBytes = (plan: ProgramPlan, threads: number): number =>
  controlOffset(plan) + CONTROL_BYTES + threads * takenBytes(plan);

/** Behind the control block every thread has a counter for each launch: the tiles of its share that were taken. */
const takenBytes = ({ graphs }: ProgramPlan): number =>
  bytesOf(Math.max(0, ...graphs.map(({ plan }) => plan.launches.length)));

/** The work of one stage of a graph, for the thread whose number is given. */
export type StageWriter = (f: FunctionBuilder, thread: I32) => void;

export class ThreadControl {
  readonly #module: ModuleBuilder;
  readonly #block: I32;
  readonly #threads: number;
  readonly #takenBytes: number;
  readonly #awaitEpoch: FunctionReference;
  readonly #arrive: FunctionReference;
  /** By graph: `(thread, from, begin, waiting) -> stage`. */
  readonly #walks: FunctionReference[] = [];

  readonly #rounds: { readonly barrier: number; readonly idle: number };

  /** `crowded`: there are more threads than cores. */
  constructor(
    module: ModuleBuilder,
    plan: ProgramPlan,
    { threads, crowded = false }: { readonly threads: number; readonly crowded?: boolean | undefined },
  ) {
    this.#rounds = crowded
      ? { barrier: CROWDED_ROUNDS, idle: CROWDED_ROUNDS }
      : { barrier: BARRIER_ROUNDS, idle: IDLE_ROUNDS };
    this.#module = module;
    this.#block = i32.add(module.base, i32.constant(controlOffset(plan)));
    this.#threads = threads;
    this.#takenBytes = takenBytes(plan);
    this.#awaitEpoch = this.#defineAwaitEpoch();
    this.#arrive = this.#defineArrive();
  }

  /**
   * Writes the part of thread number `thread` in a launch that all share: pieces of its own share first, then of the others'.
   * `call` runs tiles from `begin` on and before `end`.
   */
  share(
    f: FunctionBuilder,
    thread: I32,
    { launch, tiles, piece }: { readonly launch: number; readonly tiles: number; readonly piece: number },
    call: (begin: I32, end: I32) => void,
  ): void {
    const threads = i32.constant(this.#threads);
    const bound = (number: I32): I32 =>
      i32.divideUnsigned(i32.multiply(number, i32.constant(tiles)), threads);
    const owner = f.local('i32', thread);
    const [begin, next, end] = [f.local('i32'), f.local('i32'), f.local('i32')];
    f.repeat(this.#threads, () => {
      const taken = i32.add(this.#block, i32.multiply(owner, i32.constant(this.#takenBytes)));
      f.set(end, bound(i32.add(owner, i32.constant(1))));
      f.loop((again) => {
        const before = atomic.add(taken, i32.constant(piece), CONTROL_BYTES + launch * 4);
        f.set(begin, i32.add(bound(owner), before));
        f.if(i32.lessUnsigned(begin, end), () => {
          f.set(next, i32.add(begin, i32.constant(piece)));
          f.if(i32.lessUnsigned(end, next), () => f.set(next, end));
          call(begin, next);
          f.branch(again);
        });
      });
      f.set(owner, i32.remainderUnsigned(i32.add(owner, i32.constant(1)), threads));
    });
  }

  /** Exports a graph as `(from, waiting) -> stage`, to be called by thread 0 again until it gives RUN_OVER. */
  addGraph(name: string, stages: readonly StageWriter[]): void {
    const graph = this.#walks.length;
    const walk = this.#defineWalk(stages);
    this.#walks.push(walk);
    const run = this.#module.define({ parameters: ['i32', 'i32'], results: ['i32'] }, (f) => {
      const [from, waiting] = [f.pointer(0), f.pointer(1)];
      f.if(i32.equal(from, i32.constant(0)), () => {
        f.clear(
          i32.add(this.#block, i32.constant(CONTROL_BYTES)),
          i32.constant(this.#threads * this.#takenBytes),
        );
        f.storeAtomic(this.#block, i32.constant(graph), GRAPH);
        f.storeAtomic(this.#block, atomic.load(this.#block, EPOCH), BEGIN);
        f.drop(atomic.add(this.#block, i32.constant(1), RUNS));
        f.if(atomic.load(this.#block, IDLE), () => f.drop(atomic.notifyAll(this.#block, RUNS)));
      });
      const begin = atomic.load(this.#block, BEGIN);
      f.return(f.result(walk, 'i32', [i32.constant(0), from, begin, waiting]));
    });
    this.#module.export(name, run);
  }

  /** Exports `#serve(thread)`, in which every thread but the first stays: it takes part in every run. Call last. */
  addServe(): void {
    const serve = this.#module.define({ parameters: ['i32'], results: [] }, (f) => {
      const run = f.local('i32');
      f.loop((next) => {
        const left = f.local('i32', i32.constant(this.#rounds.idle));
        f.loop((again) => {
          f.if(i32.equal(atomic.load(this.#block, RUNS), run), () => {
            f.advance(left, -1);
            f.branchIf(again, left);
            f.drop(atomic.add(this.#block, i32.constant(1), IDLE));
            f.drop(atomic.wait(this.#block, run, undefined, RUNS));
            f.drop(atomic.add(this.#block, i32.constant(-1), IDLE));
            f.set(left, i32.constant(1));
            f.branch(again);
          });
        });
        f.advance(run, 1);
        const graph = f.local('i32', atomic.load(this.#block, GRAPH));
        const begin = f.local('i32', atomic.load(this.#block, BEGIN));
        this.#walks.forEach((walk, i) => {
          f.if(i32.equal(graph, i32.constant(i)), () =>
            f.drop(
              f.result(walk, 'i32', [f.pointer(0), i32.constant(0), begin, i32.constant(WAITING.forever)]),
            ),
          );
        });
        f.branch(next);
      });
    });
    this.#module.export('#serve', serve);
  }

  #defineWalk(stages: readonly StageWriter[]): FunctionReference {
    return this.#module.define({ parameters: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] }, (f) => {
      const [thread, from, begin, waiting] = [f.pointer(0), f.pointer(1), f.pointer(2), f.pointer(3)];
      const reach = (stage: number): void => {
        const target = i32.add(begin, i32.constant(stage));
        f.if(f.result(this.#awaitEpoch, 'i32', [target, waiting]), () => f.return(i32.constant(stage)));
      };
      stages.forEach((write, stage) => {
        f.if(i32.lessUnsigned(from, i32.constant(stage + 1)), () => {
          if (stage > 0) reach(stage);
          write(f, thread);
          f.call(this.#arrive, []);
        });
      });
      f.if(i32.equal(thread, i32.constant(0)), () => reach(stages.length));
      f.return(i32.constant(RUN_OVER));
    });
  }

  /** `(target, waiting)`: 0 once the epoch is there, 1 where the thread gave up for the moment. */
  #defineAwaitEpoch(): FunctionReference {
    return this.#module.define({ parameters: ['i32', 'i32'], results: ['i32'] }, (f) => {
      const [target, waiting] = [f.pointer(0), f.pointer(1)];
      const isBefore = (epoch: I32): I32 => i32.lessSigned(i32.subtract(epoch, target), i32.constant(0));
      const returnIfThere = (): void => {
        f.if(
          isBefore(atomic.load(this.#block, EPOCH)),
          () => undefined,
          () => f.return(i32.constant(0)),
        );
      };
      const left = f.local('i32', i32.constant(this.#rounds.barrier));
      const maySleep = i32.notEqual(waiting, i32.constant(WAITING.spinning));
      f.if(
        maySleep,
        () => undefined,
        () => f.set(left, i32.constant(SPINNING_ROUNDS)),
      );
      f.loop((again) => {
        returnIfThere();
        f.advance(left, -1);
        f.branchIf(again, left);
      });
      f.if(
        maySleep,
        () => undefined,
        () => f.return(i32.constant(1)),
      );
      const [seen, woken] = [f.local('i32'), f.local('i32')];
      f.loop((again) => {
        f.drop(atomic.add(this.#block, i32.constant(1), ASLEEP));
        // From here on whoever moves the epoch sees a sleeper.
        f.set(seen, atomic.load(this.#block, EPOCH));
        f.if(isBefore(seen), () => {
          f.if(
            waiting,
            () => f.set(woken, atomic.wait(this.#block, seen, SLEEP_MILLISECONDS, EPOCH)),
            () => f.set(woken, atomic.wait(this.#block, seen, undefined, EPOCH)),
          );
        });
        f.drop(atomic.add(this.#block, i32.constant(-1), ASLEEP));
        returnIfThere();
        f.branchIf(again, i32.notEqual(woken, i32.constant(TIMED_OUT)));
      });
      f.return(i32.constant(1));
    });
  }

  /** The last thread to arrive moves the epoch. */
  #defineArrive(): FunctionReference {
    return this.#module.define({ parameters: [], results: [] }, (f) => {
      const before = atomic.add(this.#block, i32.constant(1), ARRIVED);
      f.if(i32.equal(before, i32.constant(this.#threads - 1)), () => {
        f.storeAtomic(this.#block, i32.constant(0), ARRIVED);
        f.drop(atomic.add(this.#block, i32.constant(1), EPOCH));
        f.if(atomic.load(this.#block, ASLEEP), () => f.drop(atomic.notifyAll(this.#block, EPOCH)));
      });
    });
  }
}
