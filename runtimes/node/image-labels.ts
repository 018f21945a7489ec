/** The class of every picture of a folder: its sub-folder, or a row of a CSV file. */
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Diagnostic, Span } from '../../spec/diagnostics/diagnostic.js';
import { quote } from '../../spec/diagnostics/quote.js';
import type { Labels } from '../training/example-source.js';
import { CsvError, parseCsv } from './csv.js';
import { readIfThere } from './read-if-there.js';

export type ImageLabelling =
  /** The folder below the root that a picture lies in, at whatever depth. */
  | { readonly kind: 'folders'; readonly span?: Span | undefined }
  /** A file of name,label rows, with or without that as its first row; names are paths from the root, with `/`. */
  | { readonly kind: 'csv'; readonly path: string; readonly span?: Span | undefined };

export interface LabelledImages {
  readonly labels: Labels;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Labels that are all whole numbers are the classes' numbers, from 0 to the largest; others are names, numbered in the order
 * of their code units. Throws DiagnosticError data/not-found, data/format and data/labels.
 */
export async function labelImages(
  names: readonly string[],
  labelling: ImageLabelling,
): Promise<LabelledImages> {
  switch (labelling.kind) {
    case 'folders':
      return { labels: numberLabels(folderLabels(names, labelling.span)), diagnostics: [] };
    case 'csv': {
      const rows = await readRows(labelling.path, labelling.span);
      const found = names.map((name) => rows.get(name));
      const without = names.filter((_, i) => found[i] === undefined);
      if (without.length > 0) {
        throw dataError(
          'data/labels',
          `${pictures(without.length)} no label in \`${labelling.path}\`; the first is ${quote(without[0]!)}`,
          labelling.span,
        );
      }
      const present = new Set(names);
      const idle = [...rows.keys()].filter((name) => !present.has(name));
      return { labels: numberLabels(found as string[]), diagnostics: idleRows(idle, labelling) };
    }
    default:
      return labelling satisfies never;
  }
}

function dataError(code: 'data/not-found' | 'data/format' | 'data/labels', message: string, span?: Span) {
  return new DiagnosticError({ code, severity: 'error', message, span });
}

const pictures = (count: number) => (count === 1 ? '1 picture has' : `${count} pictures have`);

function folderLabels(names: readonly string[], span?: Span): readonly string[] {
  const outside = names.filter((name) => !name.includes('/'));
  if (outside.length > 0) {
    throw dataError(
      'data/labels',
      `${pictures(outside.length)} no sub-folder, which would be the class; the first is ${quote(outside[0]!)}`,
      span,
    );
  }
  return names.map((name) => name.slice(0, name.indexOf('/')));
}

async function readRows(path: string, span?: Span): Promise<ReadonlyMap<string, string>> {
  const bytes = await readIfThere(path, span);
  if (bytes === undefined) throw dataError('data/not-found', `There is no file \`${path}\``, span);
  let rows: readonly (readonly string[])[];
  try {
    rows = parseCsv(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw dataError('data/format', `\`${path}\` cannot be read as CSV: ${error.message}`, span);
  }
  const labels = new Map<string, string>();
  for (const [i, row] of rows.entries()) {
    const [name, label] = row;
    if (row.length !== 2 || name === undefined || label === undefined || label === '') {
      throw dataError(
        'data/format',
        `\`${path}\` must hold rows of a name and a label, and row ${i + 1} does not`,
        span,
      );
    }
    if (i === 0 && name === 'name' && label === 'label') continue;
    const before = labels.get(name);
    if (before !== undefined && before !== label) {
      throw dataError(
        'data/labels',
        `\`${path}\` labels ${quote(name)} both ${quote(before)} and ${quote(label)}`,
        span,
      );
    }
    labels.set(name, label);
  }
  return labels;
}

function numberLabels(labels: readonly string[]): Labels {
  if (labels.every((label) => /^\d{1,6}$/.test(label))) {
    const of = Uint32Array.from(labels, Number);
    const largest = of.reduce((a, b) => Math.max(a, b), 0);
    return { classes: Array.from({ length: largest + 1 }, (_, label) => String(label)), of };
  }
  const classes = [...new Set(labels)].sort((a, b) => (a < b ? -1 : 1));
  const numbers = new Map(classes.map((name, number) => [name, number]));
  return { classes, of: Uint32Array.from(labels, (label) => numbers.get(label)!) };
}

function idleRows(
  names: readonly string[],
  { path, span }: Extract<ImageLabelling, { kind: 'csv' }>,
): readonly Diagnostic[] {
  const [first] = names;
  if (first === undefined) return [];
  const rows = names.length === 1 ? '1 row' : `${names.length} rows`;
  return [
    {
      code: 'data/labels',
      severity: 'warning',
      message: `${rows} of \`${path}\` name no picture of the folder; the first is ${quote(first)}`,
      span,
    },
  ];
}
