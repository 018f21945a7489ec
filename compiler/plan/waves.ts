/**
 * Launches in waves: those of one wave may run at once, since none of them touches what another writes. The order of a
 * graph's launches is one of many; what counts is who reads and overwrites whose memory.
 */
import type { BufferId, GraphPlan, Launch } from './kernel.js';
import { overlaps, overlappingParts, type Overlapping } from './overlap.js';
import type { PlacedGraph } from './plan.js';

/** The wave of each launch, counted from 0. */
function waveNumbers(launches: readonly Launch[], overlapping: Overlapping): readonly number[] {
  /** The last wave that reads and that writes a buffer. */
  const lastRead = new Map<BufferId, number>();
  const lastWrite = new Map<BufferId, number>();
  const latest = (buffers: readonly BufferId[], last: ReadonlyMap<BufferId, number>): number =>
    Math.max(-1, ...buffers.flatMap((id) => overlapping(id).map((other) => last.get(other) ?? -1)));
  return launches.map(({ reads, writes }) => {
    const wave = 1 + Math.max(latest(reads, lastWrite), latest(writes, lastWrite), latest(writes, lastRead));
    for (const id of reads) lastRead.set(id, Math.max(wave, lastRead.get(id) ?? -1));
    for (const id of writes) lastWrite.set(id, Math.max(wave, lastWrite.get(id) ?? -1));
    return wave;
  });
}

/** Launches in an order in which they can run one after the other. */
export type LoweredGraph = Omit<GraphPlan, 'times'>;

/**
 * The same launches wave by wave, as they would be if buffers shared memory only with their own parts: where memory is
 * planned by these times, other sharing costs no wave.
 */
export function inWaveOrder(plan: LoweredGraph): GraphPlan {
  const numbers = waveNumbers(plan.launches, overlappingParts(plan.buffers));
  const order = plan.launches.map((_, i) => i).sort((a, b) => numbers[a]! - numbers[b]! || a - b);
  return {
    ...plan,
    launches: order.map((i) => plan.launches[i]!),
    times: order.map((i) => numbers[i]!),
  };
}

/** The waves of a graph whose buffers have their places. */
export function wavesOf(graph: PlacedGraph): readonly (readonly Launch[])[] {
  const { launches } = graph.plan;
  const found: Launch[][] = [];
  waveNumbers(launches, sharedMemory(graph)).forEach((wave, i) => (found[wave] ??= []).push(launches[i]!));
  return found;
}

/** The buffers that share memory with one, itself included. */
export function sharedMemory({ plan, offsets }: PlacedGraph): Overlapping {
  const found = overlaps(plan.buffers.map(({ id, elements }) => [id, offsets.get(id)!, elements * 4]));
  return (buffer) => found.get(buffer)!;
}
