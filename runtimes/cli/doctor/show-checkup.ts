/** Checkups as text. */
import { renderDiagnostic } from '../../../spec/diagnostics/render.js';
import { painter } from '../print-diagnostics.js';
import type { Colours } from '../terminal.js';
import type { Checkup, Patient } from './checkup.js';

/** What is typed to run on each. */
const OPTIONS: Readonly<Record<Patient, string>> = {
  wasm: '--backend wasm, the default',
  webgpu: '--backend webgpu',
  cuda: '--backend cuda',
  reference: '--backend reference',
  tfjs: '--engine tfjs',
};

/** A block with an empty line behind it. */
export function showCheckup(name: Patient, { ready, facts, diagnostics }: Checkup, colours: Colours): string {
  const verdict = ready ? colours.green('ready') : colours.red('not ready');
  const width = Math.max(0, ...facts.map(([label]) => label.length));
  return [
    `${colours.bold(name)}: ${verdict}  ${colours.dim(OPTIONS[name])}`,
    ...facts.map(([label, text]) => `  ${colours.dim(label.padEnd(width))}  ${text}`),
    ...diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, painter(colours))),
    '\n',
  ].join('\n');
}
