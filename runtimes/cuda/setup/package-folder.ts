/** The folder of the package that the addon is put into, installed where npm has not. */
import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../package-folders.js';
import { complaints, runProgram } from './run-program.js';
import type { SetupContext } from './setup-context.js';

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first folder that can be written; where there is none, npm puts one into the setup's own. Throws DiagnosticError cuda/download-failed. */
export async function preparePackage(context: SetupContext): Promise<string> {
  const { packageFolders, setupFolder, environment, signal, report } = context;
  const folders = packageFolders();
  const found = folders.find(writable);
  if (found !== undefined) return found;
  for (const folder of folders) report.line('Package', `${folder} cannot be written`);
  const requirement = `${PACKAGE_NAME}@${PACKAGE_VERSION}`;
  report.line('Package', `npm installs ${requirement} into ${setupFolder}`);
  await mkdir(setupFolder, { recursive: true });
  // Its install script would download at once, without a time limit.
  const argv = [
    'install',
    '--prefix',
    setupFolder,
    '--ignore-scripts',
    '--no-save',
    '--no-audit',
    '--no-fund',
    requirement,
  ];
  const outcome = await runProgram('npm', argv, {
    folder: setupFolder,
    environment,
    signal,
    progress: (_newest, seconds) =>
      report.progress([`npm installs ${PACKAGE_NAME}`, `${Math.round(seconds)} s`]),
  });
  const installed = packageFolders().find(writable);
  if (outcome?.code === 0 && installed !== undefined) return installed;
  throw new DiagnosticError({
    code: 'cuda/download-failed',
    severity: 'error',
    message: `The package \`${PACKAGE_NAME}\` cannot be installed`,
    note:
      outcome === undefined ? 'There is no command `npm`.' : `\`npm\` says:\n${complaints(outcome.output)}`,
    help: `Once \`npm ${argv.join(' ')}\` works, run the same setup again.`,
  });
}
