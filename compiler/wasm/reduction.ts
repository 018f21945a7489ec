/**
 * Reductions. Where the innermost dimension is kept, vectors run along it and each keeps its own sums, up to four
 * side by side; where it is reduced, four vectors of partial sums are joined at the end. The order of additions
 * depends on the shape alone.
 */
import type { ReductionKernel } from '../plan/kernel.js';
import { f32x4, i32x4, v128 } from './assembler/expression.js';
import type { V128 } from './assembler/expression.js';
import type { FunctionBuilder, Local } from './assembler/function-builder.js';
import type { KernelFunction } from './kernel-function.js';
import {
  bodyAccesses,
  bodyAt,
  evaluate,
  hoisted,
  laneLoader,
  loadAccesses,
  loopOver,
  Pointers,
} from './loop-nest.js';

const IDENTITY = { sum: 0, max: -Infinity } as const;
const COMBINE = { sum: f32x4.add, max: f32x4.maximum } as const;

export function reduction(k: KernelFunction, kernel: ReductionKernel): void {
  const { f } = k;
  const { domain, reduced, tiles, prologue, epilogue } = kernel;
  const sources = new Pointers(f, (parameter) => k.parameter(parameter));
  for (const access of loadAccesses(prologue.instructions)) sources.add(access);
  const results = new Pointers(f, (parameter) => k.parameter(parameter));
  for (const access of bodyAccesses(epilogue)) results.add(access);

  const last = domain.length - 1;
  const reducedDimensions = domain.flatMap((_, i) => (reduced[i] === true && i !== last ? [i] : []));
  const keptDimensions = domain.flatMap((_, i) => (reduced[i] !== true && i !== last ? [i] : []));
  const place = (): void => {
    if (reduced[last] === true) sumAlong(f, kernel, sources, results, reducedDimensions);
    else sumsBeside(f, kernel, sources, results, reducedDimensions);
  };
  if (keptDimensions[0] !== 0 || tiles === 1) {
    loopOver(f, [sources, results], keptDimensions, domain, place);
    return;
  }
  const row = f.local('i32', k.share(k.tileBegin, domain[0]!, tiles));
  const end = f.local('i32', k.share(k.tileEnd, domain[0]!, tiles));
  for (const set of [sources, results]) set.advanceBy(row, (strides) => strides[0]!);
  const inner = keptDimensions.slice(1);
  f.whileBelow(row, end, 1, () => {
    loopOver(f, [sources, results], inner, domain, place);
    const rewound = inner[0];
    for (const set of [sources, results])
      set.advance(
        (strides) => strides[0]! - (rewound === undefined ? 0 : domain[rewound]! * strides[rewound]!),
      );
  });
}

/** The innermost dimension is kept. */
function sumsBeside(
  f: FunctionBuilder,
  kernel: ReductionKernel,
  sources: Pointers,
  results: Pointers,
  reducedDimensions: readonly number[],
): void {
  const { domain, prologue, epilogue, combine } = kernel;
  const count = domain.at(-1)!;
  const block = (from: Pointers, to: Pointers, elements: number, width: number): void => {
    const vectors = Math.ceil(width / 4);
    const sums = Array.from({ length: vectors }, () => f.local('v128', f32x4.constant(IDENTITY[combine])));
    const moving = from.copy();
    const lanes = (vector: number): number => Math.min(4, width - vector * 4);
    loopOver(f, [moving], reducedDimensions, domain, () => {
      sums.forEach((sum, vector) => {
        const load = laneLoader(moving, new Map(), elements + vector * 4, lanes(vector));
        const value = evaluate(f, prologue.instructions, load)[prologue.value]!.value;
        f.set(sum, COMBINE[combine](sum, value));
      });
    });
    sums.forEach((sum, vector) =>
      bodyAt(f, epilogue, to, new Map(), elements + vector * 4, lanes(vector), sum),
    );
  };
  const rounds = Math.floor(count / 16);
  if (rounds <= 1) {
    for (let at = 0; at < count; at += 16) block(sources, results, at, Math.min(16, count - at));
    return;
  }
  const from = sources.copy();
  const to = results.copy();
  f.repeat(rounds, () => {
    block(from, to, 0, 16);
    for (const set of [from, to]) set.advance((strides) => strides.at(-1)! * 16);
  });
  if (count % 16 > 0) block(from, to, 0, count % 16);
}

/** The innermost dimension is reduced. */
function sumAlong(
  f: FunctionBuilder,
  kernel: ReductionKernel,
  sources: Pointers,
  results: Pointers,
  reducedDimensions: readonly number[],
): void {
  const { domain, prologue, epilogue, combine } = kernel;
  const count = domain.at(-1)!;
  const join = COMBINE[combine];
  const identity = f32x4.constant(IDENTITY[combine]);
  const width = Math.max(1, Math.min(4, Math.floor(count / 4)));
  const sums = Array.from({ length: width }, () => f.local('v128', identity));
  const outer = sources.copy();
  loopOver(f, [outer], reducedDimensions, domain, () => {
    const fixed = hoisted(f, prologue.instructions, outer);
    const add = (from: Pointers, sum: Local<'v128'>, elements: number, lanes: number): void => {
      const load = laneLoader(from, fixed, elements, lanes);
      const value = evaluate(f, prologue.instructions, load)[prologue.value]!.value;
      f.set(sum, join(sum, lanes === 4 ? value : v128.select(value, identity, laneMask(lanes))));
    };
    const rounds = Math.floor(count / (4 * width));
    let from = outer;
    let done = 0;
    if (rounds > 1) {
      from = outer.copy();
      f.repeat(rounds, () => {
        sums.forEach((sum, vector) => add(from, sum, vector * 4, 4));
        from.advance((strides) => strides.at(-1)! * 4 * width);
      });
      done = rounds * 4 * width;
    }
    const left = count - done;
    for (let at = 0; at < left; at += 4) add(from, sums[(at / 4) % width]!, at, Math.min(4, left - at));
  });
  const [first, ...others] = sums;
  for (const other of others) f.set(first!, join(first!, other));
  f.set(first!, join(first!, v128.shuffle32(first!, first!, [2, 3, 0, 1])));
  f.set(first!, join(first!, v128.shuffle32(first!, first!, [1, 0, 3, 2])));
  bodyAt(f, epilogue, results, new Map(), 0, 1, first);
}

/** All bits of the first `lanes` lanes. */
function laneMask(lanes: number): V128 {
  return i32x4.lanes([-1, lanes > 1 ? -1 : 0, lanes > 2 ? -1 : 0, lanes > 3 ? -1 : 0]);
}
