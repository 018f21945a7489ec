/** Layers as graph nodes: one rule per layer kind. */
import type { GraphBuilder } from '../graph/builder.js';
import {
  add,
  broadcast,
  concat,
  constant,
  dot,
  fillLike,
  greater,
  greaterEqual,
  max,
  maximum,
  mul,
  reshape,
  scale,
  select,
  slice,
  sliceAxis,
  sub,
  sum,
} from '../graph/construct.js';
import type { NodeId } from '../graph/graph.js';
import { FUNCTIONS } from '../model/functions.js';
import { logSoftmax } from '../model/functions/classification.js';
import { ACTIVATION_FUNCTIONS, type LayerModel, type ParameterModel } from '../model/network.js';
import { bindBatch } from '../model/symbolic-shape.js';
import { enlargeBilinear, enlargeNearest } from './enlarge.js';
import { normalise } from './normalise.js';
import type { TermLowering } from './term.js';

type LayerOf<K extends LayerModel['kind']> = Extract<LayerModel, { kind: K }>;

export interface Surroundings {
  readonly terms: TermLowering;
  readonly builder: GraphBuilder;
  readonly batch: number;
  /** Inputs, taps and branches of this call by key. */
  readonly locals: Map<string, NodeId>;
}

export function lowerLayers(layers: readonly LayerModel[], input: NodeId, around: Surroundings): NodeId {
  return layers.reduce(
    (x, layer) =>
      around.builder.withOrigin({ label: layer.path, span: layer.spans[0] }, () =>
        lowerLayer(layer, x, around),
      ),
    input,
  );
}

function lowerLayer(layer: LayerModel, x: NodeId, around: Surroundings): NodeId {
  // The table is indexed by the layer's own kind, which the type of a union cannot follow.
  const rule = LOWERINGS[layer.kind] as (layer: LayerModel, x: NodeId, around: Surroundings) => NodeId;
  return rule(layer, x, around);
}

const LOWERINGS: {
  readonly [K in LayerModel['kind']]: (layer: LayerOf<K>, x: NodeId, around: Surroundings) => NodeId;
} = {
  dense: (layer, x, around) => affine(layer, x, around),

  maxout: (layer, x, around) => {
    const { builder, batch } = around;
    const all = affine(layer, x, around);
    const units = layer.weight.shape[1]! / layer.pieces;
    return max(builder, reshape(builder, all, [batch, units, layer.pieces]), [2]);
  },

  embedding: (layer, x, around) => {
    const labels = layer.of === undefined ? x : around.terms.lower(layer.of);
    return around.builder.emit('gather', [parameter(layer.weight, around), labels], {});
  },

  conv: (layer, x, around) => {
    const { builder } = around;
    const { strides, padding, groups } = layer;
    const weight = parameter(layer.weight, around);
    const part = (node: NodeId, axis: number, i: number): NodeId => {
      const size = builder.shape(node)[axis]! / groups;
      return sliceAxis(builder, node, axis, i * size, (i + 1) * size);
    };
    const convolve = (input: NodeId, filter: NodeId): NodeId =>
      builder.emit('conv', [input, filter], { strides, padding });
    const result =
      groups === 1
        ? convolve(x, weight)
        : concat(
            builder,
            Array.from({ length: groups }, (_, i) => convolve(part(x, 3, i), part(weight, 3, i))),
            3,
          );
    return withBias(result, layer.bias, around);
  },

  transposed_conv: (layer, x, around) => {
    const [, height, width] = layer.outputShape as readonly ['B', number, number, number];
    const { strides, padding } = layer;
    const result = around.builder.emit('conv_input_gradient', [x, parameter(layer.weight, around)], {
      strides,
      padding,
      size: [height, width],
    });
    return withBias(result, layer.bias, around);
  },

  norm: (layer, x, around) => normalise(layer, x, around),

  /** Srivastava et al. 2014, scaled in training so that outputs need no scaling. */
  dropout: (layer, x, { builder, terms }) => {
    if (terms.inputs.mode === 'output') return x;
    const rate = terms.lower(layer.rate);
    const drawn = terms.inputs.draw(site(layer, terms), builder.shape(x), 'uniform', [0, 1]);
    const kept = greaterEqual(builder, drawn, rate);
    const factor = builder.emit('div', [constant(builder, 1), sub(builder, constant(builder, 1), rate)], {});
    return mul(builder, mul(builder, x, kept), factor);
  },

  noise: (layer, x, { builder, terms }) => {
    if (terms.inputs.mode === 'output') return x;
    const drawn = terms.inputs.draw(site(layer, terms), builder.shape(x), 'normal', [0, 1]);
    return add(builder, x, mul(builder, drawn, terms.lower(layer.deviation)));
  },

  activation: (layer, x, { builder }) => {
    switch (layer.function) {
      case 'linear':
        return x;
      case 'leaky_relu':
        return layer.slope >= 0 && layer.slope <= 1
          ? maximum(builder, x, scale(builder, x, layer.slope))
          : select(builder, greater(builder, x, fillLike(builder, x, 0)), x, scale(builder, x, layer.slope));
      default:
        return FUNCTIONS[ACTIVATION_FUNCTIONS[layer.function]].lower(builder, [x], {
          extent: 'all',
          classes: [],
        });
    }
  },

  softmax: (_, x, { builder }) => builder.emit('exp', [logSoftmax(builder, x)], {}),

  enlarge: (layer, x, { builder }) =>
    layer.method === 'nearest'
      ? enlargeNearest(builder, x, layer.factor)
      : enlargeBilinear(builder, x, layer.factor),

  pool: (layer, x, { builder }) => {
    const [batch, height, width, channels] = builder.shape(x) as readonly [number, number, number, number];
    const [down, across] = layer.size;
    const windows = reshape(builder, x, [batch, height / down, down, width / across, across, channels]);
    return layer.reduce === 'max'
      ? max(builder, windows, [2, 4])
      : scale(builder, sum(builder, windows, [2, 4]), 1 / (down * across));
  },

  decimate: (layer, x, { builder }) =>
    slice(builder, x, [0, 0, 0, 0], builder.shape(x), [1, layer.stride[0], layer.stride[1], 1]),

  reshape: (layer, x, { builder, batch }) => reshape(builder, x, bindBatch(layer.outputShape, batch)),

  tap: (layer, x, { locals }) => {
    locals.set(layer.name, x);
    return x;
  },

  skip: (layer, x, { builder, locals }) => {
    const tensor = locals.get(layer.from);
    if (tensor === undefined) throw new Error(`internal: no tensor ${layer.from}`);
    return concat(builder, [x, enlargeNearest(builder, tensor, layer.factor)], 3);
  },

  concat: (layer, x, { builder, terms }) => {
    const other = terms.lower(layer.with);
    const shape = builder.shape(x);
    const theirs = builder.shape(other);
    const last = shape.length - 1;
    if (theirs.length === shape.length) return concat(builder, [x, other], last);
    // One vector (or number) per sample is repeated over height and width.
    const channels = theirs[1] ?? 1;
    const vector = theirs.length === 2 ? other : reshape(builder, other, [theirs[0]!, 1]);
    return concat(
      builder,
      [x, broadcast(builder, vector, [...shape.slice(0, -1), channels], [0, last])],
      last,
    );
  },

  multiply: (layer, x, { builder, terms }) => mul(builder, x, like(builder, terms.lower(layer.with), x)),
  add: (layer, x, { builder, terms }) => add(builder, x, like(builder, terms.lower(layer.with), x)),

  branch: (layer, x, around) => {
    const start = layer.from === undefined ? x : around.terms.lower(layer.from);
    around.locals.set(layer.name, lowerLayers(layer.layers, start, around));
    return x;
  },

  residual: (layer, x, around) => {
    const { builder, terms } = around;
    const inner = lowerLayers(layer.layers, x, around);
    if (layer.carry === undefined) return add(builder, x, inner);
    const carry = terms.lower(layer.carry);
    const rest = sub(builder, constant(builder, 1), carry);
    return add(builder, mul(builder, x, carry), mul(builder, inner, rest));
  },
};

export function parameter(model: ParameterModel, { terms }: Surroundings): NodeId {
  return terms.inputs.state(model.name, model.shape);
}

function affine(layer: LayerOf<'dense'> | LayerOf<'maxout'>, x: NodeId, around: Surroundings): NodeId {
  const { builder, batch } = around;
  const flat = reshape(builder, x, [batch, layer.weight.shape[0]!]);
  return withBias(dot(builder, flat, parameter(layer.weight, around)), layer.bias, around);
}

function withBias(x: NodeId, bias: ParameterModel | undefined, around: Surroundings): NodeId {
  if (bias === undefined) return x;
  const { builder } = around;
  const shape = builder.shape(x);
  return add(builder, x, broadcast(builder, parameter(bias, around), shape, [shape.length - 1]));
}

/** One number per sample is repeated over the sample. */
function like(builder: GraphBuilder, node: NodeId, x: NodeId): NodeId {
  const shape = builder.shape(x);
  return builder.shape(node).length === 1 && shape.length > 1 ? broadcast(builder, node, shape, [0]) : node;
}

/** Calls of the network on different tensors draw apart. */
function site(layer: LayerModel, terms: TermLowering): string {
  return `${layer.path}#${terms.inputs.nextCall(layer.path)}`;
}
