/** From a spec file to a program, with everything there is to say about it. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { check, compile, type CompileOptions } from '../../compiler/compile.js';
import type { Model } from '../../compiler/model/model.js';
import type { Program } from '../../compiler/program.js';
import { DiagnosticError, type Diagnostic, type SourceFile } from '../../spec/diagnostics/diagnostic.js';
import type { ReadSpec } from '../../spec/extend.js';
import { flattenSpec } from '../../spec/flatten.js';
import { overrideSpec } from '../../spec/override.js';
import type { Override } from '../../spec/override.js';
import { folderLibrary } from '../node/library-source.js';

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
  const absolute = resolve(workingFolder, path);
  const folderOf = ({ name }: SourceFile): string => dirname(resolve(workingFolder, name));
  try {
    return {
      source: { name: path, text: await readFile(absolute, 'utf8') },
      folder: dirname(absolute),
      folderOf,
      readSpec: (named, from) => {
        const file = resolve(folderOf(from), named);
        // The spec itself keeps the name it was given, so that a circle through it is noticed.
        const name = file === absolute ? path : isAbsolute(named) ? named : join(dirname(from.name), named);
        return readBase(name, file);
      },
    };
  } catch (error) {
    throw unreadable('spec', path, error);
  }
}

function readBase(name: string, file: string): SourceFile | undefined {
  try {
    return { name, text: readFileSync(file, 'utf8') };
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

export interface CompiledSpec {
  /** One text with overrides applied, whatever the spec extends. */
  readonly source: SourceFile;
  readonly model: Model;
  readonly program: Program;
  /** Warnings; errors are thrown. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Everything that is wrong with a spec, or worth a word. */
export function checkSpec({ source, readSpec }: SpecFile): readonly Diagnostic[] {
  return check(source, folderLibrary(), { readSpec }).diagnostics;
}

/** Throws DiagnosticError with every finding where one of them is an error. */
export function compileSpec(
  spec: SpecFile,
  overrides: readonly Override[] = [],
  options: CompileOptions = {},
): CompiledSpec {
  const { readSpec } = spec;
  const source = overrideSpec(spec.source, overrides, { readSpec });
  const { model, program, diagnostics } = compile(source, folderLibrary(), { ...options, readSpec });
  if (model === undefined || program === undefined) throw new DiagnosticError(diagnostics);
  return { source: asOneFile(source, spec), model, program, diagnostics };
}

function asOneFile(source: SourceFile, { folder, folderOf, readSpec }: SpecFile): SourceFile {
  if (readSpec === undefined) return source;
  const rebase = (path: string, from: SourceFile): string => {
    if (isAbsolute(path)) return path;
    const rebased = relative(folder, resolve(folderOf(from), path)) || '.';
    return rebased.startsWith('.') ? rebased : `./${rebased}`;
  };
  return flattenSpec(source, { readSpec, rebase });
}
