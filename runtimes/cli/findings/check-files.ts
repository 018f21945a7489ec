/** Checks files one by one, each as far as it can be. */
import { check } from '../../../compiler/check.js';
import { DiagnosticError, type Diagnostic, type SourceFile } from '../../../spec/diagnostics/diagnostic.js';
import { parseLibraryEntry } from '../../../spec/parse.js';
import { folderLibrary } from '../../node/library-source.js';
import type { CommandContext } from '../context.js';
import { readSpecFile, type SpecFile } from '../spec-file.js';
import type { CheckedFile } from './findings.js';
import type { SelectedFile } from './select-files.js';

export interface CheckOptions {
  /** Opens the data of specs without errors. */
  readonly data: boolean;
  /** Told how far the reading of data is. */
  readonly progress: (line: string) => void;
}

export async function checkFiles(
  files: readonly SelectedFile[],
  context: Pick<CommandContext, 'workingFolder'>,
  options: CheckOptions,
): Promise<readonly CheckedFile[]> {
  const library = folderLibrary();
  const checked: CheckedFile[] = [];
  for (const { name, kind, spec: read } of files) {
    const sources: SourceFile[] = [];
    try {
      const spec = recorded(read ?? (await readSpecFile(name, context.workingFolder)), sources);
      if (kind === 'library') {
        checked.push({ name, sources, diagnostics: parseLibraryEntry(spec.source).diagnostics });
        continue;
      }
      const { model, diagnostics } = check(spec.source, library, { readSpec: spec.readSpec });
      const found: Diagnostic[] = [...diagnostics];
      if (options.data && model !== undefined) {
        const { checkData } = await import('./check-data.js');
        found.push(...(await checkData(spec, context, options.progress)));
      }
      checked.push({ name, sources, diagnostics: found });
    } catch (error) {
      // An unreadable file must not hide what the others have to say.
      if (!(error instanceof DiagnosticError)) throw error;
      checked.push({ name, sources, diagnostics: [], unreadable: error.diagnostics });
    }
  }
  return checked;
}

/** The same spec, which notes the files that are read for it; each is one object however often it is read. */
function recorded(spec: SpecFile, sources: SourceFile[]): SpecFile {
  sources.push(spec.source);
  const { readSpec } = spec;
  if (readSpec === undefined) return spec;
  return {
    ...spec,
    readSpec: (path, from) => {
      const file = readSpec(path, from);
      if (file === undefined) return undefined;
      const known = sources.find(({ name }) => name === file.name);
      if (known === undefined) sources.push(file);
      return known ?? file;
    },
  };
}
