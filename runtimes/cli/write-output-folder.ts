/** The folder that a command is asked for. */
import { resolve } from 'node:path';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { writeFolder, type FolderFile } from '../node/write-folder.js';
import type { CommandContext } from './context.js';

/** As `writeFolder` does; `path` is relative to the working folder. Throws DiagnosticError run/file. */
export async function writeOutputFolder(
  path: string,
  files: readonly FolderFile[],
  isLeftover: (name: string) => boolean,
  { workingFolder }: Pick<CommandContext, 'workingFolder'>,
): Promise<void> {
  try {
    await writeFolder(resolve(workingFolder, path), files, isLeftover);
  } catch (error) {
    throw new DiagnosticError({
      code: 'run/file',
      severity: 'error',
      message: `\`${path}\` cannot be written: ${(error as Error).message}`,
    });
  }
}
