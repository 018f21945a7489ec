/**
 * An addon is made aside, in a folder inside the package that is laid out like it, and takes the place of the old one when
 * it has been loaded: a setup that fails, or is stopped, leaves what worked before.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addonPath } from '../package-folders.js';
import { writeSetupRecord, type SetupRecord } from './record.js';

const PREFIX = '.began-compile-setup-';

export class Staging {
  private constructor(
    readonly packageFolder: string,
    readonly folder: string,
  ) {}

  /** Takes away what setups before it, that were killed, have left. */
  static async create(packageFolder: string): Promise<Staging> {
    for (const name of await readdir(packageFolder)) {
      if (name.startsWith(PREFIX)) await rm(join(packageFolder, name), { recursive: true, force: true });
    }
    return new Staging(packageFolder, await mkdtemp(join(packageFolder, PREFIX)));
  }

  get addon(): string {
    return addonPath(this.folder);
  }

  /** The folder that the addon's libraries are loaded from: a folder, or a link to one. */
  get libraries(): string {
    return join(this.folder, 'deps', 'lib');
  }

  /** Moves addon and libraries into the package, with a record of what they are. */
  async install(record: SetupRecord): Promise<void> {
    const addons = dirname(this.addon);
    writeSetupRecord(addons, record);
    const replaced = join(this.folder, 'replaced');
    await mkdir(replaced);
    const moves = [
      { name: 'addons', from: addons, to: dirname(addonPath(this.packageFolder)) },
      { name: 'deps', from: dirname(this.libraries), to: join(this.packageFolder, 'deps') },
    ];
    for (const { name, from, to } of moves) {
      await mkdir(dirname(to), { recursive: true });
      if (existsSync(to)) await rename(to, join(replaced, name));
      await rename(from, to);
    }
  }

  /** Takes the folder away, with what was replaced. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
