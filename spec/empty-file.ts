import type { Diagnostic, SourceFile } from './diagnostics/diagnostic.js';

/** What is said of a file that holds nothing. */
export function emptyFile(source: SourceFile): Diagnostic {
  return {
    code: 'schema/missing-key',
    severity: 'error',
    message: 'The file is empty',
    span: { file: source, start: 0, end: 0 },
    help: 'Start with `version: 1`.',
  };
}
