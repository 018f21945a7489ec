/** Layers as modules of PyTorch and calls of them: one rule per layer kind. */
import type { Padding2D } from '../graph/graph.js';
import type { LayerModel, ParameterModel } from '../model/network.js';
import type { Term } from '../model/term.js';
import { lastAxis, perSample } from './functions.js';
import type { Imports } from './imports.js';
import {
  behind,
  binary,
  call,
  callWith,
  name,
  number,
  text,
  tuple,
  type Argument,
  type Python,
} from './python.js';

type LayerOf<K extends LayerModel['kind']> = Extract<LayerModel, { kind: K }>;

/** The module that is being written, as a layer sees it. */
export interface LayerPlace {
  readonly imports: Imports;
  /** Declares a part of the module and gives how it is called: `self.conv1`. */
  readonly part: (layer: LayerModel, made: Python) => string;
  readonly term: (term: Term) => Python;
  /** A tap, a branch or an input by its key. */
  readonly local: (key: string) => Python;
  /** The tensor so far under a name. */
  readonly tap: (layer: LayerOf<'tap'>, x: Python) => Python;
  readonly branch: (layer: LayerOf<'branch'>, x: Python) => Python;
  readonly residual: (layer: LayerOf<'residual'>, x: Python) => Python;
}

type Rule<K extends LayerModel['kind']> = (layer: LayerOf<K>, x: Python, place: LayerPlace) => Python;

export function layerPython(layer: LayerModel, x: Python, place: LayerPlace): Python {
  // The table is indexed by the layer's own kind, which the type of a union cannot follow.
  const rule = RULES[layer.kind] as (layer: LayerModel, x: Python, place: LayerPlace) => Python;
  return rule(layer, x, place);
}

/** Layers without weights, whose calls may stand inside each other. */
export const WRAPS: ReadonlySet<LayerModel['kind']> = new Set<LayerModel['kind']>([
  'activation',
  'norm',
  'softmax',
  'dropout',
  'noise',
]);

const RULES: { readonly [K in LayerModel['kind']]: Rule<K> } = {
  dense: (layer, x, place) => {
    const [inputs, units] = layer.weight.shape as readonly [number, number];
    const made = callWith(place.imports.nn('Linear'), [
      { value: number(inputs) },
      { value: number(units) },
      ...withoutBias(layer.bias),
    ]);
    return call(place.part(layer, started(layer, inputs, made, place)), flat(layer, x, place));
  },

  maxout: (layer, x, place) => {
    const [inputs, all] = layer.weight.shape as readonly [number, number];
    const made = callWith(place.imports.from('layers', 'Maxout'), [
      { value: number(inputs) },
      { value: number(all / layer.pieces) },
      { label: 'pieces', value: number(layer.pieces) },
      ...withoutBias(layer.bias),
    ]);
    return call(place.part(layer, started(layer, inputs, made, place)), flat(layer, x, place));
  },

  embedding: (layer, x, place) => {
    const [classes, units] = layer.weight.shape as readonly [number, number];
    const made = call(place.imports.from('layers', 'Embedding'), number(classes), number(units));
    const labels = layer.of === undefined ? x : place.term(layer.of);
    return call(place.part(layer, started(layer, 1, made, place)), labels);
  },

  conv: (layer, x, place) => {
    const [down, across, perGroup, filters] = layer.weight.shape as Kernel;
    const sides = evenSides(layer.padding);
    const made = callWith(place.imports.nn('Conv2d'), [
      { value: number(perGroup * layer.groups) },
      { value: number(filters) },
      { value: pair([down, across]) },
      ...unless('stride', layer.strides, 1),
      ...unless('padding', sides ?? [0, 0], 0),
      ...(layer.groups === 1 ? [] : [{ label: 'groups', value: number(layer.groups) }]),
      ...withoutBias(layer.bias),
    ]);
    const part = place.part(layer, started(layer, down * across * perGroup, made, place));
    return call(part, sides === undefined ? padded(x, layer.padding, place) : x);
  },

  transposed_conv: (layer, x, place) => {
    const [down, across, filters, channels] = layer.weight.shape as Kernel;
    const { strides, padding } = layer;
    const [, height, width] = layer.inputShape as readonly ['B', number, number];
    const [, tall, wide] = layer.outputShape as readonly ['B', number, number];
    const before = [height, width];
    const after = [tall, wide];
    const full = [down, across].map((kernel, axis) => (before[axis]! - 1) * strides[axis]! + kernel);
    const first = [padding[0][0], padding[1][0]] as const;
    const rest = [0, 1].map((axis) => after[axis]! - full[axis]! + 2 * first[axis]!) as [number, number];
    const fits = rest.every((size, axis) => size >= 0 && size < strides[axis]!);
    const beyond = [0, 1].map((axis) => Math.max(0, first[axis]! + after[axis]! - full[axis]!)) as [
      number,
      number,
    ];
    const made = callWith(place.imports.nn('ConvTranspose2d'), [
      { value: number(channels) },
      { value: number(filters) },
      { value: pair([down, across]) },
      ...unless('stride', strides, 1),
      ...unless('padding', fits ? first : [0, 0], 0),
      ...unless('output_padding', fits ? rest : beyond, 0),
      ...withoutBias(layer.bias),
    ]);
    const fanIn = Math.max(1, Math.round((down * across * channels) / (strides[0] * strides[1])));
    const result = call(place.part(layer, started(layer, fanIn, made, place)), x);
    const cut = (axis: 0 | 1): string =>
      first[axis] === 0 ? `:${after[axis]!}` : `${first[axis]}:${first[axis] + after[axis]!}`;
    return fits ? result : behind(result, `[:, :, ${cut(0)}, ${cut(1)}]`);
  },

  norm: (layer, x, place) => {
    const channels = layer.scale.shape[0]!;
    const made = callWith(place.imports.from('layers', NORMS[layer.over]), [
      { value: number(channels) },
      ...(layer.epsilon === 1e-5 ? [] : [{ label: 'epsilon', value: number(layer.epsilon) }]),
      ...(layer.over !== 'batch' || layer.momentum === 0.9
        ? []
        : [{ label: 'momentum', value: number(layer.momentum) }]),
    ]);
    return call(place.part(layer, made), x);
  },

  dropout: (layer, x, place) =>
    call(place.part(layer, call(place.imports.from('layers', 'Dropout'))), x, place.term(layer.rate)),

  noise: (layer, x, place) =>
    call(place.part(layer, call(place.imports.from('layers', 'Noise'))), x, place.term(layer.deviation)),

  activation: (layer, x, { imports }) => {
    switch (layer.function) {
      case 'linear':
        return x;
      case 'leaky_relu':
        return call(
          layer.slope >= 0 && layer.slope <= 1
            ? imports.from('layers', 'leaky_relu')
            : imports.from('functions', 'sloped'),
          x,
          number(layer.slope),
        );
      case 'elu':
      case 'selu':
        return call(imports.functional(layer.function), x);
      case 'tanh':
      case 'sigmoid':
        return call(imports.torch(layer.function), x);
      case 'relu':
      case 'softplus':
        return call(imports.from('functions', layer.function), x);
      default:
        throw new Error(`internal: unknown activation ${String(layer.function satisfies never)}`);
    }
  },

  softmax: (layer, x, { imports }) =>
    callWith(imports.torch('softmax'), [
      { value: x },
      { label: 'dim', value: number(lastAxis(layer.inputShape)) },
    ]),

  enlarge: (layer, x, { imports }) => enlarged(x, layer.factor, layer.method, imports),

  pool: (layer, x, { imports }) =>
    layer.reduce === 'average'
      ? call(imports.functional('avg_pool2d'), x, pair(layer.size))
      : call(imports.from('layers', 'max_pool'), x, ...layer.size.map(number)),

  decimate: (layer, x) => behind(x, `[:, :, ::${layer.stride[0]}, ::${layer.stride[1]}]`),

  reshape: (layer, x, { imports }) => {
    const sizes = layer.outputShape.slice(1) as readonly number[];
    if (sizes.length === 1 && layer.inputShape.length === 2) return x;
    return sizes.length === 1
      ? call(imports.from('layers', 'flat'), x)
      : call(imports.from('layers', 'reshape'), x, ...sizes.map(number));
  },

  tap: (layer, x, place) => place.tap(layer, x),

  skip: (layer, x, { imports, local }) =>
    callWith(imports.torch('cat'), [
      { value: tuple([x, enlarged(local(layer.from), layer.factor, 'nearest', imports)]) },
      { label: 'dim', value: number(1) },
    ]),

  concat: (layer, x, { imports, term }) => call(imports.from('layers', 'append'), x, term(layer.with)),

  multiply: (layer, x, place) => binary('*', x, beside(layer.with, layer, place)),
  add: (layer, x, place) => binary('+', x, beside(layer.with, layer, place)),

  branch: (layer, x, place) => place.branch(layer, x),
  residual: (layer, x, place) => place.residual(layer, x),
};

type Kernel = readonly [down: number, across: number, inputs: number, outputs: number];

const NORMS = { batch: 'BatchNorm', layer: 'LayerNorm', instance: 'InstanceNorm' } as const;

const withoutBias = (bias: ParameterModel | undefined): readonly Argument[] =>
  bias === undefined ? [{ label: 'bias', value: name('False') }] : [];

const pair = ([a, b]: readonly [number, number]): Python =>
  a === b ? number(a) : tuple([number(a), number(b)]);

const unless = (label: string, sizes: readonly [number, number], otherwise: number): readonly Argument[] =>
  sizes.every((size) => size === otherwise) ? [] : [{ label, value: pair(sizes) }];

/** What PyTorch's own padding can say. */
function evenSides([vertical, horizontal]: Padding2D): readonly [number, number] | undefined {
  const even = vertical[0] === vertical[1] && horizontal[0] === horizontal[1];
  return even ? [vertical[0], horizontal[0]] : undefined;
}

function padded(x: Python, [[top, bottom], [left, right]]: Padding2D, { imports }: LayerPlace): Python {
  return call(imports.functional('pad'), x, tuple([left, right, top, bottom].map(number)));
}

function enlarged(
  x: Python,
  factor: readonly [number, number],
  method: 'nearest' | 'bilinear',
  imports: Imports,
): Python {
  if (factor.every((one) => one === 1)) return x;
  const mode = method === 'nearest' ? [] : [{ label: 'mode', value: text('bilinear') }];
  return callWith(imports.functional('interpolate'), [
    { value: x },
    { label: 'scale_factor', value: pair(factor) },
    ...mode,
  ]);
}

/** Dense layers take the numbers of a sample as one vector. */
function flat({ inputShape }: LayerModel, x: Python, { imports }: LayerPlace): Python {
  return inputShape.length === 2 ? x : call(imports.from('layers', 'flat'), x);
}

function beside(term: Term, { inputShape }: LayerModel, place: LayerPlace): Python {
  const python = place.term(term);
  return term.shape.length === 1 && inputShape.length > 1 ? perSample(python, inputShape.length) : python;
}

/** With how its weight starts, where that is not uniform with variance 1 / fan-in. */
function started(
  layer: { readonly weight: ParameterModel },
  fanIn: number,
  made: Python,
  { imports }: LayerPlace,
): Python {
  const { init } = layer.weight;
  const bound = Math.sqrt(3 / fanIn);
  switch (init.kind) {
    case 'uniform': {
      if (init.low === -bound && init.high === bound) return made;
      // `fan_in(0.58)`, where the same product gives the same number.
      const gain = Number((init.high / bound).toPrecision(12));
      return init.low === -init.high && gain * bound === init.high
        ? start(made, imports, 'fan_in', gain)
        : start(made, imports, 'uniform', init.low, init.high);
    }
    case 'constant':
      return start(made, imports, 'constant', init.value);
    case 'normal':
      return start(made, imports, 'normal', init.mean, init.deviation);
    case 'truncated_normal':
      return start(made, imports, 'truncated_normal', init.deviation);
    default:
      throw new Error(`internal: unknown initialiser ${String(init satisfies never)}`);
  }
}

const start = (made: Python, imports: Imports, distribution: string, ...numbers: readonly number[]): Python =>
  call(imports.from('initial', 'start'), made, text(distribution), ...numbers.map(number));
