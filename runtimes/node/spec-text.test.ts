import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { readIfThere } from './read-if-there.js';
import { MAXIMUM_SPEC_BYTES, readSpecText } from './spec-text.js';

const folder = mkdtempSync(join(tmpdir(), 'began-compile-text-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
execFileSync('mkfifo', [at('pipe')]);
writeFileSync(at('huge'), '');
truncateSync(at('huge'), 2 ** 40);

describe('the text of a spec', () => {
  it('is what stands in the file, byte order mark and all, also where it is as large as allowed', () => {
    writeFileSync(at('spec.yaml'), '\ufeffversion: 1 # λ\r\n');
    expect(readSpecText(at('spec.yaml'))).toBe('\ufeffversion: 1 # λ\r\n');
    writeFileSync(at('large.yaml'), 'λ'.repeat(MAXIMUM_SPEC_BYTES / 2));
    expect(readSpecText(at('large.yaml'))).toBe('λ'.repeat(MAXIMUM_SPEC_BYTES / 2));
  });

  it.each([
    ['a folder', folder, 'it is a folder'],
    ['a device without end', '/dev/zero', 'it is not a regular file'],
    ['a pipe that nobody writes to', at('pipe'), 'it is not a regular file'],
    ['a file of a terabyte', at('huge'), 'it has more than 4,000,000 bytes'],
  ])('is not read from %s', (_what, path, message) => {
    expect(() => readSpecText(path)).toThrow(new Error(message));
  });
});

describe('a data file', () => {
  it('may be missing', async () => {
    expect(await readIfThere(at('nothing'))).toBeUndefined();
  });

  it.each([
    ['a folder', folder, 'it is a folder'],
    ['a device without end', '/dev/zero', 'it is not a regular file'],
    ['a pipe that nobody writes to', at('pipe'), 'it is not a regular file'],
  ])('is not read from %s', async (_what, path, message) => {
    await expect(readIfThere(path)).rejects.toThrow(
      new DiagnosticError({
        code: 'run/file',
        severity: 'error',
        message: `\`${path}\` cannot be read: ${message}`,
      }),
    );
  });
});
