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

export type Activation = 'elu' | 'relu' | 'tanh' | 'sigmoid' | 'softplus' | 'linear' | 'leaky_relu';

export type LayerModel = LayerBase &
  (
    | { readonly kind: 'dense'; readonly weight: ParameterModel; readonly bias: ParameterModel | undefined }
    | {
        readonly kind: 'conv';
        readonly weight: ParameterModel;
        readonly bias: ParameterModel | undefined;
        readonly strides: readonly [number, number];
        readonly padding: Padding2D;
      }
    | { readonly kind: 'activation'; readonly function: Activation; readonly slope: number }
    | { readonly kind: 'upsample'; readonly factor: number }
    | { readonly kind: 'pool'; readonly reduce: 'average' | 'max'; readonly size: number }
    | { readonly kind: 'decimate'; readonly stride: number }
    | { readonly kind: 'reshape' }
    | { readonly kind: 'tap'; readonly name: string }
    | { readonly kind: 'skip'; readonly from: string; readonly factor: readonly [number, number] }
    | { readonly kind: 'residual'; readonly carry: Term | undefined; readonly layers: readonly LayerModel[] }
  );

export interface NetworkModel {
  readonly name: string;
  readonly inputShape: SymbolicShape;
  readonly outputShape: SymbolicShape;
  readonly layers: readonly LayerModel[];
  readonly parameters: readonly ParameterModel[];
  readonly span: Span;
}

/** Every layer, nested ones after their residual. */
export function flattenLayers(layers: readonly LayerModel[]): readonly LayerModel[] {
  return layers.flatMap((layer) =>
    layer.kind === 'residual' ? [layer, ...flattenLayers(layer.layers)] : [layer],
  );
}

export function layerParameters(layer: LayerModel): readonly ParameterModel[] {
  if (layer.kind !== 'dense' && layer.kind !== 'conv') return [];
  return layer.bias === undefined ? [layer.weight] : [layer.weight, layer.bias];
}

/** Multiplications per sample of one forward pass through this layer alone. */
export function multiplyAdds(layer: LayerModel): number {
  switch (layer.kind) {
    case 'dense':
      return layer.weight.shape[0]! * layer.weight.shape[1]!;
    case 'conv': {
      const [, height, width] = layer.outputShape as readonly ['B', number, number, number];
      return height * width * layer.weight.shape.reduce((product, size) => product * size, 1);
    }
    case 'activation':
    case 'upsample':
    case 'pool':
    case 'decimate':
    case 'reshape':
    case 'tap':
    case 'skip':
    case 'residual':
      return 0;
    default:
      throw new Error(`internal: unknown layer ${String(layer satisfies never)}`);
  }
}

/** Graph functions of the activations; `linear` has none. */
export const ACTIVATION_FUNCTIONS: Readonly<
  Record<Exclude<Activation, 'linear' | 'leaky_relu'>, FunctionName>
> = {
  elu: 'elu',
  relu: 'relu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  softplus: 'softplus',
};
