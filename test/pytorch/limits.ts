/** How far a run of PyTorch may lie from another of the same program. */
import { FLOAT32 as OWN } from '../library/limits.js';
import type { Limits } from '../parity/judge.js';

/** Both compute in float64 from the same float32 draws; what is compared is rounded to float32. */
export const FLOAT64: Limits = { trace: 1e-9, floor: 1e-9, first: 1e-13, last: 1e-13, change: 1e-13 };

/**
 * As of our own engines, but for gradients at the first step: one bias of a transposed convolution has a sum that nearly
 * cancels, and lies 1.3e-7 from the reference on wasm, 9.4e-8 from wasm in PyTorch.
 */
export const FLOAT32: Limits = { ...OWN, first: 2e-7 };
