/** A profile as JSON. Keys and their meaning stay within a `format`; new ones may come. docs/cli.md describes them. */
import { flopOf } from '../../../compiler/graph/cost.js';
import type { Program } from '../../../compiler/program.js';
import { phaseName } from './phase-name.js';
import type { Profile } from './profile.js';
import { ratesOf, rowsOf, stepTimes, totalOf, totalsBy, type Work } from './totals.js';

const FORMAT = 1;

export function profileJson(profile: Profile, program: Program): unknown {
  const rows = rowsOf(profile);
  const all = totalOf(rows);
  const { peak, absent, host } = profile;
  const step = stepTimes(profile);
  const numbers = (work: Work) => {
    const { share, flops, bytes, bytesPerSecond, ofPeak } = ratesOf(work, all.time, profile);
    return {
      ms: work.time,
      share,
      multiplyAdds: work.cost.multiplyAdds,
      flop: flopOf(work.cost),
      bytes: bytes ?? null,
      gflops: giga(flops),
      ofPeak: ofPeak ?? null,
      gbps: giga(bytesPerSecond),
    };
  };
  return {
    format: FORMAT,
    engine: profile.engine,
    unit: profile.unit,
    method: profile.method,
    batch: program.batch,
    steps: profile.steps,
    loadSeconds: profile.load,
    clockReadingUs: 1000 * profile.clockReading,
    step: {
      wholeMs: step.whole,
      phasesMs: step.phases,
      hostMs: host,
      piecesMs: all.time,
      inPiecesMs: step.inPieces,
      multiplyAdds: all.cost.multiplyAdds,
      ofPeak: peak === undefined ? null : (2 * all.cost.multiplyAdds) / (step.whole / 1000) / peak.flops,
    },
    peak: peak === undefined ? null : { gflops: giga(peak.flops), method: peak.method },
    absent: { peak: absent.peak ?? null, bytes: absent.bytes ?? null },
    phases: totalsBy(rows, ({ phase }) => phase.name).map(([name, total]) => {
      const { executions, whole, inPieces } = profile.phases.find((phase) => phase.name === name)!;
      return {
        phase: phaseName(name),
        runs: executions,
        pieces: total.pieces,
        wholeMs: whole === undefined ? null : whole * executions,
        inPiecesMs: inPieces === undefined ? null : inPieces * executions,
        ...numbers(total),
      };
    }),
    kinds: totalsBy(rows, ({ profile: { piece } }) => piece.kind).map(([kind, total]) => ({
      kind,
      pieces: total.pieces,
      ...numbers(total),
    })),
    pieces: rows.map((row) => {
      const { piece, mean, least } = row.profile;
      return {
        phase: phaseName(row.phase.name),
        at: row.at,
        kind: piece.kind,
        name: piece.name,
        shape: piece.shape ?? null,
        calls: row.calls,
        usPerCall: micro(mean),
        usLeast: micro(least),
        ...numbers(row),
      };
    }),
  };
}

const giga = (rate: number | undefined): number | null => (rate === undefined ? null : rate / 1e9);
const micro = (time: number | undefined): number | null => (time === undefined ? null : 1000 * time);
