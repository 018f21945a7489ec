/** metrics.jsonl: one JSON object per line, `{"step":100,"seconds":12.5,"Lx":0.1,...,"diversity":0.8}`. */

export interface MetricsRow {
  readonly step: number;
  /** Training time since the run began, resumed stretches included. */
  readonly seconds: number;
  readonly metrics: ReadonlyMap<string, number>;
  /** Samples against data; only in rows where it was measured. */
  readonly diversity?: number | undefined;
}

/** Keys of a row that are not metrics. */
const OWN_KEYS = new Set(['step', 'seconds', 'diversity']);

/** JSON has no NaN: a value that is not finite is written as null, and read as NaN. */
export function metricsLine(row: MetricsRow): string {
  return JSON.stringify({
    step: row.step,
    seconds: Number(row.seconds.toFixed(3)),
    ...Object.fromEntries(row.metrics),
    ...(row.diversity === undefined ? {} : { diversity: row.diversity }),
  });
}

/** The rows of a file's text; a last line that was cut off while being written is left out. */
export function parseMetrics(text: string): readonly MetricsRow[] {
  const rows: MetricsRow[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === '') continue;
    const row = JSON.parse(line) as Readonly<Record<string, number | null>>;
    rows.push({
      step: row['step'] ?? Number.NaN,
      seconds: row['seconds'] ?? Number.NaN,
      metrics: new Map(
        Object.entries(row)
          .filter(([name]) => !OWN_KEYS.has(name))
          .map(([name, value]) => [name, value ?? Number.NaN]),
      ),
      diversity: row['diversity'] ?? undefined,
    });
  }
  return rows;
}
