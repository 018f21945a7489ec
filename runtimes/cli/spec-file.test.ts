/** What a spec may make the command read: files that it names, and nothing that never ends. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../compiler/compile.js';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { POINTS } from '../../spec/diagnostics/pages/base-specs.js';
import { folderLibrary } from '../node/library-source.js';
import { readSpecFile } from './spec-file.js';

const folder = mkdtempSync(join(tmpdir(), 'began-compile-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  mkdirSync(join(folder, 'folder.yaml'));
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
  writeFileSync(join(folder, 'huge.yaml'), '');
  truncateSync(join(folder, 'huge.yaml'), 2 ** 40);
  writeFileSync(join(folder, 'utf16.yaml'), '\ufeffversion: 1\n', 'utf16le');
  writeFileSync(join(folder, 'latin1.yaml'), 'version: 1 # caf\u00e9\n', 'latin1');
});

/** What is found in a spec of this text, or what keeps it from being read. */
async function found(path: string, text?: string): Promise<string[]> {
  if (text !== undefined) writeFileSync(join(folder, path), text);
  try {
    const { source, readSpec } = await readSpecFile(path, folder);
    const { diagnostics } = check(source, folderLibrary(), { readSpec });
    return diagnostics.map(({ code, message }) => `${code}: ${message}`);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(({ code, message }) => `${code}: ${message}`);
  }
}

const UNREADABLE = [
  ['/dev/zero', 'it is not a regular file'],
  ['pipe.yaml', 'it is not a regular file'],
  ['folder.yaml', 'it is a folder'],
  ['huge.yaml', 'it has more than 4,000,000 bytes'],
  ['utf16.yaml', 'it is UTF-16 text, and must be saved as UTF-8'],
  ['latin1.yaml', 'it is not UTF-8 text'],
] as const;

describe.each(UNREADABLE)('%s is refused', (path, why) => {
  const finding = `run/file: The spec \`${path}\` cannot be read: ${why}`;

  it('as a spec', async () => {
    expect(await found(path)).toEqual([finding]);
  });

  it('as what a spec extends', async () => {
    expect(await found('child.yaml', `extends: ${path}\n`)).toEqual([finding]);
  });
});

describe('a name of the library is no path', () => {
  it.each(['../../etc/passwd', '/etc/passwd', './base', 'began/../gan', '__proto__', 'constructor'])(
    '%s',
    async (name) => {
      writeFileSync(join(folder, 'base.yaml'), 'objective: {}\n');
      const text = POINTS.replace('use: gan', `use: ${name}`);
      const [finding, ...more] = await found('user.yaml', text);
      expect(more).toEqual([]);
      expect([
        `schema/value: \`use\` must be the name of a library entry, but this is the text \`${name}\``,
        `model/unknown-library: The library has no objective \`${name}\``,
      ]).toContain(finding);
      expect(folderLibrary().read(name)).toBeUndefined();
    },
  );
});
