/**
 * The package's own addon, its sources unchanged, compiled for the TensorFlow that it will load. One line of the compiler
 * takes the place of node-gyp: headers of Node-API are those of `node-api-headers`, which hold for every Node.
 */
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import { PACKAGE_NAME } from '../package-folders.js';
import type { Compiler } from './compiler.js';
import { complaints, runProgram } from './run-program.js';
import type { SetupContext } from './setup-context.js';
import type { TensorflowFiles } from './tensorflow-files.js';

const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc'] as const;

function nodeApiHeaders(): string {
  const { include_dir } = createRequire(import.meta.url)('node-api-headers') as { include_dir: string };
  return include_dir;
}

export interface Compilation {
  readonly compiler: Compiler;
  readonly packageFolder: string;
  readonly tensorflow: TensorflowFiles;
  /** Where the addon is written; its TensorFlow is looked for in `../../deps/lib` from there. */
  readonly addon: string;
}

/** Throws DiagnosticError cuda/build-failed. */
export async function compileAddon(
  { compiler, packageFolder, tensorflow, addon }: Compilation,
  { environment, signal, report }: Pick<SetupContext, 'environment' | 'signal' | 'report'>,
): Promise<void> {
  await mkdir(dirname(addon), { recursive: true });
  const argv = [
    ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding'],
    ...['-I', nodeApiHeaders(), '-I', tensorflow.headers],
    ...SOURCES.map((name) => join(packageFolder, 'binding', name)),
    ...['-L', tensorflow.libraries, ...tensorflow.names.map((name) => `-l:${name}`)],
    // The link, not the folder it leads to: TensorFlow finds the libraries that pip has put beside it from there.
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
    ...['-o', addon],
  ];
  const outcome = await runProgram(compiler.command, argv, {
    environment,
    signal,
    progress: (_newest, seconds) => report.progress(['Compiling the addon', `${Math.round(seconds)} s`]),
  });
  if (outcome?.code === 0) return;
  throw new DiagnosticError({
    code: 'cuda/build-failed',
    severity: 'error',
    message: `The addon of \`${PACKAGE_NAME}\` cannot be compiled`,
    note: `\`${compiler.version}\` says:\n${complaints(outcome?.output ?? '')}\nWhat was there before is still there.`,
    help: 'A current compiler is needed (g++ 9 or newer); `CXX=COMMAND began-compile setup cuda ...` takes another one.',
  });
}
