/** The formats of findings by their names; each is loaded when it is asked for. */
import type { Colours } from '../terminal.js';
import type { Report } from './findings.js';

export const FORMATS = ['pretty', 'json', 'github', 'sarif', 'junit'] as const;
export type Format = (typeof FORMATS)[number];

export interface WriterOptions {
  /** Of `pretty`. */
  readonly colours: Colours;
  /** Of `pretty`: a line for every code that was found. */
  readonly summary: boolean;
}

type Writer = (report: Report, options: WriterOptions) => string;

const WRITERS: Readonly<Record<Format, () => Promise<Writer>>> = {
  pretty: async () => {
    const { prettyReport } = await import('./pretty.js');
    return (report, { colours, summary }) => prettyReport(report, colours, summary);
  },
  json: async () => (await import('./json.js')).jsonReport,
  github: async () => (await import('./github.js')).githubReport,
  sarif: async () => (await import('./sarif.js')).sarifReport,
  junit: async () => (await import('./junit.js')).junitReport,
};

export async function writeReport(format: Format, report: Report, options: WriterOptions): Promise<string> {
  const writer = await WRITERS[format]();
  return writer(report, options);
}
