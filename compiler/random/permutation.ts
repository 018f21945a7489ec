/** Random orders, from the words of a draw. */
import { fillBits } from './stream.js';
import type { DrawKey } from './stream.js';

/**
 * Fills `order` with a permutation of 0 .. N-1 (Fisher and Yates, from the end):
 *   p = 0 .. N-1;  for i = N-1 down to 1:  j = floor(word(i) * (i + 1) / 2^32),  swap p[i], p[j]
 */
export function fillPermutation(order: Uint32Array, key: DrawKey): void {
  const bits = new Uint32Array(order.length);
  fillBits(bits, key);
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor((bits[i]! * (i + 1)) / 2 ** 32);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
}
