/** What package.json says about us; it lies above both the sources and the build. */
import { readFileSync } from 'node:fs';

interface PackageInfo {
  readonly version: string;
  readonly description: string;
}

function read(): PackageInfo {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as PackageInfo;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('internal: the package has no package.json');
}

export const PACKAGE: PackageInfo = read();
