/**
 * A network for inputs of one shape: blocks expanded, repeats unrolled, every layer with its shapes and parameters.
 * One rule per layer kind of the language, so that a missing one is a type error.
 */
import type { Span } from '../../spec/diagnostics/diagnostic.js';
import { enumerate } from '../../spec/diagnostics/quote.js';
import type { Expression } from '../../spec/expression/expression.js';
import { LAYERS, type LayerKind } from '../../spec/schema/layers.js';
import type { LayerOption, LayerSpec, NetworkSpec } from '../../spec/spec.js';
import type { Padding2D, Shape } from '../graph/graph.js';
import type { Initialiser } from '../program.js';
import { constantValue, requireConstant } from './constant.js';
import type { Elaborator } from './elaborate.js';
import { resolveInitialiser } from './initialisers.js';
import type { LibraryIndex } from './library.js';
import {
  flattenLayers,
  layerParameters,
  type Activation,
  type LayerModel,
  type NetworkModel,
  type ParameterModel,
} from './network.js';
import { didYouMean, refusal } from './refusal.js';
import { reachableSizes } from './reachable-sizes.js';
import { childScope, lookup, resolveAlias, type Binding, type Scope } from './scope.js';
import { elementCount, formatShape, perSample, SCALAR, type SymbolicShape } from './symbolic-shape.js';
import type { Term } from './term.js';

const ACTIVATIONS: readonly Activation[] = [
  'elu',
  'relu',
  'leaky_relu',
  'tanh',
  'sigmoid',
  'softplus',
  'linear',
];

/** More layers than this are a mistake (or an attack), not a network. */
const LAYER_LIMIT = 4096;

interface Place {
  readonly scope: Scope;
  /** `D/encoder` */
  readonly prefix: string;
  /** The `use` lines that led here, innermost first. */
  readonly uses: readonly Span[];
  /** How many layers of a kind this prefix has so far. */
  readonly counts: Map<string, number>;
  /** The network is one block and nothing else: its layers are the network's own, `G/conv1`. */
  readonly alone: boolean;
}

export function instantiateNetwork(
  spec: NetworkSpec,
  inputShape: SymbolicShape,
  scope: Scope,
  elaborator: Elaborator,
  library: LibraryIndex,
): NetworkModel {
  const name = spec.name.value;
  const instantiation = new Instantiation(elaborator, library);
  const place: Place = { scope, prefix: name, uses: [], counts: new Map(), alone: spec.layers.length === 1 };
  const { layers, shape } = instantiation.list(spec.layers, inputShape, place);
  const parameters = flattenLayers(layers).flatMap(layerParameters);
  return { name, inputShape, outputShape: shape, layers, parameters, span: spec.span };
}

interface Built {
  readonly layers: readonly LayerModel[];
  readonly shape: SymbolicShape;
}

class Instantiation {
  readonly #elaborator: Elaborator;
  readonly #library: LibraryIndex;
  readonly #taps = new Map<string, { shape: SymbolicShape; span: Span }>();
  #count = 0;

  constructor(elaborator: Elaborator, library: LibraryIndex) {
    this.#elaborator = elaborator;
    this.#library = library;
  }

  list(specs: readonly LayerSpec[], input: SymbolicShape, place: Place): Built {
    const layers: LayerModel[] = [];
    let shape = input;
    for (const spec of specs) {
      const built = this.#rules[spec.kind as LayerKind](spec, shape, place);
      layers.push(...built.layers);
      shape = built.shape;
      this.#count += built.layers.length;
      if (this.#count > LAYER_LIMIT) {
        throw refusal({
          code: 'model/shape-mismatch',
          message: `The network has more than ${LAYER_LIMIT} layers`,
          span: spec.span,
          uses: place.uses,
        });
      }
    }
    return { layers, shape };
  }

  readonly #rules: Readonly<
    Record<LayerKind, (spec: LayerSpec, input: SymbolicShape, place: Place) => Built>
  > = {
    dense: (spec, input, place) => {
      const units = this.#integer(spec, 'units', place, 1);
      const path = this.#path('dense', place);
      const fanIn = elementCount(perSample(input));
      return one({
        ...this.#base(spec, path, input, ['B', units], place),
        kind: 'dense',
        weight: this.#weight(spec, path, [fanIn, units], fanIn, place),
        bias: this.#bias(spec, path, units, place),
      });
    },

    conv: (spec, input, place) => {
      const [height, width, channels] = this.#image(spec, input, place);
      const filters = this.#integer(spec, 'filters', place, 1);
      const kernel = this.#pair(spec, 'kernel', place, 3);
      const strides = this.#pair(spec, 'stride', place, 1);
      const padding = this.#padding(spec, [height, width], kernel, strides, place);
      const out = [0, 1].map(
        (axis) =>
          Math.floor(
            ([height, width][axis]! + padding[axis]![0] + padding[axis]![1] - kernel[axis]!) / strides[axis]!,
          ) + 1,
      );
      if (out.some((size) => size < 1)) {
        throw refusal({
          code: 'model/shape-mismatch',
          message: `A ${kernel.join(' x ')} kernel does not fit into ${height} x ${width}`,
          span: spec.span,
          uses: place.uses,
        });
      }
      const path = this.#path('conv', place);
      const fanIn = kernel[0] * kernel[1] * channels;
      return one({
        ...this.#base(spec, path, input, ['B', out[0]!, out[1]!, filters], place),
        kind: 'conv',
        strides,
        padding,
        weight: this.#weight(spec, path, [kernel[0], kernel[1], channels, filters], fanIn, place),
        bias: this.#bias(spec, path, filters, place),
      });
    },

    elu: (spec, input, place) => this.#activation(spec, 'elu', input, place),
    relu: (spec, input, place) => this.#activation(spec, 'relu', input, place),
    leaky_relu: (spec, input, place) => this.#activation(spec, 'leaky_relu', input, place),
    tanh: (spec, input, place) => this.#activation(spec, 'tanh', input, place),
    sigmoid: (spec, input, place) => this.#activation(spec, 'sigmoid', input, place),
    softplus: (spec, input, place) => this.#activation(spec, 'softplus', input, place),
    linear: (spec, input, place) => this.#activation(spec, 'linear', input, place),
    activation: (spec, input, place) => {
      const word = this.#word(spec, 'name', place);
      const known = ACTIVATIONS.find((name) => name === word.value);
      if (known === undefined) {
        throw refusal({
          code: 'schema/value',
          message: `\`${word.value}\` is not an activation`,
          span: word.span,
          uses: place.uses,
          help: didYouMean(word.value, ACTIVATIONS) ?? `Use ${enumerate(ACTIVATIONS, 'or')}.`,
        });
      }
      return this.#activation(spec, known, input, place);
    },

    upsample: (spec, input, place) => {
      const [height, width, channels] = this.#image(spec, input, place);
      const factor = this.#integer(spec, 'factor', place, 1);
      const output: SymbolicShape = ['B', height * factor, width * factor, channels];
      return one({
        ...this.#base(spec, this.#path('upsample', place), input, output, place),
        kind: 'upsample',
        factor,
      });
    },
    average_pool: (spec, input, place) => this.#pool(spec, 'average', input, place),
    max_pool: (spec, input, place) => this.#pool(spec, 'max', input, place),
    decimate: (spec, input, place) => {
      const [height, width, channels] = this.#image(spec, input, place);
      const stride = this.#integer(spec, 'stride', place, 1);
      const output: SymbolicShape = ['B', Math.ceil(height / stride), Math.ceil(width / stride), channels];
      return one({
        ...this.#base(spec, this.#path('decimate', place), input, output, place),
        kind: 'decimate',
        stride,
      });
    },

    reshape: (spec, input, place) => {
      const option = spec.options.get('shape')!;
      const sizes = (option.value as readonly Expression[]).map((value) =>
        this.#whole(value, 'A size', place, 1),
      );
      const before = elementCount(perSample(input));
      if (elementCount(sizes) !== before) {
        throw refusal({
          code: 'model/shape-mismatch',
          message: `The input has ${before} numbers per sample, and ${sizes.join(' x ')} are ${elementCount(sizes)}`,
          span: option.span,
          uses: place.uses,
          note: `The shape before is ${formatShape(input)}.`,
        });
      }
      return one({
        ...this.#base(spec, this.#path('reshape', place), input, ['B', ...sizes], place),
        kind: 'reshape',
      });
    },
    flatten: (spec, input, place) =>
      one({
        ...this.#base(
          spec,
          this.#path('flatten', place),
          input,
          ['B', elementCount(perSample(input))],
          place,
        ),
        kind: 'reshape',
      }),

    tap: (spec, input, place) => {
      const { name, key } = this.#tapName(spec, 'name', place);
      const known = this.#taps.get(key);
      if (known !== undefined) {
        throw refusal({
          code: 'yaml/duplicate-key',
          message: `The tap \`${name}\` is there already`,
          span: spec.span,
          uses: place.uses,
          related: [{ message: 'first defined here', span: known.span }],
        });
      }
      this.#taps.set(key, { shape: input, span: spec.span });
      return one({ ...this.#base(spec, key, input, input, place), kind: 'tap', name: key });
    },

    skip: (spec, input, place) => {
      const [height, width, channels] = this.#image(spec, input, place);
      const { name, key } = this.#tapName(spec, 'from', place);
      const tap = this.#taps.get(key);
      if (tap === undefined) {
        const names = [...this.#taps.keys()].map((known) => known.slice(known.lastIndexOf('/') + 1));
        throw refusal({
          code: 'model/unknown-tap',
          message: `There is no tap \`${name}\` above this layer`,
          span: spec.span,
          uses: place.uses,
          help: didYouMean(name, names) ?? `Put \`{ tap: ${name} }\` after the layer whose output is meant.`,
        });
      }
      const from = perSample(tap.shape);
      const factor = [height / from[0]!, width / from[1]!] as const;
      if (from.length !== 3 || !factor.every((f) => Number.isInteger(f) && f >= 1)) {
        throw refusal({
          code: 'model/shape-mismatch',
          message: `The tap \`${name}\` of shape ${formatShape(tap.shape)} cannot be enlarged to ${height} x ${width}`,
          span: spec.span,
          uses: place.uses,
          related: [{ message: 'the tap', span: tap.span }],
          note: 'A skip enlarges by a whole number, the same for every pixel.',
        });
      }
      const output: SymbolicShape = ['B', height, width, channels + from[2]!];
      return one({
        ...this.#base(spec, this.#path('skip', place), input, output, place),
        kind: 'skip',
        from: key,
        factor,
      });
    },

    residual: (spec, input, place) => {
      const option = spec.options.get('carry');
      const carry = option && this.#scalar(option.value as Expression, '`carry`', place);
      const inner = this.list(spec.layers, input, place);
      // A carry that is always 0 leaves f(x); the layers then stand for themselves.
      if (carry?.kind === 'number' && carry.value === 0) return inner;
      if (formatShape(inner.shape) !== formatShape(input)) {
        throw refusal({
          code: 'model/shape-mismatch',
          message: `A residual must keep its shape, and its layers turn ${formatShape(input)} into ${formatShape(inner.shape)}`,
          span: spec.span,
          uses: place.uses,
          note: 'Input and output are added, so every size must be equal.',
        });
      }
      return one({
        ...this.#base(spec, this.#path('residual', place), input, input, place),
        kind: 'residual',
        carry,
        layers: inner.layers,
      });
    },

    repeat: (spec, input, place) => {
      const value = spec.options.get('repeat')!.value as Expression;
      const count = this.#repetitions(value, place);
      const index = spec.options.get('index');
      const indexName = index && wordOf(index.value as Expression);
      const layers: LayerModel[] = [];
      let shape = input;
      for (let i = 0; i < count; i++) {
        const term: Term = { kind: 'number', value: i, span: spec.span, shape: SCALAR };
        const bindings: [string, Binding][] =
          indexName === undefined ? [] : [[indexName, { kind: 'term', get: () => term }]];
        const built = this.list(spec.layers, shape, { ...place, scope: childScope(place.scope, bindings) });
        layers.push(...built.layers);
        shape = built.shape;
      }
      return { layers, shape };
    },

    when: (spec, input, place) => {
      const value = spec.options.get('when')!.value as Expression;
      const term = this.#elaborator.elaborate(value, place.scope);
      const holds =
        term.kind === 'boolean'
          ? term.value
          : requireConstant(term, 'A condition', value.span, place.uses) !== 0;
      return holds ? this.list(spec.layers, input, place) : { layers: [], shape: input };
    },

    use: (spec, input, place) => {
      const written = spec.options.get('use')!;
      const name = wordOf(written.value as Expression)!;
      if (place.uses.length > 16) {
        throw refusal({
          code: 'expression/cycle',
          message: `The block \`${name}\` uses itself`,
          span: written.span,
          uses: place.uses,
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
      const prefix = place.alone ? place.prefix : this.#path(name.slice(name.lastIndexOf('/') + 1), place);
      return this.list(block.layers, input, {
        scope,
        prefix,
        uses: [spec.span, ...place.uses],
        counts: new Map(),
        alone: false,
      });
    },
  };

  #activation(spec: LayerSpec, name: Activation, input: SymbolicShape, place: Place): Built {
    const option = spec.options.get('slope');
    const slope =
      option === undefined
        ? 0.2
        : requireConstant(
            this.#scalar(option.value as Expression, 'The slope', place),
            'The slope',
            option.span,
            place.uses,
          );
    return one({
      ...this.#base(spec, this.#path(name, place), input, input, place),
      kind: 'activation',
      function: name,
      slope,
    });
  }

  #pool(spec: LayerSpec, reduce: 'average' | 'max', input: SymbolicShape, place: Place): Built {
    const [height, width, channels] = this.#image(spec, input, place);
    const size = this.#integer(spec, 'size', place, 1);
    if (height % size !== 0 || width % size !== 0) {
      throw refusal({
        code: 'model/shape-mismatch',
        message: `A picture of ${height} x ${width} cannot be cut into ${size} x ${size} windows`,
        span: spec.span,
        uses: place.uses,
        note: 'Pooling windows do not overlap and must cover the picture.',
      });
    }
    return one({
      ...this.#base(
        spec,
        this.#path(spec.kind, place),
        input,
        ['B', height / size, width / size, channels],
        place,
      ),
      kind: 'pool',
      reduce,
      size,
    });
  }

  #base(spec: LayerSpec, path: string, inputShape: SymbolicShape, outputShape: SymbolicShape, place: Place) {
    return { path, inputShape, outputShape, spans: [spec.span, ...place.uses] };
  }

  /** `D/encoder/conv3`: kinds are counted from 1 within their block. */
  #path(kind: string, place: Place): string {
    const count = (place.counts.get(kind) ?? 0) + 1;
    place.counts.set(kind, count);
    const blockOrLayer = Object.hasOwn(LAYERS, kind)
      ? `${kind}${count}`
      : count === 1
        ? kind
        : `${kind}${count}`;
    return `${place.prefix}/${blockOrLayer}`;
  }

  #weight(spec: LayerSpec, path: string, shape: Shape, fanIn: number, place: Place): ParameterModel {
    const option = spec.options.get('init');
    const init: Initialiser =
      option === undefined
        ? { kind: 'uniform', low: -Math.sqrt(3 / fanIn), high: Math.sqrt(3 / fanIn) }
        : resolveInitialiser(option.value as Expression, place.scope, fanIn, this.#elaborator, place.uses);
    return { name: `${path}/weight`, shape, init };
  }

  #bias(spec: LayerSpec, path: string, size: number, place: Place): ParameterModel | undefined {
    const option = spec.options.get('bias');
    if (option !== undefined && !this.#truth(option.value as Expression, '`bias`', place)) return undefined;
    return { name: `${path}/bias`, shape: [size], init: { kind: 'constant', value: 0 } };
  }

  #image(
    spec: LayerSpec,
    input: SymbolicShape,
    place: Place,
  ): readonly [height: number, width: number, channels: number] {
    const own = perSample(input);
    if (own.length === 3) return own as unknown as readonly [number, number, number];
    throw refusal({
      code: 'model/shape-mismatch',
      message: `\`${spec.kind}\` needs a picture (height x width x channels), and its input has shape ${formatShape(input)}`,
      span: spec.span,
      uses: place.uses,
      help: own.length === 1 ? 'Put `{ reshape: [height, width, channels] }` before it.' : undefined,
    });
  }

  #padding(
    spec: LayerSpec,
    size: readonly [number, number],
    kernel: readonly [number, number],
    strides: readonly [number, number],
    place: Place,
  ): Padding2D {
    const option = spec.options.get('padding');
    const same = (axis: 0 | 1): readonly [number, number] => {
      const out = Math.ceil(size[axis] / strides[axis]);
      const total = Math.max(0, (out - 1) * strides[axis] + kernel[axis] - size[axis]);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    };
    const half = (axis: 0 | 1): readonly [number, number] => [
      Math.floor(kernel[axis] / 2),
      Math.floor(kernel[axis] / 2),
    ];
    if (option === undefined) return [same(0), same(1)];
    if (option.value instanceof Map) {
      const sides = option.value as ReadonlyMap<string, LayerOption>;
      const side = (name: string): number => {
        const written = sides.get(name);
        return written === undefined
          ? 0
          : this.#whole(written.value as Expression, `\`${name}\` of \`padding\``, place, 0);
      };
      return [
        [side('top'), side('bottom')],
        [side('left'), side('right')],
      ];
    }
    const word = this.#word(spec, 'padding', place).value;
    switch (word) {
      case 'same':
        return [same(0), same(1)];
      case 'half':
        return [half(0), half(1)];
      case 'none':
        return [
          [0, 0],
          [0, 0],
        ];
      default:
        throw refusal({
          code: 'schema/value',
          message: `\`${word}\` is not a padding`,
          span: option.span,
          uses: place.uses,
          help: didYouMean(word, LAYERS.conv.options.padding.words) ?? 'Write `same`, `half` or `none`.',
        });
    }
  }

  #pair(spec: LayerSpec, key: string, place: Place, otherwise: number): readonly [number, number] {
    const option = spec.options.get(key);
    if (option === undefined) return [otherwise, otherwise];
    if (Array.isArray(option.value)) {
      const [a, b] = (option.value as readonly Expression[]).map((value) =>
        this.#whole(value, `\`${key}\``, place, 1),
      );
      return [a!, b!];
    }
    const value = this.#whole(option.value as Expression, `\`${key}\``, place, 1);
    return [value, value];
  }

  #integer(spec: LayerSpec, key: string, place: Place, least: number): number {
    const option = spec.options.get(key)!;
    return this.#whole(option.value as Expression, `\`${key}\``, place, least);
  }

  #whole(value: Expression, what: string, place: Place, least: number): number {
    const term = this.#scalar(value, what, place);
    const number = requireConstant(term, what, value.span, place.uses);
    if (Number.isInteger(number) && number >= least) return number;
    const written = resolveAlias(value, place.scope).expression.span;
    throw refusal({
      code: 'schema/value',
      message: `${what} must be a whole number of at least ${least}, and it is ${round(number)}`,
      span: written,
      related: written === value.span ? [] : [{ message: 'read here', span: value.span }],
      uses: place.uses,
    });
  }

  /** A repeat count; where it is no whole number, says which sizes would make it one. */
  #repetitions(value: Expression, place: Place): number {
    const term = this.#scalar(value, '`repeat`', place);
    const count = requireConstant(term, '`repeat`', value.span, place.uses);
    if (Number.isInteger(count) && count >= 0) return count;
    const sizes = reachableSizes(value, place.scope, this.#elaborator);
    throw refusal({
      code: 'model/unreachable-size',
      message:
        sizes === undefined
          ? `\`repeat\` must be a whole number of at least 0, and it is ${round(count)}`
          : `\`${sizes.name}\` ${sizes.value} cannot be reached: the layers would have to repeat ${round(count)} times`,
      span: sizes?.span ?? value.span,
      uses: place.uses,
      related: sizes && [{ message: 'the repeat', span: value.span }],
      note: 'Every repetition doubles or halves the picture, starting from a fixed size.',
      help: sizes && sizes.near.length > 0 ? `Use ${sizes.near.join(' or ')}.` : undefined,
    });
  }

  #scalar(value: Expression, what: string, place: Place): Term {
    const term = this.#elaborator.elaborate(value, place.scope);
    if (term.shape.length === 0 && term.kind !== 'word') return term;
    throw refusal({
      code: 'expression/not-scalar',
      message: `${what} must be a single number`,
      span: value.span,
      uses: place.uses,
    });
  }

  #truth(value: Expression, what: string, place: Place): boolean {
    const term = this.#elaborator.elaborate(value, place.scope);
    if (term.kind === 'boolean') return term.value;
    const number = constantValue(term);
    if (number !== undefined) return number !== 0;
    throw refusal({
      code: 'schema/type',
      message: `${what} must be true or false`,
      span: value.span,
      uses: place.uses,
    });
  }

  /** A word, written here or handed down through parameters and hyper values. */
  #word(spec: LayerSpec, key: string, place: Place): { value: string; span: Span } {
    const option = spec.options.get(key)!;
    const { expression, scope } = resolveAlias(option.value as Expression, place.scope);
    const word = wordOf(expression);
    if (word === undefined) {
      throw refusal({
        code: 'schema/type',
        message: `\`${key}\` must be a word`,
        span: expression.span,
        uses: place.uses,
      });
    }
    const binding = expression.kind === 'name' ? lookup(scope, word) : undefined;
    return { value: binding?.kind === 'word' ? binding.get() : word, span: expression.span };
  }

  /** Taps belong to the block they are written in: two uses of a block do not share them. */
  #tapName(spec: LayerSpec, key: string, place: Place): { name: string; key: string } {
    const name = wordOf(spec.options.get(key)!.value as Expression)!;
    return { name, key: `${place.prefix}/${name}` };
  }
}

function one(layer: LayerModel): Built {
  return { layers: [layer], shape: layer.outputShape };
}

function wordOf(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  return expression.kind === 'string' ? expression.value : undefined;
}

/** Three decimals are enough for a message. */
const round = (value: number): number => Math.round(value * 1000) / 1000;
