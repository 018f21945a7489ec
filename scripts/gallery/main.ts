/** Trains what is missing from docs/gallery.json, writes pictures, and writes docs/gallery.md from all results. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { encodePng } from '../../runtimes/node/index.js';
import { kMeansOnCircles } from './clusters.js';
import { TRIALS } from './gallery.js';
import { galleryPage, layerChart } from './page.js';
import { fingerprint, ROOT, runTrial, type Results, type TrialResult } from './trial.js';

export interface GalleryOptions {
  /** Trials whose id contains this word; all where left out. */
  readonly only?: string | undefined;
  /** Train again what is up to date too. */
  readonly all: boolean;
  readonly report: (line: string) => void;
}

export const PAGE = join(ROOT, 'docs/gallery.md');
export const RESULTS = join(ROOT, 'docs/gallery.json');
const PICTURES = join(ROOT, 'docs/images/gallery');

export async function makeGallery({ only = '', all, report }: GalleryOptions): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  let results = readResults();
  for (const trial of TRIALS) {
    const upToDate = results[trial.id]?.fingerprint === fingerprint(trial);
    if (!trial.id.includes(only) || (upToDate && !all)) continue;
    const { result, picture } = await runTrial(trial);
    if (picture !== undefined) writeFileSync(join(PICTURES, `${trial.id}.png`), encodePng(picture));
    results = inOrder({ ...results, [trial.id]: result });
    // After every trial, so that a run that is stopped goes on where it was.
    writeFileSync(RESULTS, await formatted(JSON.stringify(results), RESULTS));
    report(summary(trial.id, result));
  }
  const missing = TRIALS.filter(({ id }) => results[id] === undefined).map(({ id }) => id);
  if (missing.length > 0) {
    report(`no page yet: ${missing.length} trials are missing, ${missing[0]} first`);
    return;
  }
  const { accuracy, picture } = kMeansOnCircles();
  writeFileSync(join(PICTURES, 'clusters-k-means.png'), encodePng(picture));
  writeFileSync(join(PICTURES, 'deep-critic-layers.svg'), layerChart(results));
  writeFileSync(PAGE, await formatted(galleryPage(results, accuracy), PAGE));
}

export function readResults(): Results {
  return existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as Results) : {};
}

/** As the repository formats the file at `path`. */
export async function formatted(text: string, path: string): Promise<string> {
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

/** In the order of the trials; what is no trial any more is dropped. */
function inOrder(results: Results): Results {
  const kept = TRIALS.flatMap(({ id }) => {
    const result = results[id];
    return result === undefined ? [] : [[id, result] as const];
  });
  return Object.fromEntries(kept);
}

function summary(id: string, { seeds }: TrialResult): string {
  const seconds = seeds.reduce((sum, result) => sum + result.seconds, 0);
  const numbers = seeds.map(({ measures, failure }) => failure ?? Object.values(measures).join(' '));
  return `${id}: ${seconds.toFixed(0)} s; ${numbers.join(' | ')}`;
}
