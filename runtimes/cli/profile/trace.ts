/**
 * A profile's timed steps as a Chrome trace: a JSON object with `traceEvents` (the Trace Event Format), which Perfetto and
 * chrome://tracing open. Three tracks: steps, phases, and the pieces of phases.
 */
import { flopOf } from '../../../compiler/graph/cost.js';
import { phaseName } from './phase-name.js';
import type { Profile } from './profile.js';

const PROCESS = 1;
const TRACKS = ['steps', 'phases', 'pieces'] as const;
type Track = (typeof TRACKS)[number];

/** A span; times in microseconds. */
interface CompleteEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: 'X';
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

interface NameEvent {
  readonly name: 'process_name' | 'thread_name';
  readonly ph: 'M';
  readonly pid: number;
  readonly tid: number;
  readonly args: { readonly name: string };
}

export interface ChromeTrace {
  readonly displayTimeUnit: 'ms';
  readonly otherData: Readonly<Record<string, string>>;
  readonly traceEvents: readonly (CompleteEvent | NameEvent)[];
}

export function chromeTrace(profile: Profile): ChromeTrace {
  const span = (
    track: Track,
    name: string,
    cat: string,
    [start, duration]: readonly [number, number],
    args: CompleteEvent['args'] = {},
  ): CompleteEvent => ({
    name,
    cat,
    ph: 'X',
    ts: 1000 * start,
    dur: 1000 * duration,
    pid: PROCESS,
    tid: TRACKS.indexOf(track),
    args,
  });
  const pieces = new Map(profile.phases.map((phase) => [phase.name, phase.pieces]));
  const events = profile.trace.flatMap(({ step, start, duration, runs }) => [
    span('steps', `step ${step}`, 'step', [start, duration]),
    ...runs.flatMap((run) => [
      span('phases', phaseName(run.phase), 'phase', [run.start, run.duration]),
      ...run.spans.map((own, at) => {
        const { piece } = pieces.get(run.phase)![at]!;
        const { cost } = piece;
        return span('pieces', piece.name || piece.kind, piece.kind, [run.start + own.start, own.duration], {
          [profile.unit]: `${phaseName(run.phase)}#${at}`,
          kind: piece.kind,
          ...(piece.shape === undefined ? {} : { shape: piece.shape.join() }),
          multiplyAdds: cost.multiplyAdds,
          flop: flopOf(cost),
          ...(profile.absent.bytes === undefined
            ? { bytes: (cost.reads + cost.writes) * profile.elementBytes }
            : {}),
        });
      }),
    ]),
  ]);
  const name = (kind: NameEvent['name'], tid: number, text: string): NameEvent => ({
    name: kind,
    ph: 'M',
    pid: PROCESS,
    tid,
    args: { name: text },
  });
  return {
    displayTimeUnit: 'ms',
    otherData: { engine: profile.engine, method: profile.method },
    traceEvents: [
      name('process_name', 0, profile.engine),
      ...TRACKS.map((track, tid) => name('thread_name', tid, track)),
      ...events,
    ],
  };
}
