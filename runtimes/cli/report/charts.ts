/** Which plots a report shows, from the rows of metrics.jsonl. */
import type { MetricsRow } from '../../training/metrics.js';
import { metricLabel } from '../metric-label.js';

export interface Chart {
  readonly title: string;
  readonly about?: string | undefined;
  readonly steps: readonly number[];
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
  /** Dashed horizontal lines. */
  readonly targets: readonly { readonly label: string; readonly value: number }[];
  /** Draw the values faintly and their running mean over them. */
  readonly smooth: boolean;
}

/** Points per line; longer runs show the mean of equal stretches of steps, so that the file stays small. */
const MOST_POINTS = 2000;

const ABOUT: Readonly<Record<string, string>> = {
  k: 'Weight of the fakes in the loss of D, moved by the controller.',
  convergence: 'Global measure of convergence; lower is better.',
  balance: 'L(G(z)) / L(x), which the controller holds at γ.',
};

interface Column {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

function column(rows: readonly MetricsRow[], pick: (row: MetricsRow) => number | undefined): Column {
  const steps: number[] = [];
  const values: (number | null)[] = [];
  for (const row of rows) {
    const value = pick(row);
    if (value === undefined) continue;
    steps.push(row.step);
    values.push(Number.isFinite(value) ? value : null);
  }
  return { steps, values };
}

/** The mean of each stretch; a stretch without a finite value is a gap. */
export function thin({ steps, values }: Column, most = MOST_POINTS): Column {
  if (steps.length <= most) return { steps, values };
  const thinned: { steps: number[]; values: (number | null)[] } = { steps: [], values: [] };
  for (let i = 0; i < most; i++) {
    const from = Math.floor((i * steps.length) / most);
    const to = Math.floor(((i + 1) * steps.length) / most);
    const finite = values.slice(from, to).filter((value) => value !== null);
    thinned.steps.push(steps[to - 1]!);
    thinned.values.push(
      finite.length === 0 ? null : finite.reduce((sum, value) => sum + value, 0) / finite.length,
    );
  }
  return thinned;
}

/** Losses share a plot: a reader compares them. Every other metric has its own. */
const isLoss = (name: string): boolean => /^L([A-Za-z0-9]|_\w+)?$/.test(name) || /loss/i.test(name);

export function chartsOf(
  rows: readonly MetricsRow[],
  metrics: readonly string[],
  hyper: ReadonlyMap<string, number>,
): readonly Chart[] {
  const charts: Chart[] = [];
  const series = (names: readonly string[]): Pick<Chart, 'steps' | 'series'> => {
    const columns = names.map((name) => thin(column(rows, (row) => row.smoothed.get(name) ?? Number.NaN)));
    return {
      steps: columns[0]?.steps ?? [],
      series: columns.map(({ values }, i) => ({ label: metricLabel(names[i]!), values })),
    };
  };

  const losses = metrics.filter(isLoss);
  if (losses.length > 0) charts.push({ title: 'Losses', ...series(losses), targets: [], smooth: true });
  const gamma = hyper.get('gamma');
  for (const name of metrics) {
    if (losses.includes(name)) continue;
    charts.push({
      title: metricLabel(name),
      about: Object.hasOwn(ABOUT, name) ? ABOUT[name] : undefined,
      ...series([name]),
      targets: name === 'balance' && gamma !== undefined ? [{ label: 'γ', value: gamma }] : [],
      smooth: name !== 'k',
    });
  }

  const diversity = thin(column(rows, (row) => row.diversity));
  if (diversity.steps.length > 0) {
    charts.push({
      title: 'Diversity',
      about: 'Mean distance between samples over that between data: 1 is as varied as the data.',
      steps: diversity.steps,
      series: [{ label: 'samples / data', values: diversity.values }],
      targets: [{ label: 'half of the data', value: 0.5 }],
      smooth: false,
    });
  }
  charts.push(...divergenceCharts(rows));
  return charts.filter((chart) => chart.steps.length > 0);
}

function divergenceCharts(rows: readonly MetricsRow[]): readonly Chart[] {
  const text = rows.findLast(({ divergence }) => divergence !== undefined)?.divergence?.text ?? [];
  const columns = text.map((_, i) => thin(column(rows, ({ divergence }) => divergence?.samples[i])));
  return [
    {
      title: 'n-gram divergence',
      about:
        'Jensen-Shannon divergence of the n-grams of samples from those of text that was held out, in bits.',
      steps: columns[0]?.steps ?? [],
      series: columns.map(({ values }, i) => ({ label: `${i + 1}-grams`, values })),
      targets: text.slice(-1).map((value) => ({
        label: `${text.length}-grams of the text itself`,
        value: Number(value.toFixed(3)),
      })),
      smooth: false,
    },
  ];
}
