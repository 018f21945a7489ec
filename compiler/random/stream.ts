/**
 * The random numbers of a run, as plain mathematics. Everything is a function of (seed, site, execution, index), so
 * that every engine, and a re-implementation in another language, draws the same numbers.
 *
 * Let T(key, counter) be Threefry-2x32 with 20 rounds, both arguments and the result pairs of 32-bit words.
 *
 *   seedWords  = (seed mod 2^32, floor(seed / 2^32))                 seed an integer of 0 .. 2^53 - 1
 *   site       = FNV-1a, 32 bits, of the UTF-8 bytes of the site name
 *   key        = T(seedWords, (site, execution))
 *   block(j)   = T(key, (j mod 2^32, floor(j / 2^32)))               j = 0, 1, 2, ...
 *   word(i)    = block(floor(i / 2))[i mod 2]                        element i of a draw of raw bits
 *   unit(w)    = floor(w / 2^8) * 2^-24                              in [0, 1)
 *
 *   uniform(low, high), element i:      f32(low + unit(word(i)) * (high - low))
 *   normal(mean, deviation), elements 2j and 2j + 1 (Box-Muller):
 *       (a, b) = block(j),  u1 = (floor(a / 2^8) + 1) * 2^-24  in (0, 1],  u2 = unit(b)
 *       r = sqrt(-2 ln u1)
 *       f32(mean + deviation * r cos(2 pi u2)),  f32(mean + deviation * r sin(2 pi u2))
 *     A draw of odd length leaves the last sine out.
 *   truncated normal(deviation), element i:
 *       for attempt t = 0, 1, 2, ...:  (a, b) = T(key, (i, t)),  n = r cos(2 pi u2) with r, u2 as above
 *       the first n with |n| <= 2 gives  f32(deviation * n)
 *   categorical(classes), element i:    floor(unit(word(i)) * classes)
 *   bernoulli(p), element i:            1 where unit(word(i)) < p, else 0
 *
 * All arithmetic is float64 and rounded to float32 once, at the end. Bits and uniforms are equal everywhere; normals
 * are equal up to the last bits of the platform's ln, cos and sin.
 */
import { threefry2x32, threefry2x32Into } from './threefry.js';
import type { WordPair } from './threefry.js';

const TWO_TO_32 = 2 ** 32;
const TWO_TO_MINUS_24 = 2 ** -24;

/** The key of one draw: of a site at one execution. */
export type DrawKey = WordPair;

/** FNV-1a over the UTF-8 bytes of `text`, 32 bits. Source: the FNV specification (draft-eastlake-fnv). */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/**
 * The key of a draw. `seed` is an integer of 0 .. 2^53 - 1, `execution` counts from 0 and stays below 2^32.
 * Throws RangeError otherwise.
 */
export function drawKey(seed: number, site: string, execution: number): DrawKey {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`a seed is an integer of 0 to 2^53 - 1, not ${seed}`);
  }
  if (!Number.isInteger(execution) || execution < 0 || execution >= TWO_TO_32) {
    throw new RangeError(`an execution count is an integer of 0 to 2^32 - 1, not ${execution}`);
  }
  const seedWords: WordPair = [seed % TWO_TO_32, Math.floor(seed / TWO_TO_32)];
  return threefry2x32(seedWords, [fnv1a32(site), execution]);
}

const scratch = new Uint32Array(2);

function blockIntoScratch(key: DrawKey, block: number): void {
  threefry2x32Into(scratch, 0, key[0], key[1], block % TWO_TO_32, Math.floor(block / TWO_TO_32));
}

/** word(index): element `index` of a draw of raw bits. */
export function word(key: DrawKey, index: number): number {
  blockIntoScratch(key, Math.floor(index / 2));
  return scratch[index % 2]!;
}

/** Fills `out` with word(0), word(1), ... */
export function fillBits(out: Uint32Array, key: DrawKey): void {
  for (let i = 0; i < out.length; i += 2) {
    blockIntoScratch(key, i / 2);
    out[i] = scratch[0]!;
    if (i + 1 < out.length) out[i + 1] = scratch[1]!;
  }
}

/** Fills `out` with uniforms of [low, high); rounding to float32 may reach `high`. */
export function fillUniform(out: Float32Array, key: DrawKey, low: number, high: number): void {
  const scale = high - low;
  for (let i = 0; i < out.length; i += 2) {
    blockIntoScratch(key, i / 2);
    out[i] = low + (scratch[0]! >>> 8) * TWO_TO_MINUS_24 * scale;
    if (i + 1 < out.length) out[i + 1] = low + (scratch[1]! >>> 8) * TWO_TO_MINUS_24 * scale;
  }
}

/** Fills `out` with normals. */
export function fillNormal(out: Float32Array, key: DrawKey, mean: number, deviation: number): void {
  for (let i = 0; i < out.length; i += 2) {
    blockIntoScratch(key, i / 2);
    const radius = radiusOf(scratch[0]!);
    const angle = angleOf(scratch[1]!);
    out[i] = mean + deviation * radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = mean + deviation * radius * Math.sin(angle);
  }
}

/** Fills `out` with normals of mean 0 that never lie beyond two deviations. */
export function fillTruncatedNormal(out: Float32Array, key: DrawKey, deviation: number): void {
  for (let i = 0; i < out.length; i++) out[i] = deviation * truncatedStandardNormal(key, i);
}

/** Fills `out` with whole numbers of 0 .. classes - 1, all equally likely. Throws RangeError where `classes` is none. */
export function fillCategorical(out: Float32Array, key: DrawKey, classes: number): void {
  if (!Number.isInteger(classes) || classes < 1 || classes > 2 ** 24) {
    throw new RangeError(`a number of classes is an integer of 1 to 2^24, not ${classes}`);
  }
  fillUniform(out, key, 0, 1);
  for (let i = 0; i < out.length; i++) out[i] = Math.floor(out[i]! * classes);
}

/** Fills `out` with 1 (with probability `p`) and 0. Throws RangeError where `p` is no probability. */
export function fillBernoulli(out: Float32Array, key: DrawKey, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability lies between 0 and 1, and not at ${p}`);
  fillUniform(out, key, 0, 1);
  for (let i = 0; i < out.length; i++) out[i] = out[i]! < p ? 1 : 0;
}

function truncatedStandardNormal(key: DrawKey, index: number): number {
  // One attempt in 22 is redrawn, so this ends: 64 attempts in a row fail with probability 10^-85.
  for (let attempt = 0; ; attempt++) {
    threefry2x32Into(scratch, 0, key[0], key[1], index, attempt);
    const value = radiusOf(scratch[0]!) * Math.cos(angleOf(scratch[1]!));
    if (Math.abs(value) <= 2) return value;
  }
}

function radiusOf(bits: number): number {
  return Math.sqrt(-2 * Math.log(((bits >>> 8) + 1) * TWO_TO_MINUS_24));
}

function angleOf(bits: number): number {
  return 2 * Math.PI * ((bits >>> 8) * TWO_TO_MINUS_24);
}
