/**
 * Makes docs/gallery.md: trains the toy specs of examples/toy/ and shows what came of them. What is up to date in
 * docs/gallery.json is not trained again.
 *   node scripts/gallery.mjs [--only WORD] [--all]
 */
import { parseArgs } from 'node:util';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { values } = parseArgs({
  options: { only: { type: 'string' }, all: { type: 'boolean', default: false } },
});
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { module } = await runnerImport('./scripts/gallery/main.ts', {
  root,
  configFile: false,
  logLevel: 'error',
});
await module.makeGallery({ ...values, report: (line) => console.log(line) });
