/**
 * Builds dist/: ESM and types from TypeScript, the schemas as code, the command as a few files, the loader of built models
 * as one, the library and schema files beside them. Does nothing when no input changed. The new folder is built aside and
 * swapped in, so that a command that runs meanwhile never sees half a build.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleCommand } from './bundle-command.mjs';
import { bundleLoader } from './bundle-loader.mjs';
import { writeSchemaCode } from './schema-code.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const stampFile = join(dist, '.build-stamp');

const SOURCE_FOLDERS = ['spec', 'compiler', 'runtimes'];
const CONFIGURATION = [
  'index.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build.mjs',
  'scripts/schema-code.mjs',
  'scripts/bundle-command.mjs',
  'scripts/bundle-loader.mjs',
];
/** Read at run time from where they lie beside the compiled code. */
const isAsset = (path) =>
  /^spec\/(library|templates)\/.*\.yaml$/.test(path) ||
  /^spec\/schema\/(library-)?v1\.json$/.test(path) ||
  /^runtimes\/cli\/report\/page\.(css|js)$/.test(path) ||
  /^runtimes\/artifact\/page\.html$/.test(path) ||
  /^runtimes\/pytorch\/.*\.py$/.test(path);
const isSource = (path) => path.endsWith('.ts') && !path.endsWith('.test.ts');

function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/'))
    .sort();
}

const files = SOURCE_FOLDERS.flatMap(filesBelow);
const assets = files.filter(isAsset);
const inputs = [...CONFIGURATION, ...files.filter(isSource), ...assets];

function fingerprint() {
  const hash = createHash('sha256');
  for (const path of inputs)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex');
}

const stamp = fingerprint();
if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) process.exit(0);

const fresh = join(root, `dist-${process.pid}`);
const stale = join(root, `dist-${process.pid}-old`);
let exitCode = 0;
try {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (compiled.error) throw compiled.error;
  exitCode = compiled.status ?? 2;
  if (exitCode === 0) {
    await writeSchemaCode(fresh);
    await bundleCommand(fresh);
    await bundleLoader(fresh);
    for (const path of assets) {
      mkdirSync(dirname(join(fresh, path)), { recursive: true });
      cpSync(join(root, path), join(fresh, path));
    }
    chmodSync(join(fresh, 'runtimes/cli/main.js'), 0o755);
    writeFileSync(join(fresh, '.build-stamp'), stamp);
    if (existsSync(dist)) renameSync(dist, stale);
    renameSync(fresh, dist);
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
  rmSync(stale, { recursive: true, force: true });
}
process.exit(exitCode);
