/** The TensorFlow backend of TensorFlow.js, op by op: the eager cross-check of runtimes/cuda on the same addon. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { TfjsEngine } from '../tfjs/engine.js';

/**
 * Loads the whole package in `folder`, which registers its backend. TensorFlow.js keeps backends and kernels in one
 * place of the process, so its own copy of tfjs-core and ours are one. On a GPU operations return before they are done.
 */
export function createTfjsTensorflowEngine(
  folder: string,
  { onGpu = false }: { readonly onGpu?: boolean } = {},
): TfjsEngine {
  addRemovedTypeChecks();
  createRequire(import.meta.url)(join(folder, 'dist', 'index.js'));
  return new TfjsEngine('tensorflow', { asynchronous: onGpu });
}

/** The package calls two functions that Node 23 has taken out of `util`. */
function addRemovedTypeChecks(): void {
  const module = util as unknown as Record<string, unknown>;
  module['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined;
  module['isArray'] ??= Array.isArray;
}
