/** The C++ compiler of the machine. */
import { existsSync, readFileSync } from 'node:fs';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import { runProgram } from './run-program.js';
import type { SetupContext } from './setup-context.js';

export interface Compiler {
  readonly command: string;
  /** `g++ (Debian 12.2.0-14) 12.2.0`. */
  readonly version: string;
}

const COMMANDS = ['g++', 'c++', 'clang++'] as const;

/** CXX where it is set. Throws DiagnosticError cuda/no-compiler. */
export async function findCompiler(
  surroundings: Pick<SetupContext, 'environment' | 'signal'>,
): Promise<Compiler> {
  const own = surroundings.environment['CXX'];
  const commands = own === undefined || own === '' ? COMMANDS : [own];
  for (const command of commands) {
    const outcome = await runProgram(command, ['--version'], surroundings);
    if (outcome?.code === 0) return { command, version: outcome.output.split('\n', 1)[0]! };
  }
  throw new DiagnosticError({
    code: 'cuda/no-compiler',
    severity: 'error',
    message: 'There is no C++ compiler, and the addon has to be compiled for its TensorFlow',
    note: `Looked for: ${commands.map((command) => `\`${command}\``).join(', ')}.`,
    help: `Run \`${installCommand()}\`, then the same setup again.`,
  });
}

/** By the ID or ID_LIKE of the distribution. */
const INSTALL: readonly (readonly [distribution: string, command: string])[] = [
  ['debian', 'sudo apt-get install -y g++'],
  ['ubuntu', 'sudo apt-get install -y g++'],
  ['fedora', 'sudo dnf install -y gcc-c++'],
  ['rhel', 'sudo dnf install -y gcc-c++'],
  ['suse', 'sudo zypper install -y gcc-c++'],
  ['arch', 'sudo pacman -S --noconfirm gcc'],
];

const RELEASE_FILE = '/etc/os-release';

/** How the distribution installs a compiler; Debian's way where it is none of ours. */
export function installCommand(
  release = existsSync(RELEASE_FILE) ? readFileSync(RELEASE_FILE, 'utf8') : '',
): string {
  const words = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap((match) =>
    match[1]!.split(' '),
  );
  return (INSTALL.find(([distribution]) => words.includes(distribution)) ?? INSTALL[0]!)[1];
}
