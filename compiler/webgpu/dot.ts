/** Matrix products. */
import type { DotKernel } from '../plan/kernel.js';
import type { Contraction } from './contraction.js';
import { contractions } from './contractions.js';
import type { Profile } from './profile.js';
import { kernelCode, runBody, type KernelCode } from './shader.js';
import { offset, u32 } from './wgsl.js';

export function dot(kernel: DotKernel, profile: Profile): KernelCode {
  const { m, n, k, left, right, epilogue, parameters } = kernel;
  const contraction: Contraction = {
    rows: m,
    columns: n,
    depth: [{ name: 'k', from: '0u', to: u32(k), size: k }],
    leftAlongDepth: left[1] === 1,
    row: (s) => [`let left_row${s} = p0 + ${offset([`row${s}`], [left[0]])};`],
    column: (s) => [`let right_column${s} = p1 + column${s};`],
    left: (s) => `memory[left_row${s} + ${offset(['k'], [left[1]])}]`,
    right: (s) => `memory[right_column${s} + ${offset(['k'], [right])}]`,
    finish: runBody(epilogue, ['row', 'column'], { result: 'total', prefix: 'e' }),
  };
  const { groups, bodies } = contractions([contraction], k, 1, profile);
  return kernelCode(parameters, [groups, 1, 1], bodies[0]!);
}
