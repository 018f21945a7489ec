/** The compiler's front door: spec text in, model and program out, with everything there is to say about it. */
import { DiagnosticError, type SourceFile } from '../spec/diagnostics/diagnostic.js';
import type { ParseOptions } from '../spec/parse.js';
import type { LibrarySource } from '../spec/spec.js';
import { check, type Checked } from './check.js';
import { lowerModel, type LoweringOptions } from './lowering/lower-model.js';
import type { Program } from './program.js';

export { check } from './check.js';

export interface CompileOptions extends LoweringOptions, ParseOptions {}

export interface Compilation extends Checked {
  /** Absent where an error was found. */
  readonly program?: Program | undefined;
}

/** Compiles a spec to the program every runtime runs. */
export function compile(
  source: SourceFile,
  library: LibrarySource,
  options: CompileOptions = {},
): Compilation {
  const { model, diagnostics } = check(source, library, options);
  if (model === undefined) return { diagnostics };
  try {
    return { model, program: lowerModel(model, options), diagnostics };
  } catch (error) {
    // Larger than what a graph may be: only the graph shows.
    if (!(error instanceof DiagnosticError)) throw error;
    return { diagnostics: [...diagnostics, ...error.diagnostics] };
  }
}
