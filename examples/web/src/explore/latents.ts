/** Arithmetic of latents: rows of `size` numbers, one behind the other. */

/** Row number `i`. */
export const row = (latents: Float32Array, i: number, size: number): Float32Array =>
  latents.slice(i * size, (i + 1) * size);

export const between = (from: Float32Array, to: Float32Array, t: number): Float32Array =>
  from.map((value, i) => (1 - t) * value + t * to[i]!);

/** `count` latents from one to the other, both included. */
export function path(from: Float32Array, to: Float32Array, count: number): Float32Array {
  const latents = new Float32Array(count * from.length);
  for (let i = 0; i < count; i++) latents.set(between(from, to, i / (count - 1)), i * from.length);
  return latents;
}
