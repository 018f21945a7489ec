/** A network after its blocks are expanded: primitive layers with shapes, parameters and the places they came from. */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import type { Padding2D, Shape } from '../graph/graph.js';
import type { Initialiser } from '../program.js';
import type { FunctionName } from './functions.js';
import type { SymbolicShape } from './symbolic-shape.js';
import type { Term } from './term.js';

export interface ParameterModel {
  /** Also the name of its state tensor: `D/encoder/conv3/weight`. */
  readonly name: string;
  readonly shape: Shape;
  readonly init: Initialiser;
}

interface LayerBase {
  /** `D/encoder/conv3` */
  readonly path: string;
  readonly inputShape: SymbolicShape;
  readonly outputShape: SymbolicShape;
  /** Innermost first: the layer's own line, then the `use` lines that brought it in. */
  readonly spans: readonly Span[];
}

export type Activation = 'elu' | 'relu' | 'selu' | 'tanh' | 'sigmoid' | 'softplus' | 'linear' | 'leaky_relu';

export type LayerModel = LayerBase &
  (
    | { readonly kind: 'dense'; readonly weight: ParameterModel; readonly bias: ParameterModel | undefined }
    | {
        readonly kind: 'conv';
        readonly weight: ParameterModel;
        readonly bias: ParameterModel | undefined;
        readonly strides: readonly [number, number];
        readonly padding: Padding2D;
        readonly groups: number;
      }
    | {
        readonly kind: 'transposed_conv';
        readonly weight: ParameterModel;
        readonly bias: ParameterModel | undefined;
        readonly strides: readonly [number, number];
        readonly padding: Padding2D;
      }
    | {
        readonly kind: 'maxout';
        readonly weight: ParameterModel;
        readonly bias: ParameterModel | undefined;
        readonly pieces: number;
      }
    /** `of` undefined: the current tensor is the labels. */
    | { readonly kind: 'embedding'; readonly weight: ParameterModel; readonly of: Term | undefined }
    | {
        readonly kind: 'norm';
        readonly over: 'batch' | 'layer' | 'instance';
        readonly epsilon: number;
        readonly momentum: number;
        readonly scale: ParameterModel;
        readonly offset: ParameterModel;
        /** Buffers of batch norm: read by outputs, moved by updates. */
        readonly running: { readonly mean: ParameterModel; readonly variance: ParameterModel } | undefined;
      }
    | { readonly kind: 'dropout'; readonly rate: Term }
    | { readonly kind: 'noise'; readonly deviation: Term }
    | { readonly kind: 'activation'; readonly function: Activation; readonly slope: number }
    | { readonly kind: 'softmax' }
    | {
        readonly kind: 'enlarge';
        readonly method: 'nearest' | 'bilinear';
        readonly factor: readonly [number, number];
      }
    | {
        readonly kind: 'pool';
        readonly reduce: 'average' | 'max';
        readonly size: readonly [number, number];
      }
    | { readonly kind: 'decimate'; readonly stride: readonly [number, number] }
    | { readonly kind: 'reshape' }
    | { readonly kind: 'tap'; readonly name: string }
    | { readonly kind: 'skip'; readonly from: string; readonly factor: readonly [number, number] }
    | { readonly kind: 'concat'; readonly with: Term }
    | { readonly kind: 'multiply'; readonly with: Term }
    | { readonly kind: 'add'; readonly with: Term }
    | {
        readonly kind: 'branch';
        readonly name: string;
        readonly from: Term | undefined;
        readonly layers: readonly LayerModel[];
      }
    | { readonly kind: 'residual'; readonly carry: Term | undefined; readonly layers: readonly LayerModel[] }
  );

export interface NetworkInput {
  readonly shape: SymbolicShape;
  /** Of class numbers. */
  readonly classes?: number | undefined;
}

export interface NetworkModel {
  readonly name: string;
  readonly inputs: readonly NetworkInput[];
  readonly outputShape: SymbolicShape;
  readonly layers: readonly LayerModel[];
  readonly parameters: readonly ParameterModel[];
  /** Taps and branches by key, `D/encoder/h0`. */
  readonly named: ReadonlyMap<
    string,
    { readonly shape: SymbolicShape; readonly classes?: number | undefined }
  >;
  /** Where the parameters are exponential averages of another network's, in the same order. */
  readonly average: { readonly of: NetworkModel; readonly decay: Term } | undefined;
  readonly span: Span;
}

/** Every layer, nested ones after the layer that holds them. */
export function flattenLayers(layers: readonly LayerModel[]): readonly LayerModel[] {
  return layers.flatMap((layer) =>
    layer.kind === 'residual' || layer.kind === 'branch' ? [layer, ...flattenLayers(layer.layers)] : [layer],
  );
}

/** What training moves. */
export function layerParameters(layer: LayerModel): readonly ParameterModel[] {
  switch (layer.kind) {
    case 'dense':
    case 'conv':
    case 'transposed_conv':
    case 'maxout':
      return layer.bias === undefined ? [layer.weight] : [layer.weight, layer.bias];
    case 'embedding':
      return [layer.weight];
    case 'norm':
      return [layer.scale, layer.offset];
    default:
      return [];
  }
}

/** Running statistics. */
export function layerBuffers(layer: LayerModel): readonly ParameterModel[] {
  return layer.kind === 'norm' && layer.running !== undefined
    ? [layer.running.mean, layer.running.variance]
    : [];
}

/** Multiplications per sample of one forward pass through this layer alone. */
export function multiplyAdds(layer: LayerModel): number {
  switch (layer.kind) {
    case 'dense':
    case 'maxout':
      return layer.weight.shape[0]! * layer.weight.shape[1]!;
    case 'conv': {
      const [, height, width] = layer.outputShape as readonly ['B', number, number, number];
      return height * width * layer.weight.shape.reduce((product, size) => product * size, 1);
    }
    case 'transposed_conv': {
      const [, height, width] = layer.inputShape as readonly ['B', number, number, number];
      return height * width * layer.weight.shape.reduce((product, size) => product * size, 1);
    }
    default:
      return 0;
  }
}

/** Graph functions of the activations; `linear` has none, leaky_relu a slope of its own. */
export const ACTIVATION_FUNCTIONS = {
  elu: 'elu',
  relu: 'relu',
  selu: 'selu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  softplus: 'softplus',
} as const satisfies Readonly<Record<Exclude<Activation, 'linear' | 'leaky_relu'>, FunctionName>>;
