/** Layers as graph nodes: one rule per layer kind. */
import type { GraphBuilder } from '../graph/builder.js';
import {
  add,
  broadcast,
  concat,
  constant,
  dot,
  max,
  maximum,
  mul,
  reshape,
  scale,
  select,
  slice,
  sub,
  sum,
  greater,
  fillLike,
} from '../graph/construct.js';
import type { NodeId, Shape } from '../graph/graph.js';
import { functionRule } from '../model/functions.js';
import {
  ACTIVATION_FUNCTIONS,
  type LayerModel,
  type NetworkModel,
  type ParameterModel,
} from '../model/network.js';
import { bindBatch } from '../model/symbolic-shape.js';
import type { TermLowering } from './term.js';

type LayerOf<K extends LayerModel['kind']> = Extract<LayerModel, { kind: K }>;

interface Surroundings {
  readonly terms: TermLowering;
  readonly builder: GraphBuilder;
  readonly batch: number;
  readonly taps: Map<string, NodeId>;
}

export function lowerNetwork(terms: TermLowering, network: NetworkModel, input: NodeId): NodeId {
  const { builder, batch } = terms.inputs;
  return lowerLayers(network.layers, input, { terms, builder, batch, taps: new Map() });
}

function lowerLayers(layers: readonly LayerModel[], input: NodeId, around: Surroundings): NodeId {
  return layers.reduce(
    (x, layer) =>
      around.builder.withOrigin({ label: layer.path, span: layer.spans[0] }, () =>
        lowerLayer(layer, x, around),
      ),
    input,
  );
}

function lowerLayer<K extends LayerModel['kind']>(
  layer: LayerOf<K>,
  x: NodeId,
  around: Surroundings,
): NodeId {
  // The table is indexed by the layer's own kind, which the type of a union cannot follow.
  const rule = LOWERINGS[layer.kind] as (layer: LayerModel, x: NodeId, around: Surroundings) => NodeId;
  return rule(layer, x, around);
}

const LOWERINGS: {
  readonly [K in LayerModel['kind']]: (layer: LayerOf<K>, x: NodeId, around: Surroundings) => NodeId;
} = {
  dense: (layer, x, around) => {
    const { builder, batch } = around;
    const flat = reshape(builder, x, [batch, layer.weight.shape[0]!]);
    const product = dot(builder, flat, parameter(layer.weight, around));
    return layer.bias === undefined ? product : addBias(builder, product, parameter(layer.bias, around));
  },

  conv: (layer, x, around) => {
    const { builder } = around;
    const result = builder.emit('conv', [x, parameter(layer.weight, around)], {
      strides: layer.strides,
      padding: layer.padding,
    });
    return layer.bias === undefined ? result : addBias(builder, result, parameter(layer.bias, around));
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
        return functionRule(ACTIVATION_FUNCTIONS[layer.function]).lower(builder, [x], 'all');
    }
  },

  upsample: (layer, x, { builder }) => enlarge(builder, x, [layer.factor, layer.factor]),

  pool: (layer, x, { builder }) => {
    const [batch, height, width, channels] = builder.shape(x) as readonly [number, number, number, number];
    const { size } = layer;
    const windows = reshape(builder, x, [batch, height / size, size, width / size, size, channels]);
    return layer.reduce === 'max'
      ? max(builder, windows, [2, 4])
      : scale(builder, sum(builder, windows, [2, 4]), 1 / (size * size));
  },

  decimate: (layer, x, { builder }) => {
    const shape = builder.shape(x);
    return slice(builder, x, [0, 0, 0, 0], shape, [1, layer.stride, layer.stride, 1]);
  },

  reshape: (layer, x, { builder, batch }) => reshape(builder, x, bindBatch(layer.outputShape, batch)),

  tap: (layer, x, { taps }) => {
    taps.set(layer.name, x);
    return x;
  },

  skip: (layer, x, { builder, taps }) => {
    const tap = taps.get(layer.from);
    if (tap === undefined) throw new Error(`internal: no tap ${layer.from}`);
    return concat(builder, [x, enlarge(builder, tap, layer.factor)], 3);
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

function parameter(model: ParameterModel, { terms }: Surroundings): NodeId {
  return terms.inputs.state(model.name, model.shape);
}

function addBias(builder: GraphBuilder, x: NodeId, bias: NodeId): NodeId {
  const shape = builder.shape(x);
  return add(builder, x, broadcast(builder, bias, shape, [shape.length - 1]));
}

/** Nearest neighbour: every pixel becomes factor[0] x factor[1] equal pixels. */
function enlarge(builder: GraphBuilder, x: NodeId, [down, across]: readonly [number, number]): NodeId {
  if (down === 1 && across === 1) return x;
  const [batch, height, width, channels] = builder.shape(x) as readonly [number, number, number, number];
  const split: Shape = [batch, height, down, width, across, channels];
  const copies = broadcast(builder, x, split, [0, 1, 3, 5]);
  const result: Shape = [batch, height * down, width * across, channels];
  return reshape(builder, copies, result);
}
