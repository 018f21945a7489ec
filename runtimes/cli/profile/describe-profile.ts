/** A profile as tables: pieces, phases, kinds, and what they come to. */
import type { Program } from '../../../compiler/program.js';
import type { PieceUnit } from '../../profilable.js';
import { formatBytes, formatCount, formatNumber } from '../format-number.js';
import { formatTable, type TableColumn } from '../table.js';
import type { Colours } from '../terminal.js';
import { phaseName } from './phase-name.js';
import type { Profile } from './profile.js';
import { ratesOf, rowsOf, stepTimes, totalOf, totalsBy, type Work } from './totals.js';

const UNITS: Readonly<Record<PieceUnit, string>> = {
  launch: 'launches',
  dispatch: 'dispatches',
  operation: 'operations',
  phase: 'phases',
};

/** Of a name that is printed; all of it is in the JSON. */
const LONGEST_NAME = 64;

const right = (title: string): TableColumn => ({ title, align: 'right' });
const left = (title: string): TableColumn => ({ title, align: 'left' });
/** Of columns that no row has a number for nothing is printed. */
const RATES = [right('GFLOP/s'), right('of peak'), right('GB/s')];

/** `top`: how many pieces are listed; the rest is one line. */
export function describeProfile(profile: Profile, program: Program, top: number, colours: Colours): string {
  const rows = rowsOf(profile);
  const all = totalOf(rows);
  const rates = (work: Work): readonly string[] => {
    const { flops, ofPeak, bytesPerSecond } = ratesOf(work, all.time, profile);
    return [giga(flops), ofPeak === undefined ? '' : percent(ofPeak), giga(bytesPerSecond)];
  };
  const shareOf = (work: Work): string => percent(ratesOf(work, all.time, profile).share);
  const units = UNITS[profile.unit];
  const listed = rows.slice(0, top);
  const others = totalOf(rows.slice(top));
  const rest = rows.length - listed.length;
  const heading = (title: string, text: string): string => `${colours.bold(title)}  ${text}\n`;

  const pieces = table(
    [
      right('ms/step'),
      right('share'),
      right('calls'),
      right('us/call'),
      ...RATES,
      left('kind'),
      left('result'),
      left(profile.unit),
      left('computes'),
    ],
    [
      ...listed.map((row) => [
        milliseconds(row.time),
        shareOf(row),
        calls(row.calls),
        row.profile.mean === undefined ? '' : formatNumber(1000 * row.profile.mean),
        ...rates(row),
        row.profile.piece.kind,
        row.profile.piece.shape === undefined ? '' : `[${row.profile.piece.shape.join()}]`,
        `${phaseName(row.phase.name)}#${row.at}`,
        shortened(row.profile.piece.name),
      ]),
      ...(rest === 0
        ? []
        : [[milliseconds(others.time), shareOf(others), '', '', '', '', '', '', '', `${rest} more`]]),
    ],
    colours,
  );
  const phases = table(
    [
      left('phase'),
      right('runs/step'),
      right(units),
      right('ms/step'),
      right('share'),
      ...RATES,
      right('ms with gaps'),
      right('ms whole'),
    ],
    totalsBy(rows, ({ phase }) => phase.name).map(([name, total]) => {
      const { executions, whole, inPieces } = profile.phases.find((phase) => phase.name === name)!;
      const perStep = (time: number | undefined): string =>
        time === undefined ? '' : milliseconds(time * executions);
      return [
        phaseName(name),
        calls(executions),
        formatCount(total.pieces),
        milliseconds(total.time),
        shareOf(total),
        ...rates(total),
        perStep(inPieces),
        perStep(whole),
      ];
    }),
    colours,
  );
  const kinds = table(
    [left('kind'), right(units), right('ms/step'), right('share'), ...RATES, right('bytes/step')],
    totalsBy(rows, ({ profile: { piece } }) => piece.kind).map(([kind, total]) => {
      const { bytes } = ratesOf(total, all.time, profile);
      return [
        kind,
        formatCount(total.pieces),
        milliseconds(total.time),
        shareOf(total),
        ...rates(total),
        bytes === undefined ? '' : formatBytes(Math.round(bytes)),
      ];
    }),
    colours,
  );
  const inUnits = profile.unit === 'phase' ? '' : `, each whole and in ${units}`;
  const steps = profile.steps === 1 ? '1 step' : `${profile.steps} steps`;
  return [
    heading('Profile', `${profile.engine}, batch ${program.batch}; ${steps} timed on random data${inUnits}`),
    `  ${profile.method}\n\n`,
    pieces,
    // A phase that cannot be taken apart is a row above.
    ...(profile.unit === 'phase'
      ? []
      : [
          `\n${heading('Phases', `their ${units}; these with what lies between them; the phase run whole`)}`,
          phases,
          `\n${heading('Kinds', `of ${units}`)}`,
          kinds,
        ]),
    `\n${stepLines(profile, all, colours)}`,
  ].join('');
}

function stepLines(profile: Profile, all: Work, colours: Colours): string {
  const { peak, absent, host } = profile;
  const step = stepTimes(profile);
  const lines = [
    `${colours.bold('Step')}   ${milliseconds(step.whole)} ms: ${milliseconds(step.phases)} ms in phases, ` +
      `${milliseconds(host)} ms of the host between them\n`,
  ];
  if (profile.unit !== 'phase')
    lines.push(
      `       ${milliseconds(step.inPieces)} ms when its ${UNITS[profile.unit]} are timed ` +
        `(${signed(step.inPieces / step.whole - 1)}), ${milliseconds(all.time)} ms of it in them\n`,
    );
  const rate = (2 * all.cost.multiplyAdds) / (step.whole / 1000);
  const work = `the step does ${giga(rate)} GFLOP/s of contractions`;
  if (peak === undefined) lines.push(`${colours.bold('Peak')}   not measured; ${work}\n`);
  else {
    lines.push(
      `${colours.bold('Peak')}   ${giga(peak.flops)} GFLOP/s, measured in this run; ${work}: ${percent(rate / peak.flops)} of it\n`,
      `       ${peak.method}\n`,
    );
  }
  for (const reason of [absent.peak, absent.bytes])
    if (reason !== undefined) lines.push(`       ${reason}\n`);
  return lines.join('');
}

/** Without the columns in which no row has anything. */
function table(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  colours: Colours,
): string {
  const kept = columns.map((_, c) => rows.some((row) => (row[c] ?? '') !== ''));
  return formatTable(
    columns.filter((_, c) => kept[c]),
    rows.map((row) => row.filter((_, c) => kept[c])),
    colours,
  );
}

const milliseconds = (time: number): string => formatNumber(time);
const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const signed = (share: number): string => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)}%`;
const calls = (count: number): string => (Number.isInteger(count) ? String(count) : count.toFixed(1));
const giga = (rate: number | undefined): string => (rate === undefined ? '' : formatNumber(rate / 1e9));
const shortened = (name: string): string =>
  name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 3)}...`;
