/**
 * A program plan as WGSL: one shader for every kernel that is shaped alike, and for every graph the list of dispatches,
 * each with the places of its parameters. Plain data, so that it can be written to an artifact.
 */
import type { Kernel } from '../plan/kernel.js';
import type { ProgramPlan } from '../plan/plan.js';
import { convolution } from './convolution.js';
import { dot } from './dot.js';
import { filterGradient } from './filter-gradient.js';
import { argsort, gather, scatter } from './indexed.js';
import { fill, pointwise } from './pointwise.js';
import type { Profile } from './profile.js';
import { reduction } from './reduction.js';
import type { Shader } from './shader.js';

export interface Dispatch {
  /** Of the program's shaders. */
  readonly shader: number;
  readonly workgroups: readonly [number, number, number];
  /** Where each parameter begins, in elements of the program's memory. */
  readonly places: readonly number[];
  readonly name: string;
}

export interface WebgpuProgram {
  /** WGSL modules, each with the entry point `main`. */
  readonly shaders: readonly string[];
  readonly graphs: ReadonlyMap<string, readonly Dispatch[]>;
}

export function emitShader(kernel: Kernel, profile: Profile): Shader {
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
    default:
      return kernel satisfies never;
  }
}

export function emitProgram(plan: ProgramPlan, profile: Profile): WebgpuProgram {
  const shaders: string[] = [];
  const known = new Map<string, number>();
  const numberOf = ({ code }: Shader): number => {
    const number = known.get(code) ?? shaders.push(code) - 1;
    known.set(code, number);
    return number;
  };
  const graphs = new Map<string, readonly Dispatch[]>();
  for (const { plan: graph, offsets } of plan.graphs) {
    graphs.set(
      graph.name,
      graph.launches.map(({ kernel, places, name }) => {
        const made = emitShader(kernel, profile);
        return {
          shader: numberOf(made),
          workgroups: made.workgroups,
          places: places.map(({ buffer, offset }) => offsets.get(buffer)! / 4 + offset),
          name,
        };
      }),
    );
  }
  return { shaders, graphs };
}
