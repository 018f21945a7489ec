/**
 * The TensorFlow that the package is published with: 2.9.1, for CUDA 11.2. The package's own installer fetches it, and a
 * compiled addon with it; it looks neither at the status of an answer nor at the clock, so both are done here.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import { loadAside } from '../load-aside.js';
import { compileAddon } from './compile-addon.js';
import { findCompiler } from './compiler.js';
import { complaints, runProgram, type ProgramOutcome } from './run-program.js';
import type { SetupContext } from './setup-context.js';
import type { Staging } from './staging.js';
import { tensorflowIn } from './tensorflow-files.js';

export interface StockOptions {
  /** A server with the paths of storage.googleapis.com. */
  readonly mirror?: string | undefined;
  /** Seconds that a download may stand still. */
  readonly patience: number;
}

export interface StagedStock {
  /** Where the library came from. */
  readonly source: string;
  /** The compiler, or `prebuilt`. */
  readonly addon: string;
}

/** What the installer works with, and the sources of the addon. */
const PARTS = ['package.json', 'binding.gyp', 'binding', 'scripts'] as const;
/** The installer prints it when the library is unpacked, and goes on to the addon. */
const UNPACKED = 'Building TensorFlow';

/** Throws DiagnosticError cuda/download-failed, cuda/no-compiler or cuda/build-failed. */
export async function stageStock(
  staging: Staging,
  { mirror, patience }: StockOptions,
  context: SetupContext,
): Promise<StagedStock> {
  const { report, signal } = context;
  const { folder, packageFolder } = staging;
  for (const part of PARTS) await cp(join(packageFolder, part), join(folder, part), { recursive: true });
  const deps = join(folder, 'deps');
  let size = 0;
  const outcome = await runProgram(process.execPath, [join('scripts', 'install.js'), 'gpu', 'download'], {
    folder,
    environment: installerEnvironment(context.environment, folder, mirror),
    signal,
    progress: () => {
      size = sizeOf(deps);
      report.progress(['Downloading TensorFlow 2.9.1', `${Math.round(size / 1e6)} MB unpacked`]);
    },
    patience: { seconds: patience, done: () => size },
  });
  const output = outcome?.output ?? '';
  const source = /https?:\/\/\S+/.exec(output)?.[0] ?? 'its server';
  const tensorflow = output.includes(UNPACKED) ? tensorflowIn(deps) : undefined;
  if (outcome === undefined || tensorflow === undefined) {
    throw await downloadFailed(source, outcome, patience);
  }
  if (existsSync(staging.addon)) {
    try {
      loadAside(staging.addon, context);
      return { source, addon: 'prebuilt' };
    } catch (error) {
      report.line('Addon', `the prebuilt one cannot be loaded: ${(error as Error).message}`);
    }
  } else {
    report.line('Addon', 'none is to be had prebuilt');
  }
  const compiler = await findCompiler(context);
  await compileAddon({ compiler, packageFolder, tensorflow, addon: staging.addon }, context);
  return { source, addon: compiler.version };
}

/** As `npm explore` sets it, so that the installer finds node-pre-gyp. */
function installerEnvironment(
  environment: SetupContext['environment'],
  folder: string,
  mirror: string | undefined,
): SetupContext['environment'] {
  const commands: string[] = [];
  for (let above = folder; above !== dirname(above); above = dirname(above)) {
    commands.push(join(above, 'node_modules', '.bin'));
  }
  const own = {
    ...environment,
    PATH: [...commands, environment['PATH'] ?? ''].join(delimiter),
    // Without a prebuilt addon node-gyp would be next, which downloads the headers of Node; ours are here already.
    npm_config_argv: JSON.stringify({ cooked: ['--fallback-to-build', 'false'] }),
  };
  if (mirror === undefined) return own;
  const base = mirror.replace(/\/+$/, '');
  return {
    ...own,
    TFJS_NODE_CDN_STORAGE: `${base}/`,
    TFJS_NODE_BASE_URI: `${base}/tensorflow/libtensorflow/libtensorflow-`,
    // node-pre-gyp's own way to name another host for the addon.
    npm_config_tfjs_binding_binary_host_mirror: `${base}/tf-builds/pre-built-binary`,
  };
}

/** Bytes below a folder that may be changing meanwhile. */
function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

async function downloadFailed(
  source: string,
  outcome: ProgramOutcome | undefined,
  patience: number,
): Promise<DiagnosticError> {
  const reason =
    outcome?.stalled === true
      ? `\`${source}\` has sent nothing for ${patience} s.`
      : ((await refusalOf(source)) ??
        `The installer of the package says:\n${complaints(outcome?.output ?? '')}`);
  return new DiagnosticError({
    code: 'cuda/download-failed',
    severity: 'error',
    message: 'The stock TensorFlow cannot be downloaded',
    note: `${reason}\nWhat was there before is still there.`,
    help:
      '`began-compile setup cuda --tensorflow stock --mirror URL` takes the same files from another server; ' +
      '`began-compile setup cuda --tensorflow pip` takes a current TensorFlow from the package index of Python.',
  });
}

/** What the server says, where it refuses: the installer itself only sees an archive that is none. */
async function refusalOf(source: string): Promise<string | undefined> {
  try {
    const { ok, status, statusText } = await fetch(source, {
      method: 'HEAD',
      signal: AbortSignal.timeout(5000),
    });
    return ok ? undefined : `\`${source}\` answers ${status} ${statusText}.`;
  } catch {
    // The installer's own words say more than a second attempt that fails as well, perhaps for want of its proxy.
    return undefined;
  }
}
