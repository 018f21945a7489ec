/** What `export` prints of what it wrote. */
import { formatBytes, formatCount } from '../format-number.js';
import type { Exported } from './export-model.js';
import type { NamedShape } from './format.js';

export function showExported({ step, path, files, bytes, holds }: Exported): string {
  const at = step === undefined ? 'as a run starts' : `at step ${formatCount(step)}`;
  const size = `  ${counted(files, 'file')}, ${formatBytes(bytes)}`;
  if (holds.kind === 'tensors') return `${counted(holds.count, 'tensor')} ${at}: ${path}\n${size}\n`;
  const batch = holds.batch === 'any' ? 'any batch' : `batch ${formatCount(holds.batch)}`;
  return [
    `${counted(holds.outputs.length, 'output')} ${at}, ${batch}: ${path}`,
    ...holds.outputs.map(({ name, takes, gives }) => `  ${name}: ${show(takes)} -> ${show(gives)}`),
    size,
    '',
  ].join('\n');
}

const counted = (count: number, what: string): string =>
  `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;

const show = (tensors: readonly NamedShape[]): string =>
  tensors.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
