/**
 * A graph's launches dealt out to threads. Between two stages every thread waits for all others; inside a stage none waits,
 * so what one thread touches there no other one writes. The tiles of a launch stay what they are: whatever the number of
 * threads, every tile is computed once, from the same numbers.
 *
 * A launch of several tiles is split where that gains more than a wait costs: every thread has an equal share, and who is done
 * helps the others with theirs, piece by piece, since cores are seldom equally fast. Any other launch is run whole by one thread: by the
 * one whose results it needs, so that a chain of small launches needs no wait in between, or else by the one with the least to do.
 * In a stage these come first, and what is shared evens out the rest.
 */
import type { BufferId } from './kernel.js';
import { launchWork } from './launch-work.js';
import type { PlacedGraph, ProgramPlan } from './plan.js';
import { sharedMemory } from './waves.js';

/** The launch, by its number in the graph, is run whole by a thread, or shared by all in pieces of so many tiles. */
export type Share =
  | { readonly launch: number; readonly by: number }
  | { readonly launch: number; readonly by: 'all'; readonly piece: number };
export type Stage = readonly Share[];

export interface StagePlan {
  readonly stages: readonly Stage[];
  /** Estimates, in nanoseconds: on one thread, and on all with what handing over costs. */
  readonly alone: number;
  readonly together: number;
}

/** In nanoseconds. */
export interface HandOver {
  /** From the last thread that arrives at the end of a stage to the first instruction of the next. */
  readonly stage: number;
  /** Of a whole run: until sleeping threads have woken up. */
  readonly run: number;
}
/** Measured were 120 ns for a stage in which nothing is done (test/bench/hand-over.ts); threads that come late are allowed for. */
export const HAND_OVER: HandOver = { stage: 400, run: 50_000 };

/** Nanoseconds of a piece at least, where tiles are shorter: to take one costs some tens. */
const PIECE = 4000;

export function planStages(graph: PlacedGraph, threads: number, cost: HandOver = HAND_OVER): StagePlan {
  const { launches } = graph.plan;
  const overlapping = sharedMemory(graph);
  const stages: Share[][] = [];
  let stage: Share[] = [];
  let load = new Float64Array(threads);
  let alone = 0;
  let together = cost.run;
  /** Who reads and who writes a buffer in this stage. */
  let readers = new Map<BufferId, Set<Share['by']>>();
  let writers = new Map<BufferId, Set<Share['by']>>();
  const close = (): void => {
    if (stage.length === 0) return;
    const isShared = ({ by }: Share): boolean => by === 'all';
    stages.push([...stage.filter((share) => !isShared(share)), ...stage.filter(isShared)]);
    together += Math.max(...load) + cost.stage;
    stage = [];
    load = new Float64Array(threads);
    readers = new Map();
    writers = new Map();
  };
  const involved = (
    ids: readonly BufferId[],
    ...by: readonly ReadonlyMap<BufferId, ReadonlySet<Share['by']>>[]
  ): Set<Share['by']> =>
    new Set(
      ids.flatMap((id) =>
        overlapping(id).flatMap((other) => by.flatMap((map) => [...(map.get(other) ?? [])])),
      ),
    );
  const note = (map: Map<BufferId, Set<Share['by']>>, ids: readonly BufferId[], by: Share['by']): void => {
    for (const id of ids) {
      const known = map.get(id);
      if (known === undefined) map.set(id, new Set([by]));
      else known.add(by);
    }
  };

  launches.forEach((launch, number) => {
    const { reads, writes } = launch;
    const work = launchWork(launch);
    alone += work;
    const split = launch.kernel.tiles > 1 && work * (1 - 1 / threads) > cost.stage;
    let needs = new Set([...involved(reads, writers), ...involved(writes, writers, readers)]);
    const [only] = needs;
    const stays = needs.size === 0 || (!split && needs.size === 1 && only !== 'all');
    if (!stays) {
      close();
      needs = new Set();
    }
    const [owner] = needs;
    const by: Share['by'] = split ? 'all' : (owner ?? leastLoaded(load));
    if (by === 'all') {
      const piece = Math.max(1, Math.ceil((PIECE * launch.kernel.tiles) / work));
      stage.push({ launch: number, by, piece });
      load = load.map((before) => before + work / threads);
    } else {
      stage.push({ launch: number, by });
      load[by]! += work;
    }
    note(readers, reads, by);
    note(writers, writes, by);
  });
  close();
  return { stages, alone, together };
}

/** The lowest number among those with the least to do. */
const leastLoaded = (load: Float64Array): number => load.indexOf(Math.min(...load));

/** The plan with a piece of scratch memory for every thread. */
export function withThreads(plan: ProgramPlan, threads: number): ProgramPlan {
  const scratchBytes = plan.scratchStride * threads;
  const plannedBytes = plan.memory.plannedBytes - plan.memory.scratchBytes + scratchBytes;
  return { ...plan, memory: { ...plan.memory, scratchBytes, plannedBytes } };
}
