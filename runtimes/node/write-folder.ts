/** Writes the files of a folder so that a reader, or a crash, finds the old ones or the new ones. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface FolderFile {
  /** From the folder, with `/`. */
  readonly name: string;
  readonly content: Uint8Array;
}

/**
 * Writes all files before any is seen. A new folder then appears at once. In one that is there, the files are put in
 * place in their order, others that `isLeftover` knows are removed, and everything else stays. Throws the file system's
 * own error, and one where a file bears the name.
 */
export async function writeFolder(
  path: string,
  files: readonly FolderFile[],
  isLeftover: (name: string) => boolean,
): Promise<void> {
  const isThere = await isFolder(path);
  // Inside of a folder that is there, which may be another file system than what lies beside it.
  const beside = join(isThere ? path : dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await mkdir(beside, { recursive: true });
    for (const { name, content } of files) {
      await mkdir(dirname(join(beside, name)), { recursive: true });
      await writeFlushed(join(beside, name), content);
    }
    if (!isThere) {
      await rename(beside, path);
      return;
    }
    for (const { name } of files) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await rename(join(beside, name), join(path, name));
    }
    const written = new Set(files.map(({ name }) => name));
    for (const name of await readdir(path)) {
      if (!written.has(name) && isLeftover(name)) await rm(join(path, name));
    }
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/** Whether a folder is there; throws where something else is. */
async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  throw new Error('it is there, and no folder');
}

async function writeFlushed(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
