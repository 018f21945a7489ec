/**
 * A program plan as WGSL: shaders, and for every graph the list of its dispatches. Plain data, so that it can be written to
 * an artifact.
 */
import type { Kernel } from '../plan/kernel.js';
import type { ProgramPlan } from '../plan/plan.js';
import { wavesOf } from '../plan/waves.js';
import { convolution } from './convolution.js';
import { dot } from './dot.js';
import { filterGradient } from './filter-gradient.js';
import { argsort, gather, scatter } from './indexed.js';
import { TABLE_ENTRIES, tableEntries, waveModule, type WaveLaunch } from './module.js';
import { fill, pointwise } from './pointwise.js';
import type { Profile } from './profile.js';
import { reduction } from './reduction.js';
import type { KernelCode } from './shader.js';

export interface Dispatch {
  /** Of the program's shaders. */
  readonly shader: number;
  readonly groups: readonly [number, number, number];
  /** The uniform of the shader; see module.ts. */
  readonly table: readonly number[];
  /** What it computes, launch by launch. */
  readonly names: readonly string[];
}

export interface WebgpuProgram {
  /** WGSL modules, each with the entry point `main`. */
  readonly shaders: readonly string[];
  readonly graphs: ReadonlyMap<string, readonly Dispatch[]>;
}

export function emitKernel(kernel: Kernel, profile: Profile): KernelCode {
  switch (kernel.kind) {
    case 'pointwise':
    case 'layout':
      return pointwise(kernel);
    case 'fill':
      return fill(kernel);
    case 'reduction':
      return reduction(kernel);
    case 'convolution':
      return convolution(kernel, profile);
    case 'filter_gradient':
      return filterGradient(kernel, profile);
    case 'dot':
      return dot(kernel, profile);
    case 'gather':
      return gather(kernel);
    case 'scatter':
      return scatter(kernel);
    case 'argsort':
      return argsort(kernel);
    case 'winograd':
    case 'winograd_filter':
    case 'winograd_filter_gradient':
      throw new Error(`internal: no shader for ${kernel.kind}: plans for WebGPU are made without it`);
    default:
      return kernel satisfies never;
  }
}

export function emitProgram(plan: ProgramPlan, profile: Profile): WebgpuProgram {
  const shaders: string[] = [];
  const known = new Map<string, number>();
  const numberOf = (code: string): number => {
    const number = known.get(code) ?? shaders.push(code) - 1;
    known.set(code, number);
    return number;
  };
  const graphs = new Map<string, readonly Dispatch[]>();
  for (const placed of plan.graphs) {
    const dispatches = wavesOf(placed).flatMap((wave) => {
      const launches = wave.map((launch) => ({
        code: emitKernel(launch.kernel, profile),
        places: launch.places.map(({ buffer, offset }) => placed.offsets.get(buffer)! / 4 + offset),
        name: launch.name,
      }));
      const parts = profile.joinsWaves ? inTables(launches) : launches.map((launch) => [launch]);
      return parts.map((part): Dispatch => {
        const { code, groups, table } = waveModule(part);
        return { shader: numberOf(code), groups, table, names: part.map(({ name }) => name) };
      });
    });
    graphs.set(placed.plan.name, dispatches);
  }
  return { shaders, graphs };
}

/** Launches in runs whose entries fit a table. */
function inTables<T extends WaveLaunch>(launches: readonly T[]): readonly (readonly T[])[] {
  const parts: T[][] = [[]];
  for (const launch of launches) {
    const part = parts.at(-1)!;
    if (part.length > 0 && tableEntries([...part, launch]) > TABLE_ENTRIES) parts.push([launch]);
    else part.push(launch);
  }
  return parts;
}
