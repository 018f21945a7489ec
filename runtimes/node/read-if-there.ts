/** Reading a file that may be missing. */
import { readFile } from 'node:fs/promises';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import type { Span } from '../../spec/diagnostics/diagnostic.js';

/** The bytes, or undefined where there is no such file. Throws DiagnosticError run/file where it cannot be read. */
export async function readIfThere(path: string, span?: Span): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
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
