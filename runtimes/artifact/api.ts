/** What a page sees of a built model. This file imports nothing: it becomes `began.d.ts` beside the loader. */

export interface LoadOptions {
  /** What runs it. Where left out: WebGPU where the browser has a GPU for it, otherwise WebAssembly. */
  readonly backend?: 'webgpu' | 'wasm' | undefined;
  /** Take a WebGPU driver that runs shaders on the CPU too; slower than WebAssembly, and good for tests. */
  readonly allowCpu?: boolean | undefined;
}

/** Gives the files of a model by their names, where they do not lie at an address. */
export type ReadFile = (name: string) => Promise<Uint8Array>;

/** Loads the model that lies at an address, relative to the page: `await load('./model/')`. Throws ModelError. */
export type Load = (model: string | URL | ReadFile, options?: LoadOptions) => Promise<Model>;

/** One number for all examples, one for each, or the numbers of one example or of all of them, one behind the other. */
export type InputValue = number | string | ArrayLike<number> | readonly string[];

export interface SampleOptions {
  /** Examples; as many as the inputs say, or 1, where left out. */
  readonly count?: number | undefined;
  /** Of what is not given and drawn instead; 1 where left out. Example number i of a seed is the same for every count. */
  readonly seed?: number | undefined;
  /** By the name of the spec; the first that needs no data where left out. */
  readonly output?: string | undefined;
  /** Pictures in a row; as many as rows where left out. */
  readonly columns?: number | undefined;
  /** Whatever the output draws or reads, by the name of the spec: `z`, a class `y` by number or name. */
  readonly [input: string]: InputValue | undefined;
}

export interface Picture {
  /** RGBA, row by row: `new ImageData(pixels, width, height)`. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** All pictures in one grid, `columns` in a row, and each by itself. Without size where the output gives no pictures. */
export interface Samples extends Picture {
  readonly count: number;
  readonly columns: number;
  /** Picture number i alone. */
  picture(i: number): Picture;
  /** Where the output writes lines of text. */
  readonly lines: readonly string[];
  /** What the networks gave, row by row, in the range of the data. */
  readonly values: Float32Array;
  /** Of `values`: the count, then the shape of one example. */
  readonly shape: readonly number[];
}

export interface ModelInput {
  readonly name: string;
  /** `noise` and `classes` are drawn where they are not given, `data` has to be given. */
  readonly kind: 'noise' | 'classes' | 'data';
  /** Of one example; empty for a single number. */
  readonly shape: readonly number[];
  readonly classes?: { readonly count: number; readonly names: readonly string[] };
}

export interface ModelOutput {
  readonly name: string;
  readonly kind: 'pictures' | 'lines' | 'points' | 'numbers';
  /** Of one example. */
  readonly shape: readonly number[];
  readonly inputs: readonly ModelInput[];
}

export interface Model {
  readonly title: string;
  /** Training steps behind the weights. */
  readonly step: number;
  readonly backend: 'webgpu' | 'wasm';
  /** The backend with its hardware, and why it is not WebGPU where it could have been. */
  readonly engine: string;
  readonly outputs: readonly ModelOutput[];
  /** Runs an output. Calls wait for each other. Throws ModelError. */
  sample(options?: SampleOptions): Promise<Samples>;
  /** What `sample` would draw with these options, to be changed and given: `{ z: Float32Array }`. Throws ModelError. */
  draw(options?: SampleOptions): Readonly<Record<string, Float32Array>>;
  /** Gives its memory back. */
  dispose(): void;
}

/** A model that cannot be loaded, or an option that cannot be used; the message says which and what to write instead. */
export interface ModelError extends Error {
  readonly name: 'ModelError';
}
