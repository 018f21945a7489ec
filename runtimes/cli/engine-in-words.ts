/** What runs a program, as outputs and records say it. */
import type { Engine, Executable } from '../engine.js';

/** `wasm relaxed-simd, 2 threads`; one thread is not worth a word. */
export function engineInWords(
  { name }: Pick<Engine, 'name'>,
  { threads = 1 }: Pick<Executable, 'threads'>,
): string {
  return threads === 1 ? name : `${name}, ${threads} threads`;
}
