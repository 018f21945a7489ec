/** From a spec file to a program, with everything there is to say about it. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { check, compile, type CompileOptions } from '../../compiler/compile.js';
import type { Model } from '../../compiler/model/model.js';
import type { Program } from '../../compiler/program.js';
import { DiagnosticError, type Diagnostic, type SourceFile } from '../../spec/diagnostics/diagnostic.js';
import { overrideSpec } from '../../spec/override.js';
import { folderLibrary } from '../node/library-source.js';
import type { Override } from '../../spec/override.js';

export interface SpecFile {
  readonly source: SourceFile;
  /** Data paths are relative to it. */
  readonly folder: string;
}

/** Throws DiagnosticError run/file. */
export async function readSpecFile(path: string, workingFolder: string): Promise<SpecFile> {
  const absolute = resolve(workingFolder, path);
  try {
    return { source: { name: path, text: await readFile(absolute, 'utf8') }, folder: dirname(absolute) };
  } catch (error) {
    throw unreadable('spec', path, error);
  }
}

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
  /** With overrides applied. */
  readonly source: SourceFile;
  readonly model: Model;
  readonly program: Program;
  /** Warnings; errors are thrown. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Everything that is wrong with a spec, or worth a word. */
export function checkSpec(source: SourceFile): readonly Diagnostic[] {
  return check(source, folderLibrary()).diagnostics;
}

/** Throws DiagnosticError with every finding where one of them is an error. */
export function compileSpec(
  original: SourceFile,
  overrides: readonly Override[] = [],
  options: CompileOptions = {},
): CompiledSpec {
  const source = overrideSpec(original, overrides);
  const { model, program, diagnostics } = compile(source, folderLibrary(), options);
  if (model === undefined || program === undefined) throw new DiagnosticError(diagnostics);
  return { source, model, program, diagnostics };
}
