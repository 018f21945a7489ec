/** From what stands on the command line (files, folders, globs, `-`) to the files that are checked. */
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import type { Diagnostic } from '../../../spec/diagnostics/diagnostic.js';
import { readSpecBytes } from '../../node/spec-text.js';
import type { SpecFile } from '../spec-file.js';
import { readStandardInput, STANDARD_INPUT, STANDARD_INPUT_NAME } from '../standard-input.js';
import { recognise, type Kind } from './recognise.js';

export interface SelectedFile {
  readonly name: string;
  readonly kind: Kind;
  /** Of standard input, which can be read only once. */
  readonly spec?: SpecFile | undefined;
}

export interface Selection {
  readonly files: readonly SelectedFile[];
  /** Arguments that lead to no file, or to nothing that can be read. */
  readonly refused: readonly { readonly argument: string; readonly diagnostic: Diagnostic }[];
}

export interface SelectOptions {
  readonly workingFolder: string;
  /** Passes over named files too that are no specs, and is content with none. */
  readonly specsOnly: boolean;
  /** Read where `-` stands among the arguments. */
  readonly input: () => AsyncIterable<Uint8Array>;
}

/**
 * Files are checked as they are named, also those that do not look like specs. Of a folder only the specs and library files
 * are, at any depth; `node_modules`, hidden folders and the copies that runs keep are not searched. No file comes twice.
 */
export async function selectFiles(
  arguments_: readonly string[],
  { workingFolder, specsOnly, input }: SelectOptions,
): Promise<Selection> {
  const files = new Map<string, SelectedFile>();
  const refused: { readonly argument: string; readonly diagnostic: Diagnostic }[] = [];
  const add = (name: string, kind: Kind): void => {
    const path = resolve(workingFolder, name);
    if (!files.has(path)) files.set(path, { name, kind });
  };
  for (const argument of new Set(arguments_)) {
    if (argument === STANDARD_INPUT) {
      try {
        const spec = await readStandardInput(input(), workingFolder);
        const kind = recognise(spec.source.text);
        if (kind !== undefined || !specsOnly) {
          files.set(argument, { name: spec.source.name, kind: kind ?? 'spec', spec });
        }
      } catch (error) {
        if (!(error instanceof DiagnosticError)) throw error;
        refused.push({ argument: STANDARD_INPUT_NAME, diagnostic: error.diagnostics[0]! });
      }
      continue;
    }
    const searched = await search(argument, workingFolder);
    if (searched === undefined) {
      const kind = kindOf(argument, workingFolder);
      if (kind !== undefined || !specsOnly) add(argument, kind ?? 'spec');
      continue;
    }
    const { names, inFolder } = searched;
    let found = 0;
    for (const name of names) {
      const kind = kindOf(name, workingFolder);
      if (kind === undefined && (inFolder || specsOnly)) continue;
      if (inFolder && (await isOfRun(name, workingFolder))) continue;
      add(name, kind ?? 'spec');
      found++;
    }
    if (found === 0 && !specsOnly) refused.push({ argument, diagnostic: nothingFound(argument, inFolder) });
  }
  return { files: [...files.values()], refused };
}

/** The files that a folder or a glob leads to; undefined of a file, there or not. */
async function search(
  argument: string,
  workingFolder: string,
): Promise<{ readonly names: readonly string[]; readonly inFolder: boolean } | undefined> {
  const found = await stat(resolve(workingFolder, argument)).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) return undefined;
  const { glob, isDynamicPattern } = await import('tinyglobby');
  if (found === undefined) {
    const pattern = argument.replaceAll('\\', '/');
    if (!isDynamicPattern(pattern)) return undefined;
    const names = await glob(pattern, { cwd: workingFolder, ignore: ['**/node_modules/**'], ...HOW });
    return { names: names.sort(), inFolder: false };
  }
  const names = await glob('**/*.{yaml,yml}', {
    cwd: resolve(workingFolder, argument),
    ignore: ['**/node_modules/**'],
    ...HOW,
  });
  return { names: names.sort().map((name) => join(argument, name)), inFolder: true };
}

const HOW = { followSymbolicLinks: false, expandDirectories: false } as const;

/** Undefined also where it cannot be read: that is said where it is checked. */
function kindOf(name: string, workingFolder: string): Kind | undefined {
  let text: string;
  try {
    // Whatever its encoding, the keys are ASCII: a stray letter makes another tool's file none of ours.
    text = Buffer.from(readSpecBytes(resolve(workingFolder, name))).toString('utf8');
  } catch {
    return 'spec';
  }
  return recognise(text);
}

/** A run keeps its spec beside run.json. */
async function isOfRun(name: string, workingFolder: string): Promise<boolean> {
  const record = join(dirname(resolve(workingFolder, name)), 'run.json');
  return (await stat(record).catch(() => undefined)) !== undefined;
}

function nothingFound(argument: string, inFolder: boolean): Diagnostic {
  return new DiagnosticError({
    code: 'run/file',
    severity: 'error',
    message: inFolder ? `There is no spec below \`${argument}\`` : `No file is named like \`${argument}\``,
    help: inFolder
      ? 'Name the files, where they do not end in `.yaml` or `.yml`.'
      : 'Write `"specs/**/*.yaml"`, for example, for all files below `specs`.',
  }).diagnostics[0]!;
}
