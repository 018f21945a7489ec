/**
 * The tensor graph: one per phase and per output, all shapes numbers, every value float32 at run time (masks are
 * 0 or 1). Nodes are immutable and stand in topological order: an input's id is below its reader's.
 */
import type { Span } from '../../spec/diagnostics/diagnostic.js';

export type NodeId = number;
export type Shape = readonly number[];
export type Padding2D = readonly [
  readonly [top: number, bottom: number],
  readonly [left: number, right: number],
];

type None = Readonly<Record<never, never>>;

/** Every primitive, with its attributes. Everything else is composite and made of these. */
export interface OpAttributes {
  /** A tensor the runtime provides: program state, a feed (data, noise) or a host scalar. */
  input: { readonly source: 'state' | 'feed' | 'scalar'; readonly name: string; readonly shape: Shape };
  /** A rank-0 number. */
  constant: { readonly value: number };

  // Element by element. All operands have one shape: numbers are stretched by an explicit broadcast.
  neg: None;
  abs: None;
  sign: None;
  exp: None;
  log: None;
  sqrt: None;
  tanh: None;
  sigmoid: None;
  softplus: None;
  elu: None;
  floor: None;

  add: None;
  sub: None;
  mul: None;
  div: None;
  pow: None;
  maximum: None;
  minimum: None;
  /** 1 where it holds, else 0. */
  greater: None;
  greater_equal: None;
  equal: None;
  /** (mask, a, b): a where mask is not 0, else b. */
  select: None;

  /** Input axis i becomes output axis `axes[i]` (ascending); an input axis of size 1 may be stretched; other output axes are new. */
  broadcast: { readonly shape: Shape; readonly axes: readonly number[] };
  reshape: { readonly shape: Shape };
  /** Output axis i is input axis `permutation[i]`. */
  transpose: { readonly permutation: readonly number[] };
  slice: {
    readonly start: readonly number[];
    readonly limit: readonly number[];
    readonly stride: readonly number[];
  };
  /** Zeros: `low` before, `high` after, `interior` between neighbours, per axis; none negative. */
  pad: {
    readonly low: readonly number[];
    readonly high: readonly number[];
    readonly interior: readonly number[];
  };
  concat: { readonly axis: number };

  /** Reduced axes disappear. */
  reduce_sum: { readonly axes: readonly number[] };
  reduce_max: { readonly axes: readonly number[] };

  /** [M,K] x [K,N] -> [M,N]; a transposed operand is stored the other way round. */
  dot: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** (input NHWC, filter HWIO) -> NHWC; cross-correlation. */
  conv: { readonly strides: readonly [number, number]; readonly padding: Padding2D };
  /** (cotangent NHWC, filter HWIO) -> NHWC of `size`: the gradient of conv in its input. */
  conv_input_gradient: {
    readonly strides: readonly [number, number];
    readonly padding: Padding2D;
    readonly size: readonly [height: number, width: number];
  };
  /** (input NHWC, cotangent NHWC) -> HWIO of `kernel`: the gradient of conv in its filter. */
  conv_filter_gradient: {
    readonly strides: readonly [number, number];
    readonly padding: Padding2D;
    readonly kernel: readonly [height: number, width: number];
  };

  /** (table [N, ...rest], indices [M]) -> [M, ...rest]. Indices are whole numbers in [0, N); others read zeros. */
  gather: None;
  /** (updates [M, ...rest], indices [M]) -> [rows, ...rest]: sums of the updates with equal index, in ascending order; the
   * gradient of gather in its table. Indices outside [0, rows) are dropped. */
  scatter: { readonly rows: number };
  /** [N] -> [N]: the indices that sort ascending, equal values in their order, NaN last. No gradient: sort(x) is gather(x, argsort(x)). */
  argsort: None;

  /** The identity, through which no gradient flows. */
  stop: None;
}

export type OpName = keyof OpAttributes;

/** Where a node came from: shown by inspect, in dumps and in run-time messages. Never part of a node's identity. */
export interface Origin {
  readonly label: string;
  readonly span?: Span | undefined;
}

export interface NodeOf<K extends OpName> {
  readonly op: K;
  readonly inputs: readonly NodeId[];
  readonly attributes: OpAttributes[K];
  readonly shape: Shape;
  readonly origin?: Origin | undefined;
}

export type Node = { readonly [K in OpName]: NodeOf<K> }[OpName];

export type GraphOutput =
  /** Can be read after a run. */
  | { readonly kind: 'value'; readonly name: string; readonly node: NodeId }
  /** The new content of a state tensor, written when the graph has run. All reads of state see the old content. */
  | { readonly kind: 'state'; readonly name: string; readonly node: NodeId };

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly outputs: readonly GraphOutput[];
}
