/** The examples of the pages, checked as a user's spec is. */
import { check } from '../../compiler/compile.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import type { DiagnosticCode } from '../../spec/diagnostics/codes.js';
import { DIAGNOSTIC_CODES } from '../../spec/diagnostics/codes.js';
import type { Diagnostic } from '../../spec/diagnostics/diagnostic.js';
import type { SpecExample } from '../../spec/diagnostics/pages/page.js';

export const CODES = Object.keys(DIAGNOSTIC_CODES) as readonly DiagnosticCode[];

const library = folderLibrary();

/** Everything that is found in an example without data. */
export function findings({ text, files }: SpecExample): readonly Diagnostic[] {
  const { diagnostics } = check({ name: 'spec.yaml', text }, library, {
    readSpec: (path) => {
      const base = files?.[path];
      return base === undefined ? undefined : { name: path, text: base };
    },
  });
  return diagnostics;
}
