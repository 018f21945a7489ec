/** Lays a run over the recorded one, or over another engine's run, and says where they part. */
import { compareRecorded, compareTensors, compareTraces, type Finding } from './compare.js';
import { probeVector, recordedSize, type RecordedRun } from './fixture.js';
import type { RunRecord } from './run.js';
import type { Numbers } from './stepping.js';

export interface Limits {
  /** Of traces: |a - b| <= trace * max|expected trace| + floor. */
  readonly trace: number;
  readonly floor: number;
  /** NMSE of every gradient at step 1, at step 20, and of every tensor's total change. */
  readonly first: number;
  readonly last: number;
  readonly change: number;
}

/** What a fixture has recorded and what a run takes down, alike but for the form of a tensor. */
interface Recorded<T> {
  readonly trace: Named<readonly number[]>;
  readonly gradients: Readonly<Record<'1' | '20', Named<T>>>;
  readonly change: Named<T>;
}

type Named<T> = ReadonlyMap<string, T>;
type CompareTensor<T> = (what: string, actual: Numbers, expected: T, limit: number) => Finding[];

/** Findings against the numbers PyTorch recorded, which knows no names of updates. */
export function judge(run: RunRecord, fixture: RecordedRun, limits: Limits): Finding[] {
  const named = <T>(record: Readonly<Record<string, T>>): Named<T> => new Map(Object.entries(record));
  const recorded = {
    trace: named(fixture.trace),
    gradients: { '1': named(fixture.gradients['1']), '20': named(fixture.gradients['20']) },
    change: named(fixture.change),
  };
  const gradients = { '1': byParameter(run.gradients['1']), '20': byParameter(run.gradients['20']) };
  return findings({ ...run, gradients }, recorded, limits, (what, actual, expected, limit) =>
    compareRecorded(what, actual, expected, probeVector(fixture, recordedSize(expected)), limit),
  );
}

/** Findings of one engine's run against another's, element by element. */
export function judgeAgainst(run: RunRecord, other: RunRecord, limits: Limits): Finding[] {
  requireSameNames('trace', run.trace, other.trace);
  return findings(run, other, limits, compareTensors);
}

/** `discriminator/D/conv1/weight` -> `D/conv1/weight`. Throws where two updates train one parameter. */
function byParameter(gradients: Named<Numbers>): Named<Numbers> {
  const renamed = new Map([...gradients].map(([name, values]) => [name.replace(/^[^/]+\//, ''), values]));
  if (renamed.size < gradients.size) throw new Error('a parameter has the gradients of two updates');
  return renamed;
}

function findings<T>(
  run: RunRecord,
  expected: Recorded<T>,
  limits: Limits,
  compare: CompareTensor<T>,
): Finding[] {
  const tensors = (what: string, actual: Named<Numbers>, wanted: Named<T>, limit: number): Finding[] => {
    requireSameNames(what, actual, wanted);
    return [...wanted].flatMap(([name, tensor]) =>
      compare(`${what} of ${name}`, actual.get(name)!, tensor, limit),
    );
  };
  return [
    ...[...expected.trace].flatMap(([name, trace]) =>
      compareTraces(name, run.trace.get(name) ?? [], trace, {
        tolerance: limits.trace,
        floor: limits.floor,
      }),
    ),
    ...tensors('gradient at step 1', run.gradients['1'], expected.gradients['1'], limits.first),
    ...tensors('gradient at step 20', run.gradients['20'], expected.gradients['20'], limits.last),
    ...tensors('change', run.change, expected.change, limits.change),
  ];
}

/** Other names mean that another system was run: no finding, but a mistake of the test. */
function requireSameNames(what: string, actual: Named<unknown>, wanted: Named<unknown>): void {
  const [given, expected] = [actual, wanted].map((tensors) => [...tensors.keys()].sort().join(', '));
  if (given !== expected) throw new Error(`the ${what} is there of ${given}, and expected of ${expected}`);
}
