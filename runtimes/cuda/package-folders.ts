/** Where the package that brings TensorFlow to Node can lie. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export const PACKAGE_NAME = '@tensorflow/tfjs-node-gpu';
/** The newest, and the one our package.json asks for. */
export const PACKAGE_VERSION = '4.22.0';

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder `setup cuda` installs the package into where npm has not: `~/.cache/began-compile/cuda`. */
export function setupFolder(environment: Environment): string {
  return join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'began-compile', 'cuda');
}

/**
 * The package's folders in the order they are looked at: beside began-compile, among the packages of the working
 * folder, where `setup cuda` puts it. Folders without the package are left out.
 */
export function packageFolders(workingFolder: string, environment: Environment): readonly string[] {
  const resolvers = [import.meta.url, join(workingFolder, 'package.json')].map((from) => createRequire(from));
  const installed = resolvers.flatMap((resolver) => resolved(resolver));
  const ours = join(setupFolder(environment), 'node_modules', PACKAGE_NAME);
  return [...new Set([...installed, ...(existsSync(join(ours, 'package.json')) ? [ours] : [])])];
}

function resolved({ resolve }: NodeJS.Require): string[] {
  try {
    return [dirname(resolve(`${PACKAGE_NAME}/package.json`))];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return [];
    throw error;
  }
}

/** The native addon of a package folder, whether it is there or not; its Node-API version is 8 in every Node we run on. */
export const addonPath = (folder: string): string => join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
