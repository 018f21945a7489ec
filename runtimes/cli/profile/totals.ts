/** A profile's pieces as numbers of a step, and their sums. */
import { addCosts, flopOf, NOTHING, type Cost } from '../../../compiler/graph/cost.js';
import type { PhaseProfile, PieceProfile, Profile } from './profile.js';

/** What pieces did in a step. */
export interface Work {
  /** Milliseconds. */
  readonly time: number;
  /** Pieces that were called. */
  readonly pieces: number;
  readonly calls: number;
  readonly cost: Cost;
}

export interface PieceRow extends Work {
  readonly phase: PhaseProfile;
  /** Its number in its phase, as in the compiler's listing. */
  readonly at: number;
  readonly profile: PieceProfile;
}

/** Every piece, the one that takes most of a step first. */
export function rowsOf({ phases }: Profile): readonly PieceRow[] {
  return phases
    .flatMap((phase) => phase.pieces.map((profile, at) => rowOf(phase, profile, at)))
    .sort((a, b) => b.time - a.time);
}

function rowOf(phase: PhaseProfile, profile: PieceProfile, at: number): PieceRow {
  const calls = phase.executions;
  const { cost } = profile.piece;
  return {
    phase,
    at,
    profile,
    time: (profile.mean ?? 0) * calls,
    pieces: 1,
    calls,
    cost: {
      multiplyAdds: cost.multiplyAdds * calls,
      operations: cost.operations * calls,
      reads: cost.reads * calls,
      writes: cost.writes * calls,
    },
  };
}

export const totalOf = (rows: readonly Work[]): Work =>
  rows.reduce<Work>(
    (sum, { time, pieces, calls, cost }) => ({
      time: sum.time + time,
      pieces: sum.pieces + pieces,
      calls: sum.calls + calls,
      cost: addCosts(sum.cost, cost),
    }),
    { time: 0, pieces: 0, calls: 0, cost: NOTHING },
  );

/** Sums over rows that have a name in common, the one that takes longest first. */
export function totalsBy<T extends Work>(
  rows: readonly T[],
  nameOf: (row: T) => string,
): readonly (readonly [name: string, total: Work])[] {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const name = nameOf(row);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return [...groups]
    .map(([name, group]) => [name, totalOf(group)] as const)
    .sort(([, a], [, b]) => b.time - a.time);
}

/** What some work comes to by the clock; absent where there is no such number. */
export interface Rates {
  /** Of the time of all pieces. */
  readonly share: number;
  /** FLOP in a second. */
  readonly flops: number | undefined;
  readonly bytes: number | undefined;
  readonly bytesPerSecond: number | undefined;
  /** Multiply-adds against the machine's peak. */
  readonly ofPeak: number | undefined;
}

export function ratesOf(
  { time, cost }: Pick<Work, 'time' | 'cost'>,
  all: number,
  { absent, elementBytes, peak }: Pick<Profile, 'absent' | 'elementBytes' | 'peak'>,
): Rates {
  const perSecond = (amount: number): number | undefined =>
    amount === 0 || time === 0 ? undefined : amount / (time / 1000);
  const bytes = absent.bytes === undefined ? (cost.reads + cost.writes) * elementBytes : undefined;
  const contraction = perSecond(2 * cost.multiplyAdds);
  return {
    share: all === 0 ? 0 : time / all,
    flops: perSecond(flopOf(cost)),
    bytes,
    bytesPerSecond: bytes === undefined ? undefined : perSecond(bytes),
    ofPeak: peak === undefined || contraction === undefined ? undefined : contraction / peak.flops,
  };
}

/** Milliseconds of a step. */
export interface StepTimes {
  /** As it is: phases and what the host does between them. */
  readonly whole: number;
  /** Of that, the phases. */
  readonly phases: number;
  /** With its phases in pieces: what timing them costs is in it. */
  readonly inPieces: number;
}

export function stepTimes({ phases, host }: Profile): StepTimes {
  const sum = (timeOf: (phase: PhaseProfile) => number | undefined): number =>
    phases.reduce((total, phase) => total + phase.executions * (timeOf(phase) ?? 0), 0);
  const inPhases = sum(({ whole }) => whole);
  return { whole: inPhases + host, phases: inPhases, inPieces: sum(({ inPieces }) => inPieces) + host };
}
