/** Pointwise, layout and fill kernels: a thread for every place of the domain. */
import type { FillKernel, PointwiseKernel } from '../plan/kernel.js';
import { names, runBody, shader, threads, type Shader } from './shader.js';
import { f32, unravel } from './wgsl.js';

export function pointwise({ domain, body, parameters }: PointwiseKernel): Shader {
  const { lines, ...grid } = threads(domain.reduce((product, size) => product * size, 1));
  const indices = names('i', domain.length);
  return shader(parameters, {
    ...grid,
    body: [...lines, ...unravel('thread', domain, indices), ...runBody(body, indices)],
  });
}

export function fill({ elements, value, parameters }: FillKernel): Shader {
  const { lines, ...grid } = threads(elements);
  return shader(parameters, { ...grid, body: [...lines, `memory[p0 + thread] = ${f32(value)};`] });
}
