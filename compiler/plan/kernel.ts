/**
 * The kernel plan: what the code generators read. A kernel is a shape-specialised piece of work with positional
 * parameters; a launch binds a kernel to places in buffers. Equal kernels are one function, however often launched.
 *
 * Every kernel works on `tiles` independent tiles, fixed here: any thread may take any range of tiles and the bits
 * come out the same. What one tile writes no other tile of the launch reads.
 */
import type { OpName, Padding2D, Shape } from '../graph/graph.js';
import type { IndexedKernel } from './indexed-kernel.js';

export type PointwiseOp = Extract<
  OpName,
  | 'neg'
  | 'abs'
  | 'sign'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'elu'
  | 'floor'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'maximum'
  | 'minimum'
  | 'greater'
  | 'greater_equal'
  | 'equal'
  | 'select'
>;

export type BufferId = number;

/** Elements of parameter `parameter` along each dimension of a kernel's domain, in elements; 0 repeats. */
export interface Access {
  readonly parameter: number;
  readonly strides: readonly number[];
}

export type Instruction =
  | { readonly op: 'load'; readonly access: Access }
  | { readonly op: 'constant'; readonly value: number }
  /** What the reduction or contraction made at this place. */
  | { readonly op: 'result' }
  | { readonly op: PointwiseOp; readonly arguments: readonly number[] };

/** Straight-line code run at every place of a domain; arguments and stored values are indices of instructions. */
export interface Body {
  readonly instructions: readonly Instruction[];
  readonly stores: readonly { readonly value: number; readonly access: Access }[];
}

export interface PointwiseKernel {
  readonly kind: 'pointwise' | 'layout';
  readonly parameters: number;
  readonly tiles: number;
  readonly domain: readonly number[];
  readonly body: Body;
}

/** Writes one number everywhere. */
export interface FillKernel {
  readonly kind: 'fill';
  readonly parameters: 1;
  readonly tiles: 1;
  readonly elements: number;
  readonly value: number;
}

export interface ReductionKernel {
  readonly kind: 'reduction';
  readonly parameters: number;
  readonly tiles: number;
  readonly domain: readonly number[];
  readonly reduced: readonly boolean[];
  readonly combine: 'sum' | 'max';
  /** Runs over the whole domain. */
  readonly prologue: { readonly instructions: readonly Instruction[]; readonly value: number };
  /** Runs over the domain's kept dimensions; strides along reduced ones are 0. */
  readonly epilogue: Body;
}

/** Along one spatial axis of a convolution-like kernel: the outputs of one phase and the source places they read. */
export interface AxisPhase {
  /** Outputs phase, phase + step, phase + 2 step, ... */
  readonly phase: number;
  /** The first source place read by the phase's first output; later outputs read `sourceStep` further on. */
  readonly start: number;
  /** Kernel index met at start, start + 1, ...; empty where nothing is met. */
  readonly taps: readonly number[];
}

export interface ConvolutionAxis {
  readonly source: number;
  readonly output: number;
  /** Source places between neighbouring outputs of a phase. */
  readonly sourceStep: number;
  /** Outputs between neighbours of one phase. */
  readonly outputStep: number;
  readonly phases: readonly AxisPhase[];
}

/** A factor of an axis: `size` places, `stride` elements apart. */
export interface Factor {
  readonly size: number;
  readonly stride: number;
}

/**
 * Some of the channels of what a convolution reads, in memory of their own. Parts lie side by side: where channels are
 * joined only to be read by convolutions, they are not stored together.
 */
export interface SourcePart {
  readonly parameter: number;
  /** Of all channels, the first of these. */
  readonly first: number;
  readonly channels: number;
  /** Strides of the part's four axes, each by its factors. */
  readonly axes: readonly (readonly Factor[])[];
}

/**
 * Convolution and the gradient in its input: output[b, y, x, o] = sum over taps and channels of source times weight.
 * Parameter 0 is the source (its first part), 1 the packed weights, then its other parts; the epilogue's domain is [batch, rows, columns, channels].
 */
export interface ConvolutionKernel {
  readonly kind: 'convolution';
  readonly parameters: number;
  readonly tiles: number;
  readonly batch: number;
  readonly rows: ConvolutionAxis;
  readonly columns: ConvolutionAxis;
  readonly sourceChannels: number;
  readonly outputChannels: number;
  readonly source: readonly SourcePart[];
  /** Output rows of a tile; divides the output's rows. */
  readonly tileRows: number;
  readonly epilogue: Body;
}

/**
 * The gradient in the filter: for every tile t a partial sum over its share of the images at parameter 2, [tiles, kh, kw * C, O
 * padded to 4]. Parameter 0 is the input (its first part), 1 the cotangent; its other parts follow.
 */
export interface FilterGradientKernel {
  readonly kind: 'filter_gradient';
  readonly parameters: number;
  readonly tiles: number;
  readonly batch: number;
  readonly input: readonly SourcePart[];
  /** Strides of the cotangent's axes. */
  readonly cotangent: readonly number[];
  readonly inputSize: readonly [number, number];
  readonly outputSize: readonly [number, number];
  readonly channels: number;
  readonly outputChannels: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding2D;
  readonly blockRows: number;
}

/** Along one spatial axis of Winograd's convolution: output i reads the sources i - pad, i - pad + 1 and i - pad + 2. */
export interface WinogradAxis {
  readonly source: number;
  readonly output: number;
  readonly pad: number;
}

/**
 * A convolution, or the gradient in its input, with a kernel of 3 x 3 and steps of 1, by Winograd's F(4x4, 3x3).
 * Parameter 0 is the source (its first part), 1 the filter transformed by a `winograd_filter`; a tile is `blockRows` of the rows of 4 x 4
 * patches of all images. The epilogue's domain is [batch, rows, columns, channels].
 */
export interface WinogradKernel {
  readonly kind: 'winograd';
  readonly parameters: number;
  readonly tiles: number;
  readonly batch: number;
  readonly rows: WinogradAxis;
  readonly columns: WinogradAxis;
  readonly sourceChannels: number;
  readonly outputChannels: number;
  readonly source: readonly SourcePart[];
  readonly blockRows: number;
  readonly epilogue: Body;
  /** Where the transformed windows are stored for filter gradients of this source: [tile][36][patch][channel], see winograd.ts. */
  readonly keeps?: number | undefined;
}

/** A filter of 3 x 3 made ready for `winograd`: parameter 1 is [36][block][source channel][8], see winograd.ts. */
export interface WinogradFilterKernel {
  readonly kind: 'winograd_filter';
  readonly parameters: 2;
  readonly tiles: number;
  readonly sourceChannels: number;
  readonly outputChannels: number;
  /** Elements between rows, columns, source channels and output channels of parameter 0. */
  readonly strides: readonly [rows: number, columns: number, source: number, output: number];
}

/**
 * What `filter_gradient` gives, by Winograd. A tile is a part of the rows of patches, `blocks` blocks of `blockRows`, and one
 * of `groups` equal groups of the input's channels, each within one part; parameter 2 is [tiles / groups, 3, 3 * C, O padded to 4].
 * Where `readsWindows`, parameter 0 holds what a convolution of the same `blockRows` has kept, and there is no input.
 */
export interface WinogradFilterGradientKernel {
  readonly kind: 'winograd_filter_gradient';
  readonly parameters: number;
  readonly tiles: number;
  readonly batch: number;
  readonly input: readonly SourcePart[];
  readonly cotangent: readonly number[];
  readonly rows: WinogradAxis;
  readonly columns: WinogradAxis;
  readonly channels: number;
  readonly outputChannels: number;
  readonly blockRows: number;
  readonly blocks: number;
  readonly groups: number;
  readonly readsWindows: boolean;
}

/** [M, K] x [K, N]; the right operand's columns are neighbours in memory. The epilogue's domain is [M, N]. */
export interface DotKernel {
  readonly kind: 'dot';
  readonly parameters: number;
  readonly tiles: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** Elements between rows and between columns of the left operand. */
  readonly left: readonly [number, number];
  /** Elements between rows of the right operand. */
  readonly right: number;
  /** Rows and columns of a tile. */
  readonly tileRows: number;
  readonly tileColumns: number;
  readonly epilogue: Body;
}

export type Kernel =
  | PointwiseKernel
  | FillKernel
  | ReductionKernel
  | ConvolutionKernel
  | FilterGradientKernel
  | WinogradKernel
  | WinogradFilterKernel
  | WinogradFilterGradientKernel
  | DotKernel
  | IndexedKernel;

export interface Place {
  readonly buffer: BufferId;
  /** In elements. */
  readonly offset: number;
}

/** How a convolution is done, by Winograd's transforms or as a plain sum, and why: for those who read a plan. */
export interface Choice {
  readonly winograd: boolean;
  /** The plain sum's estimated time over Winograd's; none where only the plain sum can be. */
  readonly gain?: number | undefined;
  readonly because: string;
}

export interface Launch {
  readonly kernel: Kernel;
  /** One per parameter of the kernel. */
  readonly places: readonly Place[];
  readonly reads: readonly BufferId[];
  readonly writes: readonly BufferId[];
  /** From the labels of the nodes it computes. */
  readonly name: string;
  /** Shape of what it computes. */
  readonly shape: Shape;
  /** Multiply-adds of the contraction, 0 elsewhere. */
  readonly multiplyAdds: number;
  /** Of convolutions, where there was a choice to be made. */
  readonly choice?: Choice | undefined;
}

export interface Buffer {
  readonly id: BufferId;
  readonly elements: number;
  readonly name: string;
  /**
   * heap: a temporary of this graph, its place reused. state: shared by all graphs. feed, scalar: written by the host
   * before a run. value: kept until the graph's next run.
   */
  readonly kind: 'heap' | 'state' | 'feed' | 'scalar' | 'value';
  /** Where it is a part of another buffer, which is itself a part of none: that one, and its own first element there. */
  readonly within?: Place | undefined;
}

/** One graph as launches over buffers; where the buffers lie is the memory plan's business. */
export interface GraphPlan {
  readonly name: string;
  readonly buffers: readonly Buffer[];
  readonly launches: readonly Launch[];
  /** The wave of each launch (see waves.ts), never falling: launches of one wave may run at once. */
  readonly times: readonly number[];
  /** The buffer of each value output. */
  readonly values: ReadonlyMap<string, { readonly buffer: BufferId; readonly shape: Shape }>;
  /** Elements the graph's intermediate nodes would take if each had a buffer of its own. */
  readonly unfusedElements: number;
}
