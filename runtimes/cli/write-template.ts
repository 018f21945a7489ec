/** A template as a file of the user's, with a modeline that leads to the schema from where the file is. */
import { stat, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { DiagnosticError } from '../../spec/diagnostics/diagnostic.js';
import { writeFileAtomically } from '../node/atomic-file.js';
import { packageFile } from '../node/package-files.js';
import type { Template } from './commands/init.js';

const SCHEMA = 'spec/schema/v1.json';
const INSTALLED = 'node_modules/began-compile/dist/spec/schema/v1.json';
const COPY = 'began-compile.schema.json';
const MODELINE = /^# yaml-language-server: \$schema=.*$/m;

export interface Written {
  /** As the user named it. */
  readonly file: string;
  /** A copy of the schema, where the package is not installed at or above the file. */
  readonly schema?: string | undefined;
}

/** Throws DiagnosticError run/file where the file is there or cannot be written. */
export async function writeTemplate(
  template: Template,
  file: string,
  workingFolder: string,
): Promise<Written> {
  const path = resolve(workingFolder, file);
  if (await isThere(path)) {
    throw refuse(`The file \`${file}\` is already there`, 'Name another one with `--output`.');
  }
  const folder = dirname(path);
  const installed = await installedSchema(folder);
  const text = await readFile(packageFile(`spec/templates/${template}.yaml`), 'utf8');
  const modeline = `# yaml-language-server: $schema=${installed ?? `./${COPY}`}`;
  try {
    if (installed === undefined) {
      await writeFileAtomically(join(folder, COPY), await readFile(packageFile(SCHEMA), 'utf8'));
    }
    await writeFileAtomically(
      path,
      text.replace(MODELINE, () => modeline),
    );
  } catch (error) {
    throw refuse(`The file \`${file}\` cannot be written: ${(error as Error).message}`);
  }
  return { file, schema: installed === undefined ? join(dirname(file), COPY) : undefined };
}

/** The schema of the package that is installed nearest, as seen from `folder`. */
async function installedSchema(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, INSTALLED);
    if (await isThere(file)) {
      const path = relative(folder, file).replaceAll('\\', '/');
      return path.startsWith('.') ? path : `./${path}`;
    }
    if (dirname(at) === at) return undefined;
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const refuse = (message: string, help?: string): DiagnosticError =>
  new DiagnosticError({ code: 'run/file', severity: 'error', message, help });
