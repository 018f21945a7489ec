/** What the command's exit says to a script. */
export const EXIT = {
  clean: 0,
  /** The tool worked and found something wrong with the user's files. */
  findings: 1,
  /** The tool could not do its work: a wrong option, a missing file, a backend that is not here. */
  failed: 2,
  /** Stopped by Ctrl-C or SIGTERM, as shells report SIGINT (128 + 2). */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
