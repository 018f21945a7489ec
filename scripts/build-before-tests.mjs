/** Vitest's global setup of the `command` project: its tests run dist/, which must be the sources' own. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function setup() {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'build.mjs');
  const built = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the build failed:\n${built.stdout}${built.stderr}`);
}
