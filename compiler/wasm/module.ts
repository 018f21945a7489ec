/**
 * A program plan as one WebAssembly module. Every kernel that is shaped alike is one function; every launch is a
 * small function `(scratch, tileBegin, tileEnd)` with the places written in, and every graph an exported function that
 * calls its launches in order, or stage by stage where threads share them. Launches are exported too (`GRAPH#NUMBER`),
 * for profiles.
 */
import type { Kernel, Launch } from '../plan/kernel.js';
import type { ProgramPlan } from '../plan/plan.js';
import type { Stage } from '../plan/stages.js';
import { i32 } from './assembler/expression.js';
import type { I32 } from './assembler/expression.js';
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
import { ThreadControl, threadedBytes } from './thread-control.js';
import type { StageWriter } from './thread-control.js';
import { winogradConvolution } from './winograd-convolution.js';
import { winogradFilter } from './winograd-filter.js';
import { winogradFilterGradient } from './winograd-filter-gradient.js';

const PAGE_BYTES = 65_536;

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

export interface EmitOptions extends Omit<MemoryImport, 'pages'>, Features {
  /** By graph, for a module that several threads run; a graph is there for the calling thread alone too. */
  readonly stages?: StagesOfGraphs | undefined;
}

/** Ends the name under which the stages of a graph are exported; the name alone is the graph on the calling thread. */
export const TOGETHER = '#together';

/** The stages of graphs, and the number of threads they are for. */
export interface StagesOfGraphs {
  readonly threads: number;
  /** More threads than cores: who waits gives its core away at once. */
  readonly crowded?: boolean | undefined;
  readonly of: ReadonlyMap<string, readonly Stage[]>;
}

/** The module imports `host.memory` and `host.base`, the byte address at which the plan's memory begins. */
export function emitProgram(plan: ProgramPlan, options: EmitOptions = {}): WasmProgram {
  const { relaxed, stages, ...memory } = options;
  const bytes = stages === undefined ? plan.memory.plannedBytes : threadedBytes(plan, stages.threads);
  const module = new ModuleBuilder({ ...memory, pages: Math.max(1, Math.ceil(bytes / PAGE_BYTES)) });
  const control = stages && new ThreadControl(module, plan, stages);
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
    const scratch = i32.add(module.base, i32.constant(plan.scratchOffset));
    const tilesOf = (launch: number): number => graph.launches[launch]!.kernel.tiles;
    const staged = stages?.of.get(graph.name);
    if (control !== undefined && staged !== undefined) {
      const writers = staged.map((stage): StageWriter => {
        return (f, thread) => {
          const own = i32.add(scratch, i32.multiply(thread, i32.constant(plan.scratchStride)));
          for (const share of stage) {
            const { launch, by } = share;
            const tiles = tilesOf(launch);
            const call = (begin: I32, end: I32): void => f.call(steps[launch]!, [own, begin, end]);
            if (by === 'all') control.share(f, thread, { launch, tiles, piece: share.piece }, call);
            else f.if(i32.equal(thread, i32.constant(by)), () => call(i32.constant(0), i32.constant(tiles)));
          }
        };
      });
      control.addGraph(`${graph.name}${TOGETHER}`, writers);
    }
    const run = module.define({ parameters: [], results: [] }, (f) => {
      steps.forEach((step, i) => f.call(step, [scratch, i32.constant(0), i32.constant(tilesOf(i))]));
    });
    module.export(graph.name, run);
  }
  control?.addServe();
  return { bytes: module.finish(), kernels: kernels.size, launches };
}
