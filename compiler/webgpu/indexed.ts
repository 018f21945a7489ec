/** Gather, scatter and argsort. An index that is no whole number in range means no row. */
import type { ArgsortKernel, GatherKernel, ScatterKernel } from '../plan/indexed-kernel.js';
import { kernelCode, threads, type KernelCode } from './shader.js';
import { u32 } from './wgsl.js';

export function gather({ rows, length, rowStride, indices, indexStride }: GatherKernel): KernelCode {
  const { groups, lines } = threads(indices * length);
  return kernelCode(
    3,
    [groups, 1, 1],
    [
      ...lines,
      `let row = thread / ${u32(length)};`,
      `let column = thread % ${u32(length)};`,
      `let index = memory[p1 + row * ${u32(indexStride)}];`,
      'var value = 0.0f;',
      `if (index >= 0.0f && index < ${rows}.0f && floor(index) == index) {`,
      `value = memory[p0 + u32(index) * ${u32(rowStride)} + column];`,
      '}',
      'memory[p2 + thread] = value;',
    ],
  );
}

export function scatter({ rows, length, rowStride, indices, indexStride }: ScatterKernel): KernelCode {
  const { groups, lines } = threads(rows * length);
  return kernelCode(
    3,
    [groups, 1, 1],
    [
      ...lines,
      `let row = f32(thread / ${u32(length)});`,
      `let column = thread % ${u32(length)};`,
      'var total = 0.0f;',
      `for (var i = 0u; i < ${u32(indices)}; i++) {`,
      `if (memory[p1 + i * ${u32(indexStride)}] == row) { total += memory[p0 + i * ${u32(rowStride)} + column]; }`,
      '}',
      'memory[p2 + thread] = total;',
    ],
  );
}

/** A thread for every element counts those that come before it, and writes its number at that place. */
export function argsort({ count, stride }: ArgsortKernel): KernelCode {
  const { groups, lines } = threads(count);
  return kernelCode(
    2,
    [groups, 1, 1],
    [
      ...lines,
      `let own = memory[p0 + thread * ${u32(stride)}];`,
      'let own_last = is_nan(own);',
      'var rank = 0u;',
      `for (var i = 0u; i < ${u32(count)}; i++) {`,
      `let other = memory[p0 + i * ${u32(stride)}];`,
      'let other_last = is_nan(other);',
      'let same = (own_last && other_last) || (!own_last && !other_last && other == own);',
      'let before = (!other_last && own_last) || (!other_last && !own_last && other < own);',
      'if (before || (same && i < thread)) { rank++; }',
      '}',
      'memory[p1 + rank] = f32(thread);',
    ],
  );
}
