import { describe, expect, it } from 'vitest';
import type { MetricsRow } from '../../training/metrics.js';
import { metricsLine, parseMetrics } from '../metrics-log.js';
import { chartsOf, thin } from './charts.js';
import { highlightYaml } from './highlight-yaml.js';
import { renderReport, type ReportData } from './report.js';
import { spread } from './spread.js';

const row = (step: number, values: Readonly<Record<string, number>>, diversity?: number): MetricsRow => {
  const metrics = new Map(Object.entries(values));
  return { step, seconds: step / 2, stepsPerSecond: 2, metrics, smoothed: metrics, diversity };
};

const rows: readonly MetricsRow[] = [
  row(1, { Lx: 0.2, Lg: 0.1, k: 0, balance: 0.5 }),
  row(2, { Lx: Number.NaN, Lg: 0.1, k: 0.01, balance: 0.6 }, 0.4),
];

const data: ReportData = {
  title: 'Faces </script><b>',
  subtitle: 'faces.yaml',
  status: { text: 'finished', finished: true },
  tiles: [{ label: 'steps', value: '2', detail: 'of 2' }],
  warnings: ['samples look <alike>'],
  galleries: [
    { title: 'generate', about: 'Fixed latents.', pictures: [{ step: 2, png: new Uint8Array([1, 2, 3]) }] },
    { title: 'empty', about: 'Nothing.', pictures: [] },
  ],
  rows,
  metrics: ['Lx', 'Lg', 'k', 'balance'],
  hyper: new Map([['gamma', 0.5]]),
  spec: 'name: a # </pre>',
  facts: [{ label: 'backend', value: 'wasm' }],
};

describe('the report', () => {
  it('needs no other file: no address is fetched', () => {
    const html = renderReport(data);
    expect(html).not.toMatch(/\b(src|href)="(?!data:)/);
    expect(html).not.toMatch(/@import|url\((?!data:)/);
    expect(html).toContain('data:image/png;base64,AQID');
  });

  it('escapes what the user wrote', () => {
    const html = renderReport(data);
    expect(html).toContain('<h1>Faces &lt;/script&gt;&lt;b&gt;</h1>');
    expect(html).toContain('samples look &lt;alike&gt;');
    expect(html).toContain('<span class="name">name</span>: a<span class="comment"> # &lt;/pre&gt;</span>');
    const embedded = chartsOf(rows, ['</script>'], new Map());
    expect(embedded[0]?.title).toBe('</script>');
    expect(renderReport({ ...data, metrics: ['</script>'] })).toContain('"title":"\\u003c/script>"');
  });

  it('plots losses together, balance against gamma, and diversity where it was measured', () => {
    const charts = chartsOf(rows, data.metrics, data.hyper);
    expect(charts.map(({ title, steps, targets }) => ({ title, steps, targets }))).toEqual([
      { title: 'Losses', steps: [1, 2], targets: [] },
      { title: 'k', steps: [1, 2], targets: [] },
      { title: 'balance', steps: [1, 2], targets: [{ label: 'γ', value: 0.5 }] },
      { title: 'Diversity', steps: [2], targets: [{ label: 'half of the data', value: 0.5 }] },
    ]);
    expect(charts[0]?.series).toEqual([
      { label: 'L(x)', values: [0.2, null] },
      { label: 'L(G(z))', values: [0.1, 0.1] },
    ]);
  });

  it('thins long lines by means, and long galleries evenly with both ends', () => {
    expect(thin({ steps: [1, 2, 3, 4, 5], values: [1, 3, null, null, 5] }, 2)).toEqual({
      steps: [2, 5],
      values: [2, 5],
    });
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
  });

  it('keeps every character of the spec when it marks keys and comments', () => {
    const text = 'a: { b-c: [1, 2], d: "x: y" } # why\n- e\n\n# all\nurl: http://x#y\n';
    const plain = highlightYaml(text)
      .replace(/<[^>]*>/g, '')
      .replaceAll('&quot;', '"');
    expect(plain).toBe(text);
  });
});

describe('metrics.jsonl', () => {
  it('comes back as it was written, with NaN as null and a cut last line left out', () => {
    const text = `${rows.map(metricsLine).join('\n')}\n{"step":3,"sec`;
    expect(text.split('\n')[1]).toBe(
      '{"step":2,"seconds":1,"stepsPerSecond":2,"metrics":{"Lx":null,"Lg":0.1,"k":0.01,"balance":0.6},' +
        '"means":{"Lx":null,"Lg":0.1,"k":0.01,"balance":0.6},"diversity":0.4}',
    );
    expect(parseMetrics(text)).toEqual(rows);
  });
});
