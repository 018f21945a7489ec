/** The compiler's front door: spec text in, model and program out, with everything there is to say about it. */
import type { Diagnostic, SourceFile } from '../spec/diagnostics/diagnostic.js';
import { parseSpec } from '../spec/parse.js';
import type { LibrarySource } from '../spec/spec.js';
import { lowerModel, type LoweringOptions } from './lowering/lower-model.js';
import { buildModel } from './model/build-model.js';
import type { Model } from './model/model.js';
import type { Program } from './program.js';

export type CompileOptions = LoweringOptions;

export interface Compilation {
  /** Both are absent where an error was found. */
  readonly model?: Model | undefined;
  readonly program?: Program | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks a spec as far as can be done without data: syntax, names, shapes, library. Makes no graphs. */
export function check(source: SourceFile, library: LibrarySource): Omit<Compilation, 'program'> {
  const { spec, diagnostics } = parseSpec(source);
  if (spec === undefined || diagnostics.some((found) => found.severity === 'error')) return { diagnostics };
  const result = buildModel(spec, library);
  return { model: result.model, diagnostics: [...diagnostics, ...result.diagnostics] };
}

/** Compiles a spec to the program every runtime runs. */
export function compile(
  source: SourceFile,
  library: LibrarySource,
  options: CompileOptions = {},
): Compilation {
  const { model, diagnostics } = check(source, library);
  if (model === undefined) return { diagnostics };
  return { model, program: lowerModel(model, options), diagnostics };
}
