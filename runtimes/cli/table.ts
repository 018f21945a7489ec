/** Text in columns. */
import type { Colours } from './terminal.js';

export interface TableColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Lines with two spaces between columns, the titles dimmed; no space at line ends. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  colours: Colours,
): string {
  const widths = columns.map(({ title }, c) =>
    Math.max(title.length, ...rows.map((row) => row[c]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, c) => {
        const cell = cells[c] ?? '';
        return align === 'left' ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!);
      })
      .join('  ')
      .trimEnd();
  return [colours.dim(line(columns.map(({ title }) => title))), ...rows.map(line)]
    .map((l) => `  ${l}\n`)
    .join('');
}
