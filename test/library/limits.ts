/** How far float32 may lie from the reference after 20 steps of a small system. */
import type { Limits } from '../parity/judge.js';

/**
 * Measured at most: traces 1.8e-6 of their largest value, or 3e-6 where they are differences of entropies; gradients
 * 2.5e-11 at the first step and 1e-9 at the last; changes 4e-9.
 *
 * Where the reference has 0, 0 is asked for. A bias in front of a norm has such a gradient, float32 its rounding, and Adam
 * makes a step of it: systems that are compared leave such biases out, as anybody should.
 */
export const FLOAT32: Limits = { trace: 5e-6, floor: 5e-6, first: 1e-9, last: 1e-8, change: 1e-7 };
