/**
 * Joins what an artifact is loaded with into one small module, `runtimes/artifact/began.js`, and its types into one file:
 * `began-compile build` copies both.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const NOTICE = '/*! began-compile, Apache-2.0: loads what `began-compile build` wrote */';

/** @param {string} dist a folder of compiled sources */
export async function bundleLoader(dist) {
  const folder = join(dist, 'runtimes/artifact');
  const bundle = await rolldown({
    input: join(folder, 'load.js'),
    platform: 'browser',
    treeshake: { moduleSideEffects: false },
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false });
  await bundle.close();
  if (output.length !== 1) throw new Error(`the loader is ${output.length} files instead of one`);
  await writeFile(join(folder, 'began.js'), `${NOTICE}\n${output[0].code}`);
  const api = await readFile(join(folder, 'api.d.ts'), 'utf8');
  if (/\bfrom '/.test(api)) throw new Error('the types of the loader import others');
  await writeFile(join(folder, 'began.d.ts'), `${api}export declare const load: Load;\n`);
}
