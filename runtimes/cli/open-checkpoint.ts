/** The checkpoint that a command is pointed at. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { readCheckpoint, type Checkpoint } from '../training/checkpoint.js';
import type { CommandContext } from './context.js';
import { isMissing, RunFolder } from './run-folder.js';
import { unreadable } from './spec-file.js';

/** A run folder's newest checkpoint, or a checkpoint file. Throws DiagnosticError where there is none to be read. */
export async function openCheckpoint(path: string, { workingFolder }: CommandContext): Promise<Checkpoint> {
  const absolute = resolve(workingFolder, path);
  let file = absolute;
  let name = path;
  try {
    if ((await stat(absolute)).isDirectory()) {
      ({ file, name } = await new RunFolder(path, absolute).latestCheckpoint());
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw unreadable('run', path, error);
  }
  try {
    return readCheckpoint(await readFile(file), name);
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    throw unreadable('checkpoint', name, error);
  }
}
