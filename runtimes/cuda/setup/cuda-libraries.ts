/** The CUDA libraries that the dynamic loader finds by itself. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './run-program.js';
import type { SetupContext } from './setup-context.js';

/** By what they are for. The stock TensorFlow 2.9.1 loads those of CUDA 11; pip brings its own. */
export const CUDA_LIBRARIES = {
  'CUDA 11': 'libcudart.so.11.0',
  'cuDNN 8': 'libcudnn.so.8',
  'CUDA 12': 'libcudart.so.12',
  'CUDA 13': 'libcudart.so.13',
  'cuDNN 9': 'libcudnn.so.9',
} as const;
export type CudaLibrary = keyof typeof CUDA_LIBRARIES;

type Surroundings = Pick<SetupContext, 'environment' | 'signal'>;

export async function findCudaLibraries(surroundings: Surroundings): Promise<ReadonlySet<CudaLibrary>> {
  const cached = await loaderCache(surroundings);
  const folders = (surroundings.environment['LD_LIBRARY_PATH'] ?? '')
    .split(':')
    .filter((path) => path !== '');
  const names = Object.entries(CUDA_LIBRARIES) as [CudaLibrary, string][];
  return new Set(
    names
      .filter(([, file]) => cached.has(file) || folders.some((folder) => existsSync(join(folder, file))))
      .map(([name]) => name),
  );
}

/** File names in the loader's cache; none where the system has no such cache. */
async function loaderCache(surroundings: Surroundings): Promise<ReadonlySet<string>> {
  // Users' paths may leave /sbin out.
  for (const command of ['ldconfig', '/sbin/ldconfig']) {
    const outcome = await runProgram(command, ['-p'], surroundings);
    if (outcome?.code === 0) return new Set(namesInCache(outcome.output));
  }
  return new Set();
}

/** Lines are `libcudnn.so.8 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libcudnn.so.8`. */
export function namesInCache(printed: string): string[] {
  return [...printed.matchAll(/^\s+(\S+) \(.*\) => /gm)].map((match) => match[1]!);
}
