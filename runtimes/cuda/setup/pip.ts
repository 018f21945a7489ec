/** A current TensorFlow with its CUDA libraries, from the package index of Python. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import { complaints, runProgram } from './run-program.js';
import type { SetupContext } from './setup-context.js';
import { tensorflowIn, type TensorflowFiles } from './tensorflow-files.js';

export const REQUIREMENT = 'tensorflow[and-cuda]';

/**
 * Installs into a folder of the setup, once: TensorFlow looks for CUDA in `../nvidia` from where it lies, and pip puts it
 * there. Throws DiagnosticError cuda/download-failed.
 */
export async function installFromPip({
  setupFolder,
  environment,
  signal,
  report,
}: SetupContext): Promise<TensorflowFiles> {
  const folder = join(setupFolder, 'tensorflow-pip');
  const before = tensorflowIn(join(folder, 'tensorflow'));
  if (before !== undefined) return before;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  const argv = ['-m', 'pip', 'install', '--disable-pip-version-check', '--target', partial, REQUIREMENT];
  try {
    const outcome = await runProgram('python3', argv, {
      environment,
      signal,
      progress: (newest, seconds) =>
        report.progress([`pip installs ${REQUIREMENT}`, `${Math.round(seconds)} s`, newest.slice(0, 100)]),
    });
    if (outcome?.code !== 0 || tensorflowIn(join(partial, 'tensorflow')) === undefined) {
      throw new DiagnosticError({
        code: 'cuda/download-failed',
        severity: 'error',
        message: `\`${REQUIREMENT}\` cannot be installed`,
        note:
          outcome === undefined
            ? 'There is no command `python3`.'
            : `\`pip\` says:\n${complaints(outcome.output)}`,
        help:
          `Try \`python3 -m pip download '${REQUIREMENT}'\`, with a Python that TensorFlow has wheels for; ` +
          'or name what another machine has downloaded: `began-compile setup cuda --tensorflow WHEEL`.',
      });
    }
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return tensorflowIn(join(folder, 'tensorflow'))!;
}
