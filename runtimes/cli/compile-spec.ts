/** From a spec file to a program, with everything there is to say about it. */
import { isAbsolute, relative, resolve } from 'node:path';
import { compile, type CompileOptions } from '../../compiler/compile.js';
import type { Model } from '../../compiler/model/model.js';
import type { Program } from '../../compiler/program.js';
import { DiagnosticError, type Diagnostic, type SourceFile } from '../../spec/diagnostics/diagnostic.js';
import { flattenSpec } from '../../spec/flatten.js';
import { overrideSpec } from '../../spec/override.js';
import type { Override } from '../../spec/override.js';
import { folderLibrary } from '../node/library-source.js';
import type { SpecFile } from './spec-file.js';

export interface CompiledSpec {
  /** One text with overrides applied, whatever the spec extends. */
  readonly source: SourceFile;
  readonly model: Model;
  readonly program: Program;
  /** Warnings; errors are thrown. */
  readonly diagnostics: readonly Diagnostic[];
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
