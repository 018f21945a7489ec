/** What the setup takes from its surroundings, so that tests can give something else. */
import type { SetupReport } from './report.js';

export interface SetupContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folders of the package, the preferred one first; asked again after npm has installed it. */
  readonly packageFolders: () => readonly string[];
  /** The folder for everything that has no place elsewhere (see package-folders.ts). */
  readonly setupFolder: string;
  /** Paths of the command line are relative to it. */
  readonly workingFolder: string;
  readonly report: SetupReport;
  /** Aborted where the user has had enough: programs are ended, and what is half done is taken away. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}
