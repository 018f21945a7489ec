/**
 * Where buffers lie. State, feeds, scalars and values have places of their own; heap buffers of all graphs share one
 * heap, since graphs run one at a time. Inside a graph a heap buffer lives from the wave of its first writer to that of
 * its last reader, so that what shares memory keeps no two launches from running at once. Buffers are placed largest
 * first, each at the lowest gap among those alive at the same time (best fit by offset).
 */
import type { BufferId, GraphPlan } from './kernel.js';
import { placeWithin } from './overlap.js';

/** Bytes; a cache line, so that threads do not share one. */
export const ALIGNMENT = 64;
/** Vectors may reach up to this far beyond the last element of a buffer; what they read there is not used. */
export const SLACK = 64;

/** Of a buffer that is not a part of another. */
export interface Lifetime {
  readonly buffer: BufferId;
  /** The waves of the first and the last launch that touch it or a part of it. */
  readonly first: number;
  readonly last: number;
}

export interface HeapPlan {
  /** Byte offsets in the heap of the heap buffers. */
  readonly offsets: ReadonlyMap<BufferId, number>;
  readonly bytes: number;
}

/** What memory is planned from. */
export type Timed = Pick<GraphPlan, 'buffers' | 'launches' | 'times'>;

export function bytesOf(elements: number): number {
  return Math.ceil((elements * 4) / ALIGNMENT) * ALIGNMENT;
}

export function lifetimes({ buffers, launches, times }: Timed): Lifetime[] {
  const first = new Map<BufferId, number>();
  const last = new Map<BufferId, number>();
  launches.forEach((launch, i) => {
    const at = times[i]!;
    for (const id of [...launch.reads, ...launch.writes]) {
      const { whole } = placeWithin(buffers[id]!);
      if (!first.has(whole)) first.set(whole, at);
      last.set(whole, at);
    }
  });
  return buffers.flatMap(({ id, kind }) =>
    kind === 'heap' && first.has(id) ? [{ buffer: id, first: first.get(id)!, last: last.get(id)! }] : [],
  );
}

/**
 * A heap buffer that is written place by place over one that is read for the last time by the same launch, and by no other
 * of its wave, may take its memory. Gives, for each such buffer, the one it continues.
 */
export function continuations(plan: Timed): Map<BufferId, BufferId> {
  const life = new Map(lifetimes(plan).map((lifetime) => [lifetime.buffer, lifetime]));
  const wholeOf = (buffer: BufferId): BufferId => placeWithin(plan.buffers[buffer]!).whole;
  /** How many launches read a buffer or a part of it in the last wave that touches it. */
  const lastReaders = new Map<BufferId, number>();
  plan.launches.forEach(({ reads }, i) => {
    for (const id of new Set(reads.map(wholeOf)))
      if (life.get(id)?.last === plan.times[i]) lastReaders.set(id, (lastReaders.get(id) ?? 0) + 1);
  });
  const result = new Map<BufferId, BufferId>();
  const taken = new Set<BufferId>();
  plan.launches.forEach((launch, i) => {
    if (launch.kernel.kind !== 'pointwise') return;
    const at = plan.times[i]!;
    const { body } = launch.kernel;
    const used = body.instructions.flatMap((instruction) =>
      instruction.op === 'load' ? [instruction.access] : [],
    );
    for (const { access } of body.stores) {
      const to = launch.places[access.parameter]!;
      const target = life.get(to.buffer);
      if (target === undefined || target.first !== at || to.offset !== 0 || result.has(to.buffer)) continue;
      for (const load of used) {
        const from = launch.places[load.parameter]!;
        const source = life.get(from.buffer);
        if (source === undefined || source.last !== at || source.first === at || taken.has(from.buffer))
          continue;
        const samePlaces =
          from.offset === 0 && load.strides.every((stride, i) => stride === access.strides[i]);
        const sameSize = plan.buffers[from.buffer]!.elements === plan.buffers[to.buffer]!.elements;
        const onlyRead = used.every(
          (other) =>
            wholeOf(launch.places[other.parameter]!.buffer) !== from.buffer ||
            other.parameter === load.parameter,
        );
        const consistent = used.every(
          (other) =>
            other.parameter !== load.parameter || other.strides.every((s, i) => s === load.strides[i]),
        );
        if (!samePlaces || !sameSize || !onlyRead || !consistent || lastReaders.get(from.buffer) !== 1)
          continue;
        result.set(to.buffer, from.buffer);
        taken.add(from.buffer);
        break;
      }
    }
  });
  return result;
}

export function planHeap(plan: Timed): HeapPlan {
  const continued = continuations(plan);
  const head = (buffer: BufferId): BufferId => {
    let at = buffer;
    for (let before = continued.get(at); before !== undefined; before = continued.get(at)) at = before;
    return at;
  };
  const regions = new Map<BufferId, { members: BufferId[]; first: number; last: number; bytes: number }>();
  for (const { buffer, first, last } of lifetimes(plan)) {
    const key = head(buffer);
    const bytes = bytesOf(plan.buffers[buffer]!.elements);
    const region = regions.get(key);
    if (region === undefined) regions.set(key, { members: [buffer], first, last, bytes });
    else {
      region.members.push(buffer);
      region.first = Math.min(region.first, first);
      region.last = Math.max(region.last, last);
      region.bytes = Math.max(region.bytes, bytes);
    }
  }
  /** By start. */
  const placed: { start: number; end: number; first: number; last: number }[] = [];
  const offsets = new Map<BufferId, number>();
  let total = 0;
  for (const region of [...regions.values()].sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    const { first, last, bytes } = region;
    let best: { start: number; room: number } | undefined;
    let free = 0;
    for (const other of placed) {
      if (other.first > last || first > other.last) continue;
      const room = other.start - free;
      if (room >= bytes && (best === undefined || room < best.room)) best = { start: free, room };
      free = Math.max(free, other.end);
    }
    const start = best?.start ?? free;
    const after = placed.findIndex((other) => other.start > start);
    placed.splice(after < 0 ? placed.length : after, 0, { start, end: start + bytes, first, last });
    for (const member of region.members) offsets.set(member, start);
    total = Math.max(total, start + bytes);
  }
  for (const { id, within } of plan.buffers) {
    const whole = within === undefined ? undefined : offsets.get(within.buffer);
    if (whole !== undefined) offsets.set(id, whole + within!.offset * 4);
  }
  return { offsets, bytes: total };
}
