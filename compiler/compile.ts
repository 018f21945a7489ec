/** The compiler's front door: spec text in, model and program out, with everything there is to say about it. */
import type { Diagnostic, SourceFile } from '../spec/diagnostics/diagnostic.js';
import { parseSpec, type ParseOptions } from '../spec/parse.js';
import type { LibrarySource } from '../spec/spec.js';
import { lintModel } from './lints/lint-model.js';
import { lowerModel, type LoweringOptions } from './lowering/lower-model.js';
import { buildModel } from './model/build-model.js';
import type { Model } from './model/model.js';
import type { Program } from './program.js';

export interface CompileOptions extends LoweringOptions, ParseOptions {}

export interface Compilation {
  /** Both are absent where an error was found. */
  readonly model?: Model | undefined;
  readonly program?: Program | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks a spec as far as can be done without data: syntax, names, shapes, library. Makes no graphs. */
export function check(
  source: SourceFile,
  library: LibrarySource,
  options: ParseOptions = {},
): Omit<Compilation, 'program'> {
  const { spec, diagnostics } = parseSpec(source, options);
  if (spec === undefined || diagnostics.some((found) => found.severity === 'error')) return { diagnostics };
  const { model, diagnostics: found } = buildModel(spec, library);
  const lints = model === undefined ? [] : lintModel(model);
  const all = [...diagnostics, ...found, ...lints];
  // A lint that the spec calls an error is one: there is no model to go on with.
  return { model: all.some(({ severity }) => severity === 'error') ? undefined : model, diagnostics: all };
}

/** Compiles a spec to the program every runtime runs. */
export function compile(
  source: SourceFile,
  library: LibrarySource,
  options: CompileOptions = {},
): Compilation {
  const { model, diagnostics } = check(source, library, options);
  if (model === undefined) return { diagnostics };
  return { model, program: lowerModel(model, options), diagnostics };
}
