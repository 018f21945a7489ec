/** What a run would find wrong with the data of a spec, without the run. */
import { DiagnosticError, type Diagnostic } from '../../../spec/diagnostics/diagnostic.js';
import { refuseTooFew } from '../../training/session.js';
import { compileSpec } from '../compile-spec.js';
import type { CommandContext } from '../context.js';
import { loadStream } from '../load-data.js';
import type { SpecFile } from '../spec-file.js';

/** Reads every stream of a spec without errors. */
export async function checkData(
  spec: SpecFile,
  context: Pick<CommandContext, 'workingFolder'>,
  progress: (line: string) => void,
): Promise<readonly Diagnostic[]> {
  const { program } = compileSpec(spec);
  const found: Diagnostic[] = [];
  for (const name of program.streams.keys()) {
    try {
      const loaded = await loadStream(name, program, spec, context, progress);
      if (loaded === undefined) continue;
      found.push(...loaded.diagnostics);
      refuseTooFew(program, name, loaded.examples.count);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      found.push(...error.diagnostics);
    }
  }
  return found;
}
