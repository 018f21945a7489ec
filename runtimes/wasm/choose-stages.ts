/** On how many threads a program runs, and which of its graphs. */
import type { ProgramPlan } from '../../compiler/plan/plan.js';
import { HAND_OVER, planStages, type HandOver, type Stage } from '../../compiler/plan/stages.js';
import type { StagesOfGraphs } from '../../compiler/wasm/module.js';
import type { ThreadHost } from './thread-host.js';

export interface ThreadOptions {
  readonly host: ThreadHost;
  /** How many compute; as many as pay, at most the host's cores, where it is left out. */
  readonly count?: number | undefined;
  /** What handing work over costs, and that it is done however long it takes: for tests that want small graphs shared too. */
  readonly cost?: HandOver | undefined;
}

/** A graph is shared where that takes at most this part of its time, by the estimates. */
const WORTH = 0.85;

/** Absent where one thread is best. */
export function chooseStages(
  plan: ProgramPlan,
  { host, count, cost }: ThreadOptions,
): StagesOfGraphs | undefined {
  const counts = count === undefined ? candidates(host.cores) : [count];
  let best: { readonly stages: StagesOfGraphs; readonly time: number } | undefined;
  for (const threads of counts.filter((wanted) => wanted > 1)) {
    const found = stagesFor(plan, threads, cost);
    // Another thread takes a core from others, and has to earn it.
    if (found !== undefined && (best === undefined || found.time < WORTH * best.time)) best = found;
  }
  return best && { ...best.stages, crowded: best.stages.threads > host.cores };
}

/** 2, 4, 8 and so on, and all. */
function candidates(cores: number): number[] {
  const counts: number[] = [];
  for (let count = 2; count < cores; count *= 2) counts.push(count);
  return [...counts, cores];
}

function stagesFor(
  plan: ProgramPlan,
  threads: number,
  cost: HandOver = HAND_OVER,
): { readonly stages: StagesOfGraphs; readonly time: number } | undefined {
  const of = new Map<string, readonly Stage[]>();
  let time = 0;
  for (const graph of plan.graphs) {
    const { stages, alone, together } = planStages(graph, threads, cost);
    const shared = together <= WORTH * alone;
    if (shared) of.set(graph.name, stages);
    time += shared ? together : alone;
  }
  return of.size === 0 ? undefined : { stages: { threads, of }, time };
}
