/**
 * Joins the modules of the command: a file for what every command needs and one for each part that is loaded on demand, as
 * finding and reading a hundred small files is most of what a short command takes. Packages stay packages, names stay names.
 */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** @param {string} dist a folder of compiled sources, whose runtimes/cli becomes the bundle */
export async function bundleCommand(dist) {
  const folder = join(dist, 'runtimes/cli');
  const beside = join(dist, 'runtimes/bundle');
  const bundle = await rolldown({
    input: join(folder, 'main.js'),
    platform: 'node',
    // What is not a path is a package, or Node's own.
    external: (id) => !/^[./]|^[A-Za-z]:[\\/]/.test(id),
  });
  await bundle.write({ dir: beside, format: 'esm', chunkFileNames: '[name]-[hash].js' });
  await bundle.close();
  await rm(folder, { recursive: true });
  await rename(beside, folder);
}
