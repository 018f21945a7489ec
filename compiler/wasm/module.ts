/**
 * A program plan as one WebAssembly module. Every kernel that is shaped alike is one function; every launch is a
 * small function `(scratch, tileBegin, tileEnd)` with the places written in, and every graph an exported function that
 * calls its launches in order. Launches are exported too (`GRAPH#NUMBER`), for profiles and for threads that walk the
 * schedule by themselves.
 */
import type { Kernel, Launch } from '../plan/kernel.js';
import type { ProgramPlan } from '../plan/plan.js';
import { i32 } from './assembler/expression.js';
import { ModuleBuilder } from './assembler/module-builder.js';
import type { MemoryImport } from './assembler/module-builder.js';
import type { FunctionReference } from './assembler/function-builder.js';
import { convolution } from './convolution.js';
import { dot } from './dot.js';
import { filterGradient } from './filter-gradient.js';
import { argsort, gather, scatter } from './indexed.js';
import { KernelFunction, kernelSignature } from './kernel-function.js';
import type { Features } from './kernel-function.js';
import { fill, pointwise } from './pointwise.js';
import { reduction } from './reduction.js';
import { winogradConvolution } from './winograd-convolution.js';
import { winogradFilter } from './winograd-filter.js';
import { winogradFilterGradient } from './winograd-filter-gradient.js';

export const PAGE_BYTES = 65_536;

export interface WasmProgram {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Kernel functions after sharing, and launches. */
  readonly kernels: number;
  readonly launches: number;
}

export function emitKernel(k: KernelFunction, kernel: Kernel): void {
  switch (kernel.kind) {
    case 'pointwise':
    case 'layout':
      return pointwise(k, kernel);
    case 'fill':
      return fill(k, kernel);
    case 'reduction':
      return reduction(k, kernel);
    case 'convolution':
      return convolution(k, kernel);
    case 'filter_gradient':
      return filterGradient(k, kernel);
    case 'winograd':
      return winogradConvolution(k, kernel);
    case 'winograd_filter':
      return winogradFilter(k, kernel);
    case 'winograd_filter_gradient':
      return winogradFilterGradient(k, kernel);
    case 'dot':
      return dot(k, kernel);
    case 'gather':
      return gather(k, kernel);
    case 'scatter':
      return scatter(k, kernel);
    case 'argsort':
      return argsort(k, kernel);
    default:
      return kernel satisfies never;
  }
}

export interface EmitOptions extends Omit<MemoryImport, 'pages'>, Features {}

/** The module imports `host.memory` and `host.base`, the byte address at which the plan's memory begins. */
export function emitProgram(plan: ProgramPlan, { relaxed, ...memory }: EmitOptions = {}): WasmProgram {
  const module = new ModuleBuilder({
    ...memory,
    pages: Math.max(1, Math.ceil(plan.memory.plannedBytes / PAGE_BYTES)),
  });
  const kernels = new Map<string, FunctionReference>();
  const kernelFunction = (kernel: Kernel): FunctionReference => {
    const key = JSON.stringify(kernel, (_, value: unknown) =>
      // JSON knows no infinities and no NaN, and all are constants that may occur.
      typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
        ? Object.is(value, -0)
          ? '-0'
          : String(value)
        : value,
    );
    const known = kernels.get(key);
    if (known !== undefined) return known;
    const made = module.define(kernelSignature(kernel.parameters), (f) =>
      emitKernel(new KernelFunction(f, kernel.parameters, { relaxed }), kernel),
    );
    kernels.set(key, made);
    return made;
  };
  let launches = 0;
  for (const { plan: graph, offsets } of plan.graphs) {
    const steps = graph.launches.map((launch: Launch) => {
      const target = kernelFunction(launch.kernel);
      return module.define({ parameters: ['i32', 'i32', 'i32'], results: [] }, (f) => {
        const pointers = launch.places.map(({ buffer, offset }) =>
          i32.add(module.base, i32.constant(offsets.get(buffer)! + offset * 4)),
        );
        f.call(target, [...pointers, f.pointer(0), f.pointer(1), f.pointer(2)]);
      });
    });
    steps.forEach((step, i) => module.export(`${graph.name}#${i}`, step));
    launches += steps.length;
    const run = module.define({ parameters: [], results: [] }, (f) => {
      const scratch = i32.add(module.base, i32.constant(plan.scratchOffset));
      steps.forEach((step, i) =>
        f.call(step, [scratch, i32.constant(0), i32.constant(graph.launches[i]!.kernel.tiles)]),
      );
    });
    module.export(graph.name, run);
  }
  return { bytes: module.finish(), kernels: kernels.size, launches };
}
