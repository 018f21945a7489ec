/** Files of the package that are read while it runs: they lie beside the sources and beside the build alike. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let root: string | undefined;

/** The absolute path of `spec/library`, for example; at any depth that the build may have put this module. */
export function packageFile(path: string): string {
  root ??= findRoot(dirname(fileURLToPath(import.meta.url)));
  return join(root, ...path.split('/'));
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'spec', 'library'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('internal: the package has no library');
  return findRoot(above);
}
