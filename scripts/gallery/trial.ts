/** One thing that is trained for the gallery: a spec with settings, some seeds, what is measured and what is drawn. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Raster } from '../../runtimes/node/area-resize.js';
import { folderLibrary } from '../../runtimes/node/index.js';
import { trainToy, type ToyRun } from './toy-run.js';

export interface Trial {
  /** Unique; also the name of its picture: `wgan_gp-circles`. */
  readonly id: string;
  /** A file of examples/toy/, without its ending. */
  readonly spec: string;
  /** As `--set` takes them. */
  readonly settings: Readonly<Record<string, string>>;
  readonly seeds: readonly number[];
  readonly measure: (run: ToyRun, seed: number) => Promise<Measures>;
  /** Of the first seed's run. */
  readonly draw?: ((run: ToyRun) => Promise<Raster>) | undefined;
}

export type Measures = Readonly<Record<string, number>>;

export interface SeedResult {
  readonly seed: number;
  /** Processor time of training. */
  readonly seconds: number;
  readonly measures: Measures;
  /** What ended the run early. */
  readonly failure?: string | undefined;
}

export interface TrialResult {
  /** Of the spec, its objective (comments left out) and the settings: an equal one need not be trained again. */
  readonly fingerprint: string;
  readonly seeds: readonly SeedResult[];
}

/** By id. */
export type Results = Readonly<Record<string, TrialResult>>;

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const library = folderLibrary();

const specPath = ({ spec }: Trial): string => join(ROOT, 'examples/toy', `${spec}.yaml`);

export function fingerprint(trial: Trial): string {
  const text = readFileSync(specPath(trial), 'utf8');
  const used = /^\s+use: (\w+)$/m.exec(text)?.[1];
  const objective = used === undefined ? '' : (library.read(used)?.text ?? '');
  return createHash('sha256')
    .update(JSON.stringify([parse(text), parse(objective), trial.settings, trial.seeds]))
    .digest('hex')
    .slice(0, 16);
}

export interface TrialOutcome {
  readonly result: TrialResult;
  readonly picture?: Raster | undefined;
}

/** Throws DiagnosticError where the spec has errors. */
export async function runTrial(trial: Trial): Promise<TrialOutcome> {
  const seeds: SeedResult[] = [];
  let picture: Raster | undefined;
  for (const seed of trial.seeds) {
    const settings = Object.entries(trial.settings);
    const run = await trainToy({
      path: specPath(trial),
      overrides: settings.map(([path, value]) => ({ path, value })),
      seed,
    });
    const { seconds, failure } = run;
    seeds.push({
      seed,
      seconds: round(seconds),
      measures: rounded(await trial.measure(run, seed)),
      ...(failure !== undefined && { failure }),
    });
    if (seed === trial.seeds[0]) picture = await trial.draw?.(run);
    run.session.executable.dispose();
  }
  return { result: { fingerprint: fingerprint(trial), seeds }, picture };
}

/** Four digits are more than any of the numbers means. */
const round = (value: number): number => Number(value.toPrecision(4));
const rounded = (measures: Measures): Measures =>
  Object.fromEntries(Object.entries(measures).map(([name, value]) => [name, round(value)]));

/** The middle of an odd number of results, and the least favourable one. */
export function medianAndWorst(
  { seeds }: TrialResult,
  measure: string,
  better: 'high' | 'low',
): { readonly median: number; readonly worst: number } {
  const values = seeds.map(({ measures }) => measures[measure] ?? NaN).sort((a, b) => a - b);
  const median = values[Math.floor(values.length / 2)]!;
  return { median, worst: better === 'high' ? values[0]! : values.at(-1)! };
}
