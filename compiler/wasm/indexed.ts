/**
 * gather, scatter and argsort. A number is the index of a row where it is whole and in range, so that what is out of
 * range, or NaN, never becomes an address. Rows are copied and added in vectors.
 */
import type { ArgsortKernel, GatherKernel, ScatterKernel } from '../plan/indexed-kernel.js';
import { f32, f32x4, i32 } from './assembler/expression.js';
import type { F32, I32 } from './assembler/expression.js';
import type { FunctionBuilder, Local } from './assembler/function-builder.js';
import type { KernelFunction } from './kernel-function.js';
import { loadLanes, storeLanes, zeroRun } from './vector-access.js';

/** Longer rows are a loop of this many elements per round. */
const ROUND = 16;

export function gather(k: KernelFunction, kernel: GatherKernel): void {
  const { f } = k;
  const { rows, length, rowStride, indices, indexStride, tiles } = kernel;
  const row = f.local('i32', k.share(k.tileBegin, indices, tiles));
  const end = f.local('i32', k.share(k.tileEnd, indices, tiles));
  const index = f.local('i32', beyond(k.parameter(1), row, indexStride));
  const target = f.local('i32', beyond(k.parameter(2), row, length));
  const zero = f.local('v128', f32x4.constant(0));
  f.whileBelow(row, end, 1, () => {
    const { chosen, isWhole } = rowOf(f, index);
    f.if(
      i32.and(i32.lessUnsigned(chosen, i32.constant(rows)), isWhole),
      () => {
        const source = f.local('i32', beyond(k.parameter(0), chosen, rowStride));
        alongRow(f, [source, target], length, ([from, to], elements, lanes) =>
          storeLanes(f, to!, elements * 4, 1, lanes, loadLanes(from!, elements * 4, 1, lanes)),
        );
      },
      () => zeroRun(f, target, length, zero),
    );
    f.advance(index, indexStride * 4);
    f.advance(target, length * 4);
  });
}

export function scatter(k: KernelFunction, kernel: ScatterKernel): void {
  const { f } = k;
  const { rows, length, rowStride, indices, indexStride, tiles } = kernel;
  const begin = f.local('i32', k.share(k.tileBegin, rows, tiles));
  const end = f.local('i32', k.share(k.tileEnd, rows, tiles));
  const count = f.local('i32', i32.subtract(end, begin));
  const zero = f.local('v128', f32x4.constant(0));
  const cleared = f.local('i32', begin);
  const target = f.local('i32', beyond(k.parameter(2), begin, length));
  f.whileBelow(cleared, end, 1, () => {
    zeroRun(f, target, length, zero);
    f.advance(target, length * 4);
  });
  const index = f.local('i32', k.parameter(1));
  const source = f.local('i32', k.parameter(0));
  f.repeat(indices, () => {
    const { chosen, isWhole } = rowOf(f, index);
    f.if(i32.and(i32.lessUnsigned(i32.subtract(chosen, begin), count), isWhole), () => {
      f.set(target, beyond(k.parameter(2), chosen, length));
      alongRow(f, [source, target], length, ([from, to], elements, lanes) => {
        const at = elements * 4;
        const sum = f32x4.add(loadLanes(to!, at, 1, lanes), loadLanes(from!, at, 1, lanes));
        storeLanes(f, to!, at, 1, lanes, sum);
      });
    });
    f.advance(index, indexStride * 4);
    f.advance(source, rowStride * 4);
  });
}

/**
 * A merge sort of indices from the bottom up, from the result to scratch memory and back; the last round ends in the
 * result.
 */
export function argsort(k: KernelFunction, kernel: ArgsortKernel): void {
  const { f } = k;
  const { count, stride } = kernel;
  const rounds = Math.ceil(Math.log2(count));
  const [x, result] = [k.parameter(0), k.parameter(1)];
  const from = f.local('i32', rounds % 2 === 0 ? result : k.scratch);
  const to = f.local('i32', rounds % 2 === 0 ? k.scratch : result);
  const end = i32.constant(count);

  const place = f.local('i32', i32.constant(0));
  f.whileBelow(place, end, 1, () => f.storeFloat(beyond(from, place, 1), f32.convertI32(place)));

  const valueAt = (position: I32): F32 =>
    f32.load(beyond(x, i32.truncateSaturated(f32.load(beyond(from, position, 1))), stride));
  const width = f.local('i32', i32.constant(1));
  f.repeat(rounds, () => {
    const at = f.local('i32', i32.constant(0));
    f.whileBelow(at, end, 0, () => {
      const left = f.local('i32', at);
      const middle = f.local('i32', i32.add(left, width));
      atMost(f, middle, count);
      const right = f.local('i32', middle);
      const last = f.local('i32', i32.add(middle, width));
      atMost(f, last, count);
      f.whileBelow(at, last, 1, () => {
        const takesRight = f.local('i32', i32.lessUnsigned(right, last));
        f.if(i32.and(takesRight, i32.lessUnsigned(left, middle)), () => {
          const [a, b] = [f.local('f32', valueAt(left)), f.local('f32', valueAt(right))];
          const isNumberBeforeNaN = i32.and(f32.notEqual(a, a), f32.equal(b, b));
          f.set(takesRight, i32.or(f32.less(b, a), isNumberBeforeNaN));
        });
        const take = (position: Local<'i32'>): void => {
          f.storeFloat(beyond(to, at, 1), f32.load(beyond(from, position, 1)));
          f.advance(position, 1);
        };
        f.if(
          takesRight,
          () => take(right),
          () => take(left),
        );
      });
    });
    const sorted = f.local('i32', to);
    f.set(to, from);
    f.set(from, sorted);
    f.set(width, i32.add(width, width));
  });
}

/** The number at `address` cut to a whole one, and whether it was one. */
function rowOf(f: FunctionBuilder, address: I32): { chosen: Local<'i32'>; isWhole: I32 } {
  const number = f.local('f32', f32.load(address));
  const chosen = f.local('i32', i32.truncateSaturated(number));
  return { chosen, isWhole: f32.equal(f32.convertI32(chosen), number) };
}

/** `count` times `elements` after `address`. */
function beyond(address: I32, count: I32, elements: number): I32 {
  return i32.add(address, i32.multiply(count, i32.constant(elements * 4)));
}

function atMost(f: FunctionBuilder, local: Local<'i32'>, limit: number): void {
  f.if(i32.greaterOrEqualUnsigned(local, i32.constant(limit)), () => f.set(local, i32.constant(limit)));
}

/** `step` at every four of `length` neighbouring elements; the pointers are left as they were. */
function alongRow(
  f: FunctionBuilder,
  pointers: readonly Local<'i32'>[],
  length: number,
  step: (pointers: readonly Local<'i32'>[], elements: number, lanes: number) => void,
): void {
  const rounds = length > 2 * ROUND ? Math.floor(length / ROUND) : 0;
  const moving = rounds === 0 ? pointers : pointers.map((pointer) => f.local('i32', pointer));
  f.repeat(rounds, () => {
    for (let at = 0; at < ROUND; at += 4) step(moving, at, 4);
    for (const pointer of moving) f.advance(pointer, ROUND * 4);
  });
  const left = length - rounds * ROUND;
  for (let at = 0; at < left; at += 4) step(moving, at, Math.min(4, left - at));
}
