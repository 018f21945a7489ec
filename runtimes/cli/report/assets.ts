/** The files that a report carries inside: our page's style and script, and the chart library. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { packageFile } from '../../node/package-files.js';

export interface ReportAssets {
  readonly style: string;
  readonly script: string;
}

let loaded: ReportAssets | undefined;

export function reportAssets(): ReportAssets {
  if (loaded !== undefined) return loaded;
  const require = createRequire(import.meta.url);
  const ours = (name: string): string => readFileSync(packageFile(`runtimes/cli/report/${name}`), 'utf8');
  const chart = (name: string): string => readFileSync(require.resolve(`uplot/dist/${name}`), 'utf8');
  loaded = {
    style: `${chart('uPlot.min.css')}\n${ours('page.css')}`,
    script: `${chart('uPlot.iife.min.js')}\n${ours('page.js')}`,
  };
  return loaded;
}
