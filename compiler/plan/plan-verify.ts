/**
 * What every plan must satisfy, checked whenever one is made. A violation is a mistake of the compiler and would show
 * as wrong numbers far from its cause.
 */
import type { Buffer, BufferId, GraphPlan, Launch, Place } from './kernel.js';
import { ALIGNMENT, bytesOf, continuations, lifetimes } from './memory.js';
import { overlappingParts } from './overlap.js';
import { reachesOf, type Reach } from './reach.js';

export class PlanError extends Error {
  override readonly name = 'PlanError';
}

export interface Placement {
  /** Byte offsets from the program's base. */
  readonly offsets: ReadonlyMap<BufferId, number>;
  readonly plannedBytes: number;
}

/**
 * Throws PlanError unless: places fit their parameters and lie in their buffers; nothing but state and inputs is read
 * before it was written; every value and all state is written by one launch at most besides the parts of a concat or
 * pad; and no two buffers that are needed at the same time share memory, except one that continues another.
 */
export function verifyPlan(plan: GraphPlan, placement: Placement): void {
  const refuse = (because: string): never => {
    throw new PlanError(`plan of ${plan.name}: ${because}`);
  };
  const written = new Set<BufferId>();
  const overlapping = overlappingParts(plan.buffers);
  plan.launches.forEach((launch, at) => {
    const where = `launch ${at} (${launch.name})`;
    if (launch.places.length !== launch.kernel.parameters)
      refuse(`${where} has ${launch.places.length} places for ${launch.kernel.parameters} parameters`);
    if (launch.kernel.tiles < 1) refuse(`${where} has ${launch.kernel.tiles} tiles`);
    for (const buffer of launch.reads) {
      const { kind, name } = plan.buffers[buffer]!;
      if ((kind === 'heap' || kind === 'value') && !overlapping(buffer).some((id) => written.has(id)))
        refuse(`${where} reads ${kind} ${buffer} '${name}' before anything wrote it`);
    }
    for (const buffer of launch.writes) {
      if (['feed', 'scalar'].includes(plan.buffers[buffer]!.kind)) refuse(`${where} writes an input`);
      written.add(buffer);
    }
    verifyBounds(plan, launch, (because) => refuse(`${where} ${because}`));
  });
  for (const [name, { buffer }] of plan.values)
    if (!written.has(buffer)) refuse(`nothing writes the value ${name}`);
  verifyPlaces(plan, placement, refuse);
}

/** The lowest and highest element each parameter touches, where the kernel says it by strides. */
function verifyBounds(plan: GraphPlan, launch: Launch, refuse: (because: string) => never): void {
  for (const { parameter, low, high } of reachesOf(launch.kernel).map(rangeOf)) {
    const place = launch.places[parameter]!;
    const { elements, name } = plan.buffers[place.buffer]!;
    if (place.offset + low < 0 || place.offset + high >= elements)
      refuse(
        `touches elements ${place.offset + low} to ${place.offset + high} of '${name}', which has ${elements}`,
      );
  }
}

interface Range {
  readonly parameter: number;
  readonly low: number;
  readonly high: number;
}

function rangeOf({ parameter, sizes, strides }: Reach): Range {
  let [low, high] = [0, 0];
  sizes.forEach((size, i) => {
    const reach = (size - 1) * strides[i]!;
    if (reach < 0) low += reach;
    else high += reach;
  });
  return { parameter, low, high };
}

function verifyPlaces(
  plan: GraphPlan,
  { offsets, plannedBytes }: Placement,
  refuse: (because: string) => never,
): void {
  const continued = continuations(plan);
  const lives = new Map(lifetimes(plan).map((life) => [life.buffer, life]));
  /** Inputs, state and values are there all the time. */
  const life = ({ id, kind }: Buffer): readonly [number, number] | undefined => {
    if (kind !== 'heap') return [-1, Infinity];
    const own = lives.get(id);
    return own === undefined ? undefined : [own.first, own.last];
  };
  const used: { buffer: Buffer; start: number; end: number; life: readonly [number, number] }[] = [];
  for (const buffer of plan.buffers) {
    if (buffer.within !== undefined) {
      verifyPart(plan, buffer, buffer.within, offsets, refuse);
      continue;
    }
    const when = life(buffer);
    if (when === undefined) continue;
    const start = offsets.get(buffer.id);
    if (start === undefined) throw new PlanError(`plan of ${plan.name}: '${buffer.name}' lies nowhere`);
    const end = start + bytesOf(buffer.elements);
    if (start % ALIGNMENT !== 0) refuse(`'${buffer.name}' lies at ${start}, not on a cache line`);
    if (end > plannedBytes)
      refuse(`'${buffer.name}' ends at ${end}, beyond the ${plannedBytes} planned bytes`);
    used.push({ buffer, start, end, life: when });
  }
  used.sort((a, b) => a.start - b.start);
  for (let i = 0; i < used.length; i++) {
    const one = used[i]!;
    for (let j = i + 1; j < used.length && used[j]!.start < one.end; j++) {
      const other = used[j]!;
      const apart = one.life[1] < other.life[0] || other.life[1] < one.life[0];
      const goesOn =
        continued.get(one.buffer.id) === other.buffer.id || continued.get(other.buffer.id) === one.buffer.id;
      if (!apart && !goesOn)
        refuse(`'${one.buffer.name}' and '${other.buffer.name}' share memory while both are needed`);
    }
  }
}

/** A part lies where its whole says. */
function verifyPart(
  plan: GraphPlan,
  { id, name, elements }: Buffer,
  { buffer, offset }: Place,
  offsets: Placement['offsets'],
  refuse: (because: string) => never,
): void {
  const whole = plan.buffers[buffer]!;
  if (whole.within !== undefined) refuse(`'${name}' is a part of '${whole.name}', which is a part itself`);
  if (offset < 0 || offset + elements > whole.elements)
    refuse(`'${name}' reaches beyond '${whole.name}', which it is a part of`);
  const [at, start] = [offsets.get(id), offsets.get(buffer)];
  if (at !== (start === undefined ? undefined : start + offset * 4))
    refuse(`'${name}' does not lie in '${whole.name}', which it is a part of`);
}
