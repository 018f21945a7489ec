/**
 * `program.json` of an artifact: everything about a built model but its code and its numbers. Plain JSON, written by
 * `began-compile build` and read by the loader.
 *
 *     program.json            this
 *     program.wasm            the graphs as one module, for `wasm`
 *     program.relaxed.wasm    the same with relaxed SIMD, for browsers that have it
 *     shaders.PROFILE.json    the graphs as WGSL and lists of dispatches, for `webgpu`: a WebgpuCode for each profile
 *     weights.safetensors     the state that the graphs read, as float32 or float16
 *     began.js, began.d.ts    the loader, with its types
 *     index.html              a page to begin with
 */
import type { Dispatch } from '../../compiler/webgpu/program.js';

export const FORMAT = 'began-compile artifact 1';

export const FILES = {
  program: 'program.json',
  module: 'program.wasm',
  relaxedModule: 'program.relaxed.wasm',
  weights: 'weights.safetensors',
  loader: 'began.js',
  types: 'began.d.ts',
  page: 'index.html',
} as const;

export const shadersFile = (profile: string): string => `shaders.${profile}.json`;

export const BACKENDS = ['webgpu', 'wasm'] as const;
export type ArtifactBackend = (typeof BACKENDS)[number];

export interface ArtifactProgram {
  readonly format: typeof FORMAT;
  readonly title: string;
  /** Training steps behind the weights. */
  readonly step: number;
  /** What it was built for, the preferred one first. */
  readonly backends: readonly ArtifactBackend[];
  /** Kernel profiles that have shaders. */
  readonly profiles: readonly string[];
  readonly outputs: readonly ArtifactOutput[];
  /** For each of `backends`: kernels differ, and so does the memory between them. */
  readonly layouts: Readonly<Partial<Record<ArtifactBackend, ArtifactLayout>>>;
}

/** Where everything lies. */
export interface ArtifactLayout {
  readonly memory: { readonly stateBytes: number; readonly plannedBytes: number };
  readonly state: Readonly<Record<string, Place>>;
  readonly graphs: readonly ArtifactGraph[];
}

/** Offset in bytes from the program's base, and the number of elements. */
export type Place = readonly [offset: number, elements: number];

export interface ArtifactGraph {
  readonly name: string;
  readonly feeds: Readonly<Record<string, Place>>;
  readonly scalars: Readonly<Record<string, Place>>;
  readonly values: Readonly<Record<string, Place>>;
}

export interface ArtifactOutput {
  readonly name: string;
  readonly value: ValueDescription;
  /** What a caller may give. */
  readonly inputs: readonly InputDescription[];
  readonly feeds: readonly ArtifactFeed[];
  /** Numbers of the host, as they stood at the checkpoint. */
  readonly scalars: Readonly<Record<string, number>>;
  /** The same graph for several numbers of examples, the smallest first. */
  readonly graphs: readonly { readonly batch: number; readonly graph: string; readonly value: string }[];
}

/** What one example of an output is. */
export type ValueDescription = {
  /** Of one example. */
  readonly shape: readonly number[];
} & (
  | {
      readonly kind: 'pictures';
      readonly height: number;
      readonly width: number;
      readonly channels: number;
      /** The values of black and white. */
      readonly range: readonly [number, number];
    }
  | { readonly kind: 'lines'; readonly length: number; readonly alphabet: readonly string[] }
  | { readonly kind: 'points' }
  | { readonly kind: 'numbers' }
);

export interface InputDescription {
  /** As the spec calls it. */
  readonly name: string;
  readonly kind: 'noise' | 'classes' | 'data';
  /** Of one example; empty for a single number. */
  readonly shape: readonly number[];
  readonly feeds: readonly string[];
  /** How many, where they are classes, and what they are called, where that is known. */
  readonly classes?: { readonly count: number; readonly names: readonly string[] };
}

export interface ArtifactFeed {
  readonly name: string;
  /** Numbers of one example. */
  readonly size: number;
  readonly source:
    | {
        readonly kind: 'noise';
        readonly site: string;
        readonly distribution: 'uniform' | 'normal' | 'categorical' | 'bernoulli';
        readonly parameters: readonly [number, number];
      }
    /** All classes in turn where none is given. */
    | { readonly kind: 'classes'; readonly count: number }
    /** Has to be given. */
    | { readonly kind: 'given' };
}

/** A WebgpuProgram, as JSON has it. */
export interface WebgpuCode {
  readonly shaders: readonly string[];
  readonly graphs: Readonly<Record<string, readonly Dispatch[]>>;
}
