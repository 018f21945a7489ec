/** Pointwise and layout kernels. A call runs the tiles it is given as one range of the outermost dimension. */
import type { FillKernel, PointwiseKernel } from '../plan/kernel.js';
import { f32x4, i32 } from './assembler/expression.js';
import type { KernelFunction } from './kernel-function.js';
import { bodyAccesses, bodyAt, hoisted, innerRun, loopOver, Pointers, unrolling } from './loop-nest.js';
import { zeroRun } from './vector-access.js';

export function pointwise(k: KernelFunction, kernel: PointwiseKernel): void {
  const { f } = k;
  const { domain, body, tiles } = kernel;
  const pointers = new Pointers(f, (parameter) => k.parameter(parameter));
  for (const access of bodyAccesses(body)) pointers.add(access);
  if (domain.length > 1) {
    const outer = domain[0]!;
    const row = f.local('i32', k.share(k.tileBegin, outer, tiles));
    const end = f.local('i32', k.share(k.tileEnd, outer, tiles));
    pointers.advanceBy(row, (strides) => strides[0]!);
    const inner = domain.slice(1, -1).map((_, i) => i + 1);
    f.whileBelow(row, end, 1, () => {
      loopOver(f, [pointers], inner, domain, () => innerRun(f, body, pointers, domain.at(-1)!));
      const rewound = inner[0];
      pointers.advance(
        (strides) => strides[0]! - (rewound === undefined ? 0 : domain[rewound]! * strides[rewound]!),
      );
    });
    return;
  }
  // One run: tiles are whole groups of 16 elements, and the last one has the rest.
  const count = domain[0]!;
  if (tiles === 1) {
    innerRun(f, body, pointers, count);
    return;
  }
  const groups = Math.ceil(count / 16);
  const step = 4 * unrolling(body.instructions);
  const whole = count - (count % step);
  const element = f.local('i32', i32.multiply(k.share(k.tileBegin, groups, tiles), i32.constant(16)));
  const end = f.local('i32', i32.multiply(k.share(k.tileEnd, groups, tiles), i32.constant(16)));
  pointers.advanceBy(element, (strides) => strides[0]!);
  const fixed = hoisted(f, body.instructions, pointers);
  const isLast = f.local('i32', i32.greaterOrEqualUnsigned(end, i32.constant(count)));
  f.if(isLast, () => f.set(end, i32.constant(whole)));
  f.whileBelow(element, end, step, () => {
    for (let at = 0; at < step; at += 4) bodyAt(f, body, pointers, fixed, at, 4);
    pointers.advance((strides) => strides[0]! * step);
  });
  if (whole === count) return;
  f.if(isLast, () => {
    for (let at = whole; at < count; at += 4)
      bodyAt(f, body, pointers, fixed, at - whole, Math.min(4, count - at));
  });
}

export function fill(k: KernelFunction, kernel: FillKernel): void {
  const value = k.f.local('v128', f32x4.constant(kernel.value));
  zeroRun(k.f, k.parameter(0), kernel.elements, value);
}
