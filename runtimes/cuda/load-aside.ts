/** The addon loaded in a process of its own: native code that aborts takes only that process with it. */
import { spawnSync } from 'node:child_process';
import type { LoadedTensorflow } from './native-binding.js';

/** In seconds. CUDA's first start can take a minute, where kernels are compiled for the GPU. */
const TIME_LIMIT = 300;

/** Run as text, since the built command has no file of its own for it. Libraries may print; descriptor 3 is ours. */
const PROGRAM = `
const tell = (what) => require('node:fs').writeSync(3, JSON.stringify(what));
try {
  const binding = require(process.argv[1]);
  tell({ version: binding.TF_Version, gpu: binding.isUsingGpuDevice() });
} catch (error) {
  tell({ reason: error.message });
}`;

type Told = { readonly reason: string } | { readonly version: string; readonly gpu: boolean };

export interface AsideOptions {
  /** What TensorFlow reads when it is loaded; see environment.ts. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told what TensorFlow logged. */
  readonly log?: ((text: string) => void) | undefined;
}

/** Throws what the loader says, or how the process ended. */
export function loadAside(addon: string, { environment, log }: AsideOptions): LoadedTensorflow {
  const { error, status, signal, output } = spawnSync(process.execPath, ['--eval', PROGRAM, addon], {
    encoding: 'utf8',
    env: environment,
    timeout: TIME_LIMIT * 1000,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  if (error !== undefined) {
    const hangs = (error as NodeJS.ErrnoException).code === 'ETIMEDOUT';
    throw new Error(hangs ? `it is not loaded within ${TIME_LIMIT} s` : error.message);
  }
  const logged = output[2]!;
  if (logged !== '') log?.(logged);
  if (output[3] === '') {
    const lastWords = logged.trimEnd().split('\n').at(-1)!;
    const end = signal ?? `code ${status}`;
    throw new Error(`the process that loads it ends with ${end}${lastWords === '' ? '' : `: ${lastWords}`}`);
  }
  const told = JSON.parse(output[3]!) as Told;
  if ('reason' in told) throw new Error(told.reason);
  return { TF_Version: told.version, isUsingGpuDevice: () => told.gpu };
}
