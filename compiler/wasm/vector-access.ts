/** Loading and storing up to four neighbours along a kernel's innermost dimension, whatever their stride. */
import { i32, v128 } from './assembler/expression.js';
import type { I32, V128 } from './assembler/expression.js';
import type { FunctionBuilder } from './assembler/function-builder.js';

/** An address with a byte distance of either sign; immediates are unsigned, so what is negative is added. */
function at(address: I32, distance: number): { address: I32; offset: number } {
  return distance >= 0
    ? { address, offset: distance }
    : { address: i32.add(address, i32.constant(distance)), offset: 0 };
}

/** The first `lanes` lanes hold elements 0, stride, 2 stride, ... after `distance` bytes; the others hold anything. */
export function loadLanes(pointer: I32, distance: number, stride: number, lanes: number): V128 {
  const { address, offset } = at(pointer, distance);
  if (stride === 0) return v128.load32Splat(address, offset);
  if (stride === 1) {
    if (lanes === 4) return v128.load(address, offset);
    if (lanes === 1) return v128.load32Zero(address, offset);
    const low = v128.load64Zero(address, offset);
    return lanes === 2 ? low : v128.load32Lane(address, low, 2, offset + 8);
  }
  let vector = v128.load32Zero(address, offset);
  for (let lane = 1; lane < lanes; lane++) {
    const element = at(pointer, distance + lane * stride * 4);
    vector = v128.load32Lane(element.address, vector, lane, element.offset);
  }
  return vector;
}

export function storeLanes(
  f: FunctionBuilder,
  pointer: I32,
  distance: number,
  stride: number,
  lanes: number,
  value: V128,
): void {
  const { address, offset } = at(pointer, distance);
  if (stride === 1 && lanes === 4) {
    f.storeVector(address, value, offset);
    return;
  }
  const kept = f.local('v128', value);
  if (stride === 1 && lanes > 1) {
    f.storeLowHalf(address, kept, offset);
    if (lanes === 3) f.storeLane(address, kept, 2, offset + 8);
    return;
  }
  for (let lane = 0; lane < lanes; lane++) {
    const element = at(pointer, distance + lane * stride * 4);
    f.storeLane(element.address, kept, lane, element.offset);
  }
}

/** Zeros at `elements` neighbouring places from the pointer on. The pointer is left as it was. */
export function zeroRun(f: FunctionBuilder, pointer: I32, elements: number, zero: V128): void {
  const vectors = Math.floor(elements / 4);
  const rest = elements % 4;
  if (vectors <= 8) {
    for (let vector = 0; vector < vectors; vector++) f.storeVector(pointer, zero, vector * 16);
    if (rest > 0) storeLanes(f, pointer, vectors * 16, 1, rest, zero);
    return;
  }
  const moving = f.local('i32', pointer);
  f.repeat(Math.floor(vectors / 4), () => {
    for (let vector = 0; vector < 4; vector++) f.storeVector(moving, zero, vector * 16);
    f.advance(moving, 64);
  });
  for (let vector = 0; vector < vectors % 4; vector++) f.storeVector(moving, zero, vector * 16);
  if (rest > 0) storeLanes(f, moving, (vectors % 4) * 16, 1, rest, zero);
}
