/**
 * A network for inputs of given shapes: blocks expanded, repeats unrolled, every layer with its shapes and parameters.
 * One rule per layer kind of the language, so that a missing one is a type error.
 */
import type { LayerKind } from '../../spec/schema/layers.js';
import type { LayerOption, LayerSpec, NetworkSpec } from '../../spec/spec.js';
import type { Elaborator } from './elaborate.js';
import {
  LayerContext,
  wordOf,
  type Built,
  type Current,
  type NamedTensor,
  type NetworkContext,
  type Place,
} from './layers/layer-context.js';
import * as linear from './layers/linear.js';
import * as pointwise from './layers/pointwise.js';
import * as spatial from './layers/spatial.js';
import * as wiring from './layers/wiring.js';
import type { Expression } from '../../spec/expression/expression.js';
import type { LibraryIndex } from './library.js';
import {
  flattenLayers,
  layerParameters,
  type LayerModel,
  type NetworkInput,
  type NetworkModel,
} from './network.js';
import { childScope, type Binding, type Scope } from './scope.js';
import type { Term } from './term.js';

/** Layers that are made of others, which have been counted. */
const HOLDERS: ReadonlySet<string> = new Set(['use', 'group', 'repeat', 'when', 'residual', 'branch']);

/** How deep blocks may use each other. */
const USE_LIMIT = 16;

export function instantiateNetwork(
  spec: NetworkSpec,
  inputs: readonly NetworkInput[],
  scope: Scope,
  elaborator: Elaborator,
  library: LibraryIndex,
): NetworkModel {
  const name = spec.name.value;
  const instantiation = new Instantiation(elaborator, library);
  const bindings = (spec.inputs ?? []).map(({ value, span }, i): [string, Binding] => {
    const term: Term = { kind: 'local', key: inputKey(i), ...inputs[i]!, span };
    return [value, { kind: 'term', get: () => term }];
  });
  const place: Place = {
    scope: childScope(scope, bindings),
    prefix: name,
    uses: [],
    counts: new Map(),
    alone: spec.layers.length === 1,
  };
  const { layers, shape } = instantiation.list(spec.layers, inputs[0]!, place);
  const parameters = flattenLayers(layers).flatMap(layerParameters);
  return {
    name,
    inputs,
    outputShape: shape,
    layers,
    parameters,
    named: instantiation.named,
    average: undefined,
    span: spec.span,
  };
}

/** The key under which the lowering finds the i-th input of a call. */
export const inputKey = (i: number): string => `input#${i}`;

const RULES: Readonly<Record<Exclude<LayerKind, 'use'>, (context: LayerContext) => Built>> = {
  dense: linear.dense,
  conv: linear.conv,
  transposed_conv: linear.transposedConv,
  maxout: linear.maxout,
  embedding: linear.embedding,

  batch_norm: (c) => pointwise.norm(c, 'batch'),
  layer_norm: (c) => pointwise.norm(c, 'layer'),
  instance_norm: (c) => pointwise.norm(c, 'instance'),
  dropout: pointwise.dropout,
  noise: pointwise.noise,

  elu: (c) => pointwise.activation(c, 'elu'),
  relu: (c) => pointwise.activation(c, 'relu'),
  selu: (c) => pointwise.activation(c, 'selu'),
  leaky_relu: (c) => pointwise.activation(c, 'leaky_relu'),
  tanh: (c) => pointwise.activation(c, 'tanh'),
  sigmoid: (c) => pointwise.activation(c, 'sigmoid'),
  softplus: (c) => pointwise.activation(c, 'softplus'),
  linear: (c) => pointwise.activation(c, 'linear'),
  activation: pointwise.namedActivation,
  norm: pointwise.namedNorm,
  softmax: pointwise.softmax,

  upsample: (c) => spatial.enlarge(c, 'nearest'),
  bilinear: (c) => spatial.enlarge(c, 'bilinear'),
  average_pool: (c) => spatial.pool(c, 'average'),
  max_pool: (c) => spatial.pool(c, 'max'),
  decimate: spatial.decimate,

  reshape: wiring.reshape,
  flatten: wiring.flatten,
  tap: wiring.tap,
  skip: wiring.skip,
  concat: wiring.concat,
  multiply: (c) => wiring.combine(c, 'multiply'),
  add: (c) => wiring.combine(c, 'add'),
  branch: wiring.branch,
  residual: wiring.residual,
  group: wiring.group,
  repeat: wiring.repeat,
  when: wiring.when,
};

class Instantiation implements NetworkContext {
  readonly elaborator: Elaborator;
  readonly named = new Map<string, NamedTensor>();
  readonly #library: LibraryIndex;

  constructor(elaborator: Elaborator, library: LibraryIndex) {
    this.elaborator = elaborator;
    this.#library = library;
  }

  list(specs: readonly LayerSpec[], input: Current, place: Place): Built {
    const layers: LayerModel[] = [];
    let current = input;
    const { budget } = this.elaborator;
    for (const spec of specs) {
      budget.layer(spec.span, place.uses);
      const context = new LayerContext(spec, current, place, this);
      const built =
        spec.kind === 'use' ? this.use(context) : RULES[spec.kind as Exclude<LayerKind, 'use'>](context);
      layers.push(...built.layers);
      if (built.layers.some(changes)) current = { shape: built.shape };
      for (const layer of built.layers) budget.tensor(layer.outputShape, spec.span, place.uses);
      for (const { shape } of HOLDERS.has(spec.kind) ? [] : built.layers.flatMap(layerParameters)) {
        budget.parameter(shape, spec.span, place.uses);
      }
    }
    return { layers, shape: current.shape };
  }

  use(c: LayerContext): Built {
    const written = c.option('use');
    const name = wordOf(written.value as Expression)!;
    const { place, spec } = c;
    if (place.uses.length > USE_LIMIT) {
      throw c.refusal({
        code: 'expression/cycle',
        message: `The block \`${name}\` uses itself`,
        span: written.span,
      });
    }
    const block = this.#library.block(name, written.span, place.uses);
    const given = spec.options.get('with')?.value as ReadonlyMap<string, LayerOption> | undefined;
    const scope = this.#library.parameterScope(
      block,
      given ?? new Map<string, LayerOption>(),
      place.scope,
      spec.span,
    );
    return this.list(block.layers, c.current, {
      ...c.placeOf(name.slice(name.lastIndexOf('/') + 1)),
      scope,
      uses: [spec.span, ...place.uses],
    });
  }
}

/** Names and branches leave the current tensor, and what it means, as it is. */
const changes = (layer: LayerModel): boolean => layer.kind !== 'tap' && layer.kind !== 'branch';
