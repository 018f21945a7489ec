/** What lies in a folder of the package: versions, and where its TensorFlow came from. */
import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { addonPath } from './package-folders.js';
import { readSetupRecord, type SetupRecord } from './setup/record.js';

export interface InstalledPackage {
  readonly folder: string;
  /** Of the package, not of TensorFlow. */
  readonly version: string;
  /** The addon's path, where it is there. */
  readonly addon?: string | undefined;
  /** The folder whose library the addon loads, links followed. */
  readonly libraries?: string | undefined;
  /** Absent where the addon is not of `setup cuda`. */
  readonly record?: SetupRecord | undefined;
}

export function installedPackage(folder: string): InstalledPackage {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const addon = addonPath(folder);
  const libraries = join(folder, 'deps', 'lib');
  return {
    folder,
    version,
    addon: existsSync(addon) ? addon : undefined,
    libraries: target(libraries),
    record: readSetupRecord(dirname(addon)),
  };
}

/** Where a link leads, also when nothing is there any more; undefined where there is neither link nor folder. */
function target(path: string): string | undefined {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return undefined;
  return entry.isSymbolicLink() ? resolve(dirname(path), readlinkSync(path)) : path;
}
