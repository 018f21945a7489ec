/** Everything that can be said about a spec without making its graphs. */
import type { Diagnostic, SourceFile } from '../spec/diagnostics/diagnostic.js';
import { parseSpec, type ParseOptions } from '../spec/parse.js';
import type { LibrarySource } from '../spec/spec.js';
import { lintModel } from './lints/lint-model.js';
import { buildModel } from './model/build-model.js';
import type { Model } from './model/model.js';

export interface Checked {
  /** Absent where an error was found. */
  readonly model?: Model | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks a spec as far as can be done without data: syntax, names, shapes, library. Makes no graphs. */
export function check(source: SourceFile, library: LibrarySource, options: ParseOptions = {}): Checked {
  const { spec, diagnostics } = parseSpec(source, options);
  if (spec === undefined || diagnostics.some((found) => found.severity === 'error')) return { diagnostics };
  const { model, diagnostics: found } = buildModel(spec, library);
  const lints = model === undefined ? [] : lintModel(model);
  const all = [...diagnostics, ...found, ...lints];
  // A lint that the spec calls an error is one: there is no model to go on with.
  return { model: all.some(({ severity }) => severity === 'error') ? undefined : model, diagnostics: all };
}
