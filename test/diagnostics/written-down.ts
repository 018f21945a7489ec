/** Mistakes and the whole text that a user reads, as one file that can be read from top to bottom. */
import { renderDiagnostics } from '../../spec/diagnostics/render.js';
import { changed, spec } from '../../spec/diagnostics/pages/page.js';
import { findings } from './examples.js';

export interface Case {
  readonly name: string;
  readonly base: string;
  readonly edits: readonly (readonly [from: string, to: string])[];
}

export const when = (name: string, base: string, ...edits: Case['edits']): Case => ({ name, base, edits });

export const textOf = ({ base, edits }: Case): string => changed(base, ...edits);

export function writtenDown(cases: readonly Case[]): string {
  return cases
    .map((one) => {
      const said = renderDiagnostics(findings(spec(textOf(one)))).replaceAll(
        /^ *note: used here$/gm,
        'note: used here',
      );
      return `=== ${one.name}\n\n${said}\n`;
    })
    .join('\n');
}
