/** Which TensorFlow is taken: the one that is named, or the one that fits the machine. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DiagnosticError } from '../../../spec/diagnostics/diagnostic.js';
import type { NvidiaDriver } from '../nvidia-driver.js';
import type { CudaLibrary } from './cuda-libraries.js';
import type { Gpu } from './gpus.js';

export type Named =
  | { readonly kind: 'stock' | 'pip' }
  /** With an absolute path. */
  | { readonly kind: 'wheel' | 'folder'; readonly path: string };

export interface Choice {
  readonly tensorflow: Named;
  /** Why, where nobody has named it. */
  readonly reason?: string | undefined;
}

/** `stock`, `pip`, or the path of a wheel or of a folder. Throws DiagnosticError cuda/tensorflow-files. */
export function namedTensorflow(text: string, workingFolder: string): Named {
  if (text === 'stock' || text === 'pip') return { kind: text };
  const path = resolve(workingFolder, text);
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry !== undefined) return { kind: entry.isDirectory() ? 'folder' : 'wheel', path };
  throw new DiagnosticError({
    code: 'cuda/tensorflow-files',
    severity: 'error',
    message: `There is no wheel or folder \`${text}\``,
    help:
      'Name a wheel (`pip download --no-deps tensorflow` brings one), a folder where TensorFlow is installed, `pip` or `stock`: ' +
      '`began-compile setup cuda --tensorflow pip`.',
  });
}

/** CUDA 11.2, which the stock TensorFlow 2.9.1 was built with, ends at Ampere. */
const NEWEST_OF_CUDA_11_2 = 8.6;

export interface MachineFindings {
  readonly driver?: NvidiaDriver | undefined;
  readonly gpus?: readonly Gpu[] | undefined;
  readonly libraries: ReadonlySet<CudaLibrary>;
}

/** Throws DiagnosticError cuda/no-driver. */
export function fittingTensorflow({ driver, gpus = [], libraries }: MachineFindings): Choice {
  if (driver === undefined) {
    throw new DiagnosticError({
      code: 'cuda/no-driver',
      severity: 'error',
      message: 'No NVIDIA driver is loaded, so nothing tells which TensorFlow fits',
      note: 'On a machine without a GPU, such as one that builds images for others, TensorFlow has to be named.',
      help:
        'Write `began-compile setup cuda --tensorflow pip` for a current TensorFlow with the libraries of CUDA 12, ' +
        '`--tensorflow stock` for TensorFlow 2.9.1, which needs CUDA 11 on the machine, or `--tensorflow FOLDER` for one that is installed.',
    });
  }
  const pip = { kind: 'pip' } as const;
  if (!libraries.has('CUDA 11') || !libraries.has('cuDNN 8')) {
    return {
      tensorflow: pip,
      reason: 'the libraries of CUDA 11 that the stock TensorFlow needs are not here',
    };
  }
  const newer = gpus.find(({ computeCapability = 0 }) => computeCapability > NEWEST_OF_CUDA_11_2);
  if (newer !== undefined) {
    return { tensorflow: pip, reason: `${newer.name} is newer than the stock TensorFlow` };
  }
  return { tensorflow: { kind: 'stock' }, reason: 'the libraries of CUDA 11 are here' };
}
