/** The library of blocks and objectives as it lies in the package, beside the sources and beside the build alike. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { SourceFile } from '../../spec/diagnostics/diagnostic.js';
import type { LibrarySource } from '../../spec/spec.js';
import { packageFile } from './package-files.js';

const ENDING = '.yaml';
/** Entries are files below `folder`; `began/decoder` is began/decoder.yaml. Read once, when first asked for. */
export function folderLibrary(folder: string = packageFile('spec/library')): LibrarySource {
  const names = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ENDING))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .map((path) => path.slice(0, -ENDING.length))
    .sort();
  const known = new Set(names);
  const read = new Map<string, SourceFile>();
  return {
    names: () => names,
    read(name) {
      if (!known.has(name)) return undefined;
      const file = read.get(name) ?? {
        name: `library/${name}${ENDING}`,
        text: readFileSync(join(folder, ...`${name}${ENDING}`.split('/')), 'utf8'),
      };
      read.set(name, file);
      return file;
    },
  };
}
