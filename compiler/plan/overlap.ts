/** Which buffers share memory: those that are parts of each other, and, where they have their places, those that lie in one. */
import type { Buffer, BufferId } from './kernel.js';

/** Gives the buffers that share memory with one, itself included. */
export type Overlapping = (buffer: BufferId) => readonly BufferId[];

/** Buffers that have no places yet: a part shares memory with the whole, and with parts that have elements in common with it. */
export function overlappingParts(buffers: readonly Buffer[]): Overlapping {
  const families = new Map<BufferId, Buffer[]>();
  for (const buffer of buffers) {
    const { whole } = placeWithin(buffer);
    const known = families.get(whole);
    if (known === undefined) families.set(whole, [buffer]);
    else known.push(buffer);
  }
  const found = new Map<BufferId, readonly BufferId[]>();
  for (const family of families.values()) {
    const ranges = family.map((buffer) => [buffer.id, placeWithin(buffer).at, buffer.elements] as const);
    for (const [id, others] of overlaps(ranges)) found.set(id, others);
  }
  return (buffer) => found.get(buffer)!;
}

/** The buffer that one is a part of, itself where it is none, and its first element there. */
export function placeWithin({ id, within }: Pick<Buffer, 'id' | 'within'>): { whole: BufferId; at: number } {
  return within === undefined ? { whole: id, at: 0 } : { whole: within.buffer, at: within.offset };
}

/** For each range the ranges it shares places with, itself among them. */
export function overlaps(
  ranges: readonly (readonly [id: BufferId, start: number, length: number])[],
): ReadonlyMap<BufferId, readonly BufferId[]> {
  const found = new Map<BufferId, BufferId[]>(ranges.map(([id]) => [id, [id]]));
  const byStart = ranges.filter(([, , length]) => length > 0).sort((a, b) => a[1] - b[1]);
  byStart.forEach(([id, start, length], i) => {
    for (let j = i + 1; j < byStart.length && byStart[j]![1] < start + length; j++) {
      const [other] = byStart[j]!;
      found.get(id)!.push(other);
      found.get(other)!.push(id);
    }
  });
  return found;
}
