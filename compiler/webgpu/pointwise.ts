/** Pointwise, layout and fill kernels: a thread for every place of the domain. */
import { elementCount } from '../ops/shape-checks.js';
import type { FillKernel, PointwiseKernel } from '../plan/kernel.js';
import { GROUP, kernelCode, names, runBody, threads, type KernelCode } from './shader.js';
import { f32, unravel } from './wgsl.js';

export function pointwise({ domain, body, parameters }: PointwiseKernel): KernelCode {
  const [count] = domain;
  // Of one dimension, the length is all that differs: the updates of all parameters are one function.
  if (domain.length === 1) return counted(parameters, count!, runBody(body, ['thread']));
  const { groups, lines } = threads(elementCount(domain));
  const indices = names('i', domain.length);
  return kernelCode(
    parameters,
    [groups, 1, 1],
    [...lines, ...unravel('thread', domain, indices), ...runBody(body, indices)],
  );
}

export const fill = ({ elements, value, parameters }: FillKernel): KernelCode =>
  counted(parameters, elements, [`memory[p0 + thread] = ${f32(value)};`]);

function counted(parameters: number, count: number, body: readonly string[]): KernelCode {
  const lines = ['let thread = id.x;', 'if (thread >= n0) { return; }', ...body];
  return kernelCode(parameters, [Math.ceil(count / GROUP), 1, 1], lines, [count]);
}
