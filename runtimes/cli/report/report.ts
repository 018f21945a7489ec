/** report.html: what a run did, on one page that needs no other file. */
import type { MetricsRow } from '../../training/metrics.js';
import { formatCount } from '../format-number.js';
import { reportAssets } from './assets.js';
import { chartsOf, type Chart } from './charts.js';
import { escapeHtml } from './escape-html.js';
import { highlightYaml } from './highlight-yaml.js';

export interface Picture {
  readonly step: number;
  readonly png: Uint8Array;
}

/** Sampled lines of text. */
export interface TextPage {
  readonly step: number;
  readonly text: string;
}

export interface Gallery {
  readonly title: string;
  readonly about: string;
  /** In the order of steps; all of one kind. */
  readonly pictures: readonly (Picture | TextPage)[];
}

export interface Fact {
  readonly label: string;
  readonly value: string;
  /** Printed small after the value of a tile. */
  readonly detail?: string | undefined;
}

export interface ReportData {
  readonly title: string;
  readonly subtitle: string;
  readonly status: { readonly text: string; readonly finished: boolean };
  /** The few numbers that say how the run went. */
  readonly tiles: readonly Fact[];
  readonly warnings: readonly string[];
  readonly galleries: readonly Gallery[];
  readonly rows: readonly MetricsRow[];
  readonly metrics: readonly string[];
  readonly hyper: ReadonlyMap<string, number>;
  /** The resolved spec's text. */
  readonly spec: string;
  readonly facts: readonly Fact[];
}

function thumbnailHtml(picture: Picture | TextPage, label: string): string {
  if ('text' in picture) return `<pre>${escapeHtml(picture.text)}</pre>`;
  const source = `data:image/png;base64,${Buffer.from(picture.png).toString('base64')}`;
  return `<img src="${source}" alt="step ${label}">`;
}

function galleryHtml(gallery: Gallery): string {
  const { pictures } = gallery;
  const thumbnails = pictures.map((picture) => {
    const label = formatCount(picture.step);
    return `<button type="button" title="step ${label}">${thumbnailHtml(picture, label)}${label}</button>`;
  });
  const isText = pictures.some((picture) => 'text' in picture);
  return `<article class="card gallery">
<h3>${escapeHtml(gallery.title)}</h3>
<p class="about">${escapeHtml(gallery.about)}</p>
${isText ? '<pre class="large"></pre>' : `<img class="large" alt="${escapeHtml(gallery.title)}">`}
<div class="control"><button type="button" class="play">▶ Play</button>
<input type="range" min="0" max="${pictures.length - 1}" value="${pictures.length - 1}" aria-label="training step">
<output></output></div>
<div class="strip">${thumbnails.join('\n')}</div>
</article>`;
}

function chartHtml(chart: Chart): string {
  const lines = chart.series.map(
    ({ label }, i) =>
      `<span><i style="border-color:var(--series-${i % 4})"></i>${escapeHtml(label)} <b></b></span>`,
  );
  const targets = chart.targets.map(
    ({ label, value }) =>
      `<span><i class="target" style="border-color:var(--target)"></i>${escapeHtml(label)} ${value}</span>`,
  );
  return `<article class="card plot">
<h3>${escapeHtml(chart.title)}</h3>
${chart.about === undefined ? '' : `<p class="about">${escapeHtml(chart.about)}</p>`}
<div class="key">${[...lines, ...targets].join('')}</div>
<div class="canvas"></div>
</article>`;
}

const tileHtml = ({ label, value, detail }: Fact): string =>
  `<div class="tile"><div class="label">${escapeHtml(label)}</div><div class="value">${escapeHtml(value)}${
    detail === undefined ? '' : ` <small>${escapeHtml(detail)}</small>`
  }</div></div>`;

const factHtml = ({ label, value }: Fact): string =>
  `<tr><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`;

/** A JSON text that cannot end the script element it stands in. */
const embeddedJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

export function renderReport(data: ReportData): string {
  const { style, script } = reportAssets();
  const charts = chartsOf(data.rows, data.metrics, data.hyper);
  const galleries = data.galleries.filter((gallery) => gallery.pictures.length > 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(data.title)}</title>
<style>
${style}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(data.title)}</h1>
<span class="status${data.status.finished ? ' finished' : ''}">${escapeHtml(data.status.text)}</span>
<div class="subtitle">${escapeHtml(data.subtitle)}</div>
</header>
<section class="tiles">${data.tiles.map(tileHtml).join('\n')}</section>
${data.warnings.map((warning) => `<p class="warning">${escapeHtml(warning)}</p>`).join('\n')}
<noscript><p>The slider and the plots of this page need JavaScript; the strips of pictures do not.</p></noscript>
${galleries.length === 0 ? '' : `<h2>Pictures</h2>\n<section class="galleries">${galleries.map(galleryHtml).join('\n')}</section>`}
${charts.length === 0 ? '' : `<h2>Metrics</h2>\n<section class="plots">${charts.map(chartHtml).join('\n')}</section>`}
<h2>Run</h2>
<section class="pair">
<article class="card"><h3>Facts</h3><table class="facts">${data.facts.map(factHtml).join('\n')}</table></article>
<article class="card"><h3>Resolved spec</h3><pre class="spec">${highlightYaml(data.spec)}</pre></article>
</section>
</main>
<script type="application/json" id="charts">${embeddedJson(charts)}</script>
<script>
${script}</script>
</body>
</html>
`;
}
