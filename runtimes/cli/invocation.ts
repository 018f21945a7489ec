import { basename } from 'node:path';

/**
 * What to type to reach this command again: its own name where it was found on the PATH, npx where npm or npx started
 * it, or Node did by the file's name.
 */
export function invocationOf(
  script: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const onPath = environment['npm_command'] === undefined && basename(script ?? '') === 'began-compile';
  return onPath ? 'began-compile' : 'npx began-compile';
}
