/** Relaxed SIMD under Node 20, which has it behind a flag; later ones have it as it is. */
import { setFlagsFromString } from 'node:v8';
import { hasWasmFeature } from '../wasm/features.js';

/** Call before anything is compiled. Does nothing where there is relaxed SIMD, or no such flag. */
export function enableRelaxedSimd(): void {
  // Other versions would complain about a flag that they do not know.
  if (process.versions.node.startsWith('20.') && !hasWasmFeature('relaxed SIMD'))
    setFlagsFromString('--experimental-wasm-relaxed-simd');
}
