/** Where the setup works, and what is possible elsewhere. */
import type { Diagnostic } from '../../../spec/diagnostics/diagnostic.js';
import type { Named } from './choose-tensorflow.js';

export interface Platform {
  readonly system: NodeJS.Platform;
  readonly processor: NodeJS.Architecture;
  /** Absent on Linux with another C library, such as musl in Alpine. */
  readonly glibc?: string | undefined;
}

const NAMES: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'Linux',
  darwin: 'macOS',
  win32: 'Windows',
};

export function thisPlatform(): Platform {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return { system: process.platform, processor: process.arch, glibc: header.glibcVersionRuntime };
}

export function platformName({ system, processor, glibc }: Platform): string {
  const library = system !== 'linux' ? '' : glibc === undefined ? ', without glibc' : `, glibc ${glibc}`;
  return `${NAMES[system] ?? system} ${processor}${library}`;
}

/** What stands in the way of a setup here; undefined where nothing does. */
export function platformRefusal(platform: Platform, named: Named | undefined): Diagnostic | undefined {
  const { system, processor, glibc } = platform;
  const refusal = {
    code: 'cuda/platform',
    severity: 'error',
    message: `CUDA cannot be set up on ${platformName(platform)}`,
  } as const;
  if (system === 'win32') {
    return {
      ...refusal,
      note: 'The addon is built with the compilers and the TensorFlow of Linux; TensorFlow has no CUDA on Windows after 2.10.',
      help: 'Run it in WSL 2 (`wsl --install`), which reaches the GPU through the driver of Windows. `--backend wasm` runs here.',
    };
  }
  if (system !== 'linux') {
    return {
      ...refusal,
      note: 'NVIDIA has no driver for it.',
      help: 'Use `--backend wasm`: it runs the same specs.',
    };
  }
  if (glibc === undefined) {
    return {
      ...refusal,
      note: 'TensorFlow is built for glibc, and this system has another C library (Alpine has musl).',
      help: 'Use an image with glibc, such as `node:22-bookworm`.',
    };
  }
  const own = named?.kind === 'wheel' || named?.kind === 'folder';
  if (processor === 'x64' || own) return undefined;
  return {
    ...refusal,
    note: 'TensorFlow is published with CUDA for x64 alone.',
    help: 'With a TensorFlow for this processor, `began-compile setup cuda --tensorflow FOLDER` builds the addon for it.',
  };
}
