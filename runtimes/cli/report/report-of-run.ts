/** Makes report.html from what lies in a run folder, and from nothing else. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../node/atomic-file.js';
import { formatBytes, formatCount, formatDuration, formatNumber } from '../format-number.js';
import { metricLabel } from '../metric-label.js';
import type { MetricsRow } from '../../training/metrics.js';
import { parseMetrics } from '../metrics-log.js';
import { isMissing, stepOfName, type RunFolder } from '../run-folder.js';
import { trainingSeconds, type RunRecord, type RunStatus } from '../run-record.js';
import { renderReport, type Fact, type Gallery, type Picture, type TextPage } from './report.js';
import { spread } from './spread.js';

/** Pictures that a gallery embeds. */
const MOST_PICTURES = 40;

export interface ReportedRun {
  readonly folder: RunFolder;
  readonly record: RunRecord;
  readonly title: string;
  readonly metrics: readonly string[];
  readonly hyper: ReadonlyMap<string, number>;
}

const STATUS: Readonly<Record<RunStatus, string>> = {
  running: 'running',
  finished: 'finished',
  interrupted: 'stopped',
  failed: 'failed',
};

export async function writeReport(run: ReportedRun): Promise<void> {
  const { folder, record, title, metrics, hyper } = run;
  const rows = parseMetrics(await readFile(folder.metricsFile, 'utf8'));
  const html = renderReport({
    title,
    subtitle: subtitle(record),
    status: {
      text:
        record.status === 'finished'
          ? 'finished'
          : `${STATUS[record.status]} at step ${formatCount(record.step)}`,
      finished: record.status === 'finished',
    },
    tiles: tiles(record, rows, metrics, hyper),
    warnings: record.messages.map(({ step, message }) => `Step ${formatCount(step)}: ${message}`),
    galleries: await galleries(folder),
    rows,
    metrics,
    hyper,
    spec: await readFile(folder.specFile, 'utf8'),
    facts: facts(record),
  });
  await writeFileAtomically(folder.reportFile, html);
}

function subtitle(record: RunRecord): string {
  const started = record.sessions[0]?.started.slice(0, 16).replace('T', ' ');
  return [record.spec, record.runtime, started === undefined ? '' : `${started} UTC`]
    .filter((part) => part !== '')
    .join(' · ');
}

/** The mean of a metric over the last tenth of the rows: single batches are noisy. */
function recentMean(rows: readonly MetricsRow[], name: string): number {
  const values = rows
    .slice(-Math.max(1, Math.ceil(rows.length / 10)))
    .map(({ smoothed }) => smoothed.get(name) ?? Number.NaN);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function tiles(
  record: RunRecord,
  rows: readonly MetricsRow[],
  metrics: readonly string[],
  hyper: ReadonlyMap<string, number>,
): readonly Fact[] {
  const seconds = trainingSeconds(record);
  const made: Fact[] = [
    {
      label: 'steps',
      value: formatCount(record.step),
      detail: record.step === record.steps ? undefined : `of ${formatCount(record.steps)}`,
    },
    { label: 'time', value: formatDuration(seconds) },
  ];
  if (seconds > 0)
    made.push({ label: 'rate', value: formatNumber(record.step / seconds), detail: 'steps/s' });
  if (rows.length > 0) {
    const gamma = hyper.get('gamma');
    for (const name of metrics) {
      const target = name === 'balance' && gamma !== undefined ? `γ ${formatNumber(gamma, 2)}` : undefined;
      made.push({ label: metricLabel(name), value: formatNumber(recentMean(rows, name)), detail: target });
    }
  }
  const diversity = rows.findLast((row) => row.diversity !== undefined)?.diversity;
  if (diversity !== undefined) {
    made.push({ label: 'diversity', value: formatNumber(diversity, 2), detail: '× data' });
  }
  const divergence = rows.findLast((row) => row.divergence !== undefined)?.divergence;
  if (divergence !== undefined) {
    const { samples, text } = divergence;
    made.push({
      label: `${samples.length}-gram divergence`,
      value: formatNumber(samples.at(-1)!, 2),
      detail: `text itself ${formatNumber(text.at(-1)!, 2)}`,
    });
  }
  return made;
}

function facts(record: RunRecord): readonly Fact[] {
  const last = record.sessions.at(-1);
  const parameters = Object.entries(record.parameters).map(
    ([network, count]) => `${network} ${formatCount(count)}`,
  );
  return [
    { label: 'spec', value: record.spec },
    { label: 'backend', value: record.runtime },
    { label: 'seed', value: String(record.seed) },
    { label: 'batch', value: formatCount(record.batch) },
    { label: 'steps', value: `${formatCount(record.step)} of ${formatCount(record.steps)}` },
    { label: 'parameters', value: parameters.join(', ') },
    { label: 'training time', value: formatDuration(trainingSeconds(record)) },
    ...record.sessions.map(({ started, ended, fromStep, toStep }, i) => ({
      label: i === 0 ? 'started' : 'resumed',
      value: `${started}${ended === undefined ? '' : ` to ${ended}`}, steps ${formatCount(fromStep)} to ${formatCount(toStep)}`,
    })),
    ...(last === undefined
      ? []
      : [
          {
            label: 'machine',
            value: `${last.machine.processor}, ${last.machine.cores} cores, ${formatBytes(last.machine.memoryBytes)}`,
          },
          {
            label: 'versions',
            value: `began-compile ${last.versions.beganCompile}, Node ${last.versions.node}`,
          },
        ]),
  ];
}

async function galleries(folder: RunFolder): Promise<readonly Gallery[]> {
  const kinds = [
    { path: folder.samples, title: 'Samples', about: 'The same draws of the noise at every step.' },
    {
      path: folder.reconstructions,
      title: 'Reconstructions',
      about: 'Data above or left, what comes out of it below or right.',
    },
  ];
  const made: Gallery[] = [];
  for (const { path, title, about } of kinds) {
    for (const { name, place } of await pictureFolders(path)) {
      const files = await pictureFiles(place);
      const shown = spread(files, MOST_PICTURES);
      const left = shown.length < files.length ? ` ${shown.length} of ${files.length} pictures.` : '';
      made.push({
        title: name === undefined ? title : `${title}: ${name}`,
        about: about + left,
        pictures: await Promise.all(shown.map(readPicture)),
      });
    }
  }
  return made;
}

/** Pictures lie in the folder itself, or, where a spec has several such outputs, in a folder for each. */
async function pictureFolders(
  path: string,
): Promise<readonly { readonly name?: string; readonly place: string }[]> {
  const entries = await entriesOf(path);
  const nested = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return [{ place: path }, ...nested.sort().map((name) => ({ name, place: join(path, name) }))];
}

interface PictureFile {
  readonly file: string;
  readonly step: number;
}

async function pictureFiles(path: string): Promise<readonly PictureFile[]> {
  return (await entriesOf(path))
    .filter((entry) => entry.isFile() && /\.(png|txt)$/.test(entry.name))
    .flatMap(({ name }) => {
      const step = stepOfName(name);
      return step === undefined ? [] : [{ file: join(path, name), step }];
    })
    .sort((a, b) => a.step - b.step);
}

async function readPicture({ file, step }: PictureFile): Promise<Picture | TextPage> {
  if (file.endsWith('.txt')) return { step, text: await readFile(file, 'utf8') };
  return { step, png: await readFile(file) };
}

async function entriesOf(path: string): ReturnType<typeof readEntries> {
  try {
    return await readEntries(path);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

const readEntries = (path: string) => readdir(path, { withFileTypes: true });
