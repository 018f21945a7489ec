/**
 * The plan of a whole program: the launches of every phase and output, and one memory for all of them:
 * state | feeds, scalars and values of each graph | heap | scratch of each thread.
 */
import type { Graph, NodeId } from '../graph/graph.js';
import { programGraphs, type Program } from '../program.js';
import { flattenUpdates } from './flat-updates.js';
import { Fusion, NeedsStorage } from './fuse.js';
import type { Buffer, BufferId, GraphPlan } from './kernel.js';
import type { GraphLayout, ProgramLayout } from './layout.js';
import type { LoweringOptions } from './lower/launch-list.js';
import { lowerGraph } from './lower/lower-graph.js';
import { bytesOf, planHeap, SLACK } from './memory.js';
import { verifyPlan } from './plan-verify.js';
import { inWaveOrder } from './waves.js';
import { scratchElements } from './scratch.js';

/** Fuses and lowers one graph; its launches wave by wave. */
export function planGraph(graph: Graph, options: LoweringOptions = {}): GraphPlan {
  const forced = new Set<NodeId>();
  for (;;) {
    try {
      return inWaveOrder(lowerGraph(new Fusion(graph, forced), graph.name, options));
    } catch (error) {
      if (!(error instanceof NeedsStorage) || error.nodes.every((node) => forced.has(node))) throw error;
      for (const node of error.nodes) forced.add(node);
    }
  }
}

export interface PlacedGraph extends GraphLayout {
  readonly plan: GraphPlan;
  /** Byte offset of every buffer from the program's base. */
  readonly offsets: ReadonlyMap<BufferId, number>;
}

export interface MemorySummary {
  readonly stateBytes: number;
  /** Feeds, scalars and values. */
  readonly fixedBytes: number;
  readonly heapBytes: number;
  readonly scratchBytes: number;
  /** All of the above: what the program holds. */
  readonly plannedBytes: number;
  /** State and, for the largest graph, a buffer for every node. */
  readonly unfusedBytes: number;
}

export interface ProgramPlan extends ProgramLayout {
  readonly graphs: readonly PlacedGraph[];
  /** Byte offset of the scratch of thread 0; thread t's lies t * scratchStride further on. */
  readonly scratchOffset: number;
  readonly scratchStride: number;
  readonly memory: MemorySummary;
}

export interface PlanOptions extends LoweringOptions {
  /** Pieces of scratch memory. */
  readonly threads?: number | undefined;
  /** A program that takes more bytes keeps no windows of Winograd's convolutions; 2 GiB, half of what there can be, if left out. */
  readonly windowsWithin?: number | undefined;
}

type StateSizes = readonly { readonly name: string; readonly elements: number }[];

/** Plans graphs over shared state. `state` gives the elements of each state tensor. */
export function planGraphs(
  graphs: readonly Graph[],
  state: StateSizes,
  { windowsWithin = 2 ** 31, ...options }: PlanOptions = {},
): ProgramPlan {
  const plan = planPlaces(graphs, state, options);
  if (plan.memory.plannedBytes <= windowsWithin || !keepsWindows(plan)) return plan;
  return planPlaces(graphs, state, { ...options, keepsWindows: false });
}

const keepsWindows = ({ graphs }: ProgramPlan): boolean =>
  graphs.some(({ plan }) =>
    plan.launches.some(({ kernel }) => kernel.kind === 'winograd' && kernel.keeps !== undefined),
  );

function planPlaces(
  graphs: readonly Graph[],
  state: StateSizes,
  { threads = 1, ...lowering }: Omit<PlanOptions, 'windowsWithin'>,
): ProgramPlan {
  let offset = 0;
  const take = (elements: number): number => {
    const at = offset;
    offset += bytesOf(elements);
    return at;
  };
  /** Where flat states and their parts begin. */
  const flatOffsets = new Map<string, number>();
  for (const { name, elements, parts } of lowering.flat ?? []) {
    const whole = take(elements);
    flatOffsets.set(name, whole);
    for (const part of parts) flatOffsets.set(part.name, whole + part.at * 4);
  }
  const statePlaces = new Map(
    state.map(({ name, elements }) => [name, { offset: flatOffsets.get(name) ?? take(elements), elements }]),
  );
  const stateBytes = offset;

  const plans = graphs.map((graph) => planGraph(graph, lowering));
  const fixed = plans.map((plan) => {
    const places = new Map<BufferId, number>();
    for (const { id, kind, elements, name } of plan.buffers) {
      if (kind === 'heap') continue;
      if (kind !== 'state') places.set(id, take(elements));
      else {
        const at = statePlaces.get(name)?.offset ?? flatOffsets.get(name);
        if (at === undefined) throw new Error(`internal: ${plan.name} uses undeclared state ${name}`);
        places.set(id, at);
      }
    }
    return places;
  });
  const fixedBytes = offset - stateBytes;

  const heapOffset = offset;
  const heaps = plans.map((plan) => planHeap(plan));
  const heapBytes = Math.max(0, ...heaps.map(({ bytes }) => bytes));
  const scratchOffset = heapOffset + heapBytes + SLACK;
  const scratchStride = bytesOf(
    Math.max(0, ...plans.flatMap(({ launches }) => launches.map(({ kernel }) => scratchElements(kernel)))),
  );
  const scratchBytes = scratchStride * threads;

  const plannedBytes = scratchOffset + scratchBytes + SLACK;
  return {
    graphs: plans.map((plan, i) => {
      const offsets = new Map(fixed[i]);
      for (const [buffer, at] of heaps[i]!.offsets) offsets.set(buffer, heapOffset + at);
      verifyPlan(plan, { offsets, plannedBytes: scratchOffset });
      const ofKind = (kind: Buffer['kind']): Map<string, { offset: number; elements: number }> =>
        new Map(
          plan.buffers
            .filter((buffer) => buffer.kind === kind)
            .map(({ id, name, elements }) => [name, { offset: offsets.get(id)!, elements }]),
        );
      return {
        name: plan.name,
        plan,
        offsets,
        feeds: ofKind('feed'),
        scalars: ofKind('scalar'),
        values: ofKind('value'),
      };
    }),
    state: statePlaces,
    scratchOffset,
    scratchStride,
    memory: {
      stateBytes,
      fixedBytes,
      heapBytes,
      scratchBytes,
      plannedBytes,
      unfusedBytes: stateBytes + 4 * Math.max(0, ...plans.map(({ unfusedElements }) => unfusedElements)),
    },
  };
}

/** Plans all phases and outputs of a program, in that order. */
export function planProgram(
  program: Program,
  optimise: (graph: Graph) => Graph,
  options: PlanOptions = {},
): ProgramPlan {
  const named = programGraphs(program).map(({ name, graph }) => ({ ...graph, name }));
  const { graphs: flattened, flat } = flattenUpdates(named);
  const graphs = flattened.map((graph) => ({ ...optimise(graph), name: graph.name }));
  const state = program.state.map(({ name, shape }) => ({
    name,
    elements: shape.reduce((product, size) => product * size, 1),
  }));
  return planGraphs(graphs, state, { ...options, flat });
}
