/** How far this machine is on the way to CUDA. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { LoadedTensorflow, NativeBinding } from './native-binding.js';
import { addonPath, packageFolders } from './package-folders.js';

/** `Binding` is what the addon is to whom it was loaded for: all of it, or what a fresh process tells of it. */
export type CudaState<Binding extends LoadedTensorflow = NativeBinding> =
  /** npm has not installed the package, or has taken it away again because its download failed. */
  | { readonly kind: 'package-missing' }
  /** The package is there, its native addon is not. */
  | { readonly kind: 'addon-missing'; readonly folder: string }
  /** The addon is there and cannot be loaded; the loader says why. */
  | { readonly kind: 'library-missing'; readonly folder: string; readonly reason: string }
  /** TensorFlow runs and sees no GPU. */
  | { readonly kind: 'cpu-only'; readonly folder: string; readonly binding: Binding }
  | { readonly kind: 'cuda'; readonly folder: string; readonly binding: Binding };

export interface Machine<Binding extends LoadedTensorflow = NativeBinding> {
  /** Folders of the package, the preferred one first. */
  readonly folders: readonly string[];
  readonly exists: (path: string) => boolean;
  /** Loads a native addon; throws what the loader throws. */
  readonly load: (addon: string) => Binding;
}

export function thisMachine(workingFolder: string): Machine {
  return {
    folders: packageFolders(workingFolder, process.env),
    exists: existsSync,
    load: (addon) => createRequire(import.meta.url)(addon) as NativeBinding,
  };
}

/**
 * Loads TensorFlow where it can be loaded, which reads the environment once and for all (see environment.ts). Of several
 * folders the first with an addon counts.
 */
export function detectCuda<Binding extends LoadedTensorflow>({
  folders,
  exists,
  load,
}: Machine<Binding>): CudaState<Binding> {
  const folder = folders.find((candidate) => exists(addonPath(candidate)));
  if (folder === undefined) {
    const [first] = folders;
    return first === undefined ? { kind: 'package-missing' } : { kind: 'addon-missing', folder: first };
  }
  let binding: Binding;
  try {
    binding = load(addonPath(folder));
  } catch (error) {
    return {
      kind: 'library-missing',
      folder,
      reason: error instanceof Error ? error.message : String(error),
    };
  }
  return { kind: binding.isUsingGpuDevice() ? 'cuda' : 'cpu-only', folder, binding };
}
