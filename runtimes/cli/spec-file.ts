/** A spec on disk, with the files that it names. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { DiagnosticError, type SourceFile } from '../../spec/diagnostics/diagnostic.js';
import type { ReadSpec } from '../../spec/extend.js';
import { readSpecText } from '../node/spec-text.js';

export interface SpecFile {
  readonly source: SourceFile;
  /** Where the spec lies. */
  readonly folder: string;
  /**
   * The folder that paths in a file are relative to: its own, so that a spec means the same where another one extends it.
   */
  readonly folderOf: (file: SourceFile) => string;
  /** Absent where the text is all there is. */
  readonly readSpec?: ReadSpec | undefined;
}

/** A spec on disk, which may extend others. Throws DiagnosticError run/file. */
export async function readSpecFile(path: string, workingFolder: string): Promise<SpecFile> {
  let text: string;
  try {
    text = readSpecText(resolve(workingFolder, path));
  } catch (error) {
    throw unreadable('spec', path, error);
  }
  return specOf({ name: path, text }, workingFolder);
}

/** A spec with the files that it names, relative to where its own name leads. */
export function specOf(source: SourceFile, workingFolder: string): SpecFile {
  const path = resolve(workingFolder, source.name);
  const folderOf = ({ name }: SourceFile): string => dirname(resolve(workingFolder, name));
  return {
    source,
    folder: dirname(path),
    folderOf,
    readSpec: (named, from) => {
      const file = resolve(folderOf(from), named);
      // The spec itself keeps the name it was given, so that a circle through it is noticed.
      const name = file === path ? source.name : isAbsolute(named) ? named : join(dirname(from.name), named);
      return readBase(name, file);
    },
  };
}

function readBase(name: string, file: string): SourceFile | undefined {
  try {
    return { name, text: readSpecText(file) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable('spec', name, error);
  }
}

/** A spec that was kept as one text, with the folder that its paths are relative to. */
export const keptSpec = (source: SourceFile, folder: string): SpecFile => ({
  source,
  folder,
  folderOf: () => folder,
});

export function unreadable(what: string, path: string, error: unknown): DiagnosticError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
  return new DiagnosticError({
    code: 'run/file',
    severity: 'error',
    message: `The ${what} \`${path}\` cannot be read: ${why}`,
  });
}
