/** Reading a file that may be missing. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Span } from '../../spec/diagnostics/diagnostic.js';

/**
 * The bytes, or undefined where there is no such file. Throws DiagnosticError run/file where it cannot be read, as devices and
 * pipes cannot: they may never end.
 */
export async function readIfThere(path: string, span?: Span): Promise<Uint8Array | undefined> {
  try {
    // Without O_NONBLOCK the opening of a pipe waits for somebody to write into it.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      if (!status.isFile()) {
        throw new Error(status.isDirectory() ? 'it is a folder' : 'it is not a regular file');
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new DiagnosticError({
      code: 'run/file',
      severity: 'error',
      message: `\`${path}\` cannot be read: ${message}`,
      span,
    });
  }
}
