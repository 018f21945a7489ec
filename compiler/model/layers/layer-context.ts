/** One layer of a spec being instantiated: its options as numbers, words, shapes and terms, refused where they do not fit. */
import type { Span } from '../../../spec/diagnostics/diagnostic.js';
import type { Expression } from '../../../spec/expression/expression.js';
import { LAYERS } from '../../../spec/schema/layers.js';
import type { LayerOption, LayerSpec } from '../../../spec/spec.js';
import type { Shape } from '../../graph/graph.js';
import type { Initialiser } from '../../program.js';
import { constantValue, requireConstant } from '../constant.js';
import type { Elaborator } from '../elaborate.js';
import { resolveInitialiser } from '../initialisers.js';
import { large, LIMIT_NOTE, LIMITS } from '../limits.js';
import type { LayerModel, ParameterModel } from '../network.js';
import { refusal, type Refusal } from '../refusal.js';
import { childScope, lookup, resolveAlias, type Scope } from '../scope.js';
import { formatShape, perSample, type SymbolicShape } from '../symbolic-shape.js';
import type { Term } from '../term.js';

/** Where in a network a layer stands. */
export interface Place {
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

/** A tensor of the network that has a name. */
export interface NamedTensor {
  readonly key: string;
  readonly shape: SymbolicShape;
  readonly classes?: number | undefined;
  readonly span: Span;
}

export interface Built {
  readonly layers: readonly LayerModel[];
  readonly shape: SymbolicShape;
}

/** What the layers of one network share while it is instantiated. */
export interface NetworkContext {
  readonly elaborator: Elaborator;
  /** Taps and branches by key. */
  readonly named: Map<string, NamedTensor>;
  list(specs: readonly LayerSpec[], input: Current, place: Place): Built;
  use(context: LayerContext): Built;
}

/** The tensor that a layer works on. */
export interface Current {
  readonly shape: SymbolicShape;
  readonly classes?: number | undefined;
}

export class LayerContext {
  readonly spec: LayerSpec;
  readonly current: Current;
  readonly place: Place;
  readonly network: NetworkContext;

  constructor(spec: LayerSpec, current: Current, place: Place, network: NetworkContext) {
    this.spec = spec;
    this.current = current;
    this.place = place;
    this.network = network;
  }

  get input(): SymbolicShape {
    return this.current.shape;
  }

  refusal(refused: Omit<Refusal, 'uses' | 'span'> & { readonly span?: Span }): Error {
    return refusal({ span: this.spec.span, ...refused, uses: this.place.uses });
  }

  /** `D/encoder/conv3`: kinds are counted from 1 within their block. */
  path(kind: string): string {
    const { counts, prefix } = this.place;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return `${prefix}/${Object.hasOwn(LAYERS, kind) || count > 1 ? `${kind}${count}` : kind}`;
  }

  /** Where the layers of a block or group of this name stand. */
  placeOf(name: string): Place {
    const { place } = this;
    return {
      ...place,
      prefix: place.alone ? place.prefix : this.path(name),
      counts: new Map(),
      alone: false,
    };
  }

  base(path: string, outputShape: SymbolicShape) {
    return { path, inputShape: this.input, outputShape, spans: [this.spec.span, ...this.place.uses] };
  }

  has(key: string): boolean {
    return this.spec.options.has(key);
  }

  option(key: string): LayerOption {
    return this.spec.options.get(key)!;
  }

  integer(key: string, least: number, otherwise?: number): number {
    if (otherwise !== undefined && !this.has(key)) return otherwise;
    return this.whole(this.option(key).value as Expression, `\`${key}\``, least);
  }

  /** One value for both axes, or a list of two. */
  pair(key: string, otherwise?: number): readonly [number, number] {
    const option = this.spec.options.get(key);
    if (option === undefined) return [otherwise!, otherwise!];
    if (Array.isArray(option.value)) {
      const [a, b] = (option.value as readonly Expression[]).map((value) =>
        this.extent(value, `\`${key}\``, 1),
      );
      return [a!, b!];
    }
    const value = this.extent(option.value as Expression, `\`${key}\``, 1);
    return [value, value];
  }

  /** A whole number of places along an axis. */
  extent(value: Expression, what: string, least: number): number {
    const number = this.whole(value, what, least);
    if (number <= LIMITS.window) return number;
    throw this.refusal({
      code: 'model/limit',
      message: `${what} is ${large(number)}, more than ${large(LIMITS.window)}`,
      span: resolveAlias(value, this.place.scope).expression.span,
      note: LIMIT_NOTE,
      help: 'Use a smaller number.',
    });
  }

  whole(value: Expression, what: string, least: number): number {
    const term = this.scalar(value, what);
    const number = requireConstant(term, what, value.span, this.place.uses);
    if (Number.isInteger(number) && number >= least) return number;
    const written = resolveAlias(value, this.place.scope).expression.span;
    throw this.refusal({
      code: 'schema/value',
      message: `${what} must be a whole number of at least ${least}, and it is ${rounded(number)}`,
      span: written,
      related: written === value.span ? [] : [{ message: 'read here', span: value.span }],
    });
  }

  /** A number known at compile time. */
  number(key: string, otherwise: number): number {
    const option = this.spec.options.get(key);
    if (option === undefined) return otherwise;
    const value = option.value as Expression;
    return requireConstant(this.scalar(value, `\`${key}\``), `\`${key}\``, value.span, this.place.uses);
  }

  scalar(value: Expression, what: string): Term {
    const term = this.network.elaborator.elaborate(value, this.place.scope);
    if (term.shape.length === 0 && term.kind !== 'word') return term;
    throw this.refusal({
      code: 'expression/not-scalar',
      message: `${what} must be a single number`,
      span: value.span,
    });
  }

  truth(key: string, otherwise: boolean): boolean {
    const option = this.spec.options.get(key);
    if (option === undefined) return otherwise;
    const term = this.network.elaborator.elaborate(option.value as Expression, this.place.scope);
    if (term.kind === 'boolean') return term.value;
    const number = constantValue(term);
    if (number !== undefined) return number !== 0;
    throw this.refusal({
      code: 'schema/type',
      message: `\`${key}\` must be true or false`,
      span: option.span,
    });
  }

  /** A word, written here or handed down through parameters and hyper values. */
  word(key: string): { value: string; span: Span } {
    const { expression, scope } = resolveAlias(this.option(key).value as Expression, this.place.scope);
    const word = wordOf(expression);
    if (word === undefined) {
      throw this.refusal({
        code: 'schema/type',
        message: `\`${key}\` must be a word`,
        span: expression.span,
      });
    }
    const binding = expression.kind === 'name' ? lookup(scope, word) : undefined;
    return { value: binding?.kind === 'word' ? binding.get() : word, span: expression.span };
  }

  /** An expression of the network's own tensors: inputs, and the taps and branches of this block. */
  tensor(key: string): Term {
    const { prefix, scope } = this.place;
    const visible = [...this.network.named.values()].filter(
      ({ key: own }) => own.slice(0, own.lastIndexOf('/')) === prefix,
    );
    const bindings = visible.map(({ key: own, shape, classes, span }) => {
      const term: Term = { kind: 'local', key: own, shape, classes, span };
      return [own.slice(own.lastIndexOf('/') + 1), { kind: 'term', get: () => term }] as const;
    });
    return this.network.elaborator.elaborate(
      this.option(key).value as Expression,
      childScope(scope, bindings),
    );
  }

  image(): readonly [height: number, width: number, channels: number] {
    const own = perSample(this.input);
    if (own.length === 3) return own as unknown as readonly [number, number, number];
    throw this.refusal({
      code: 'model/shape-mismatch',
      message: `\`${this.spec.kind}\` needs a picture (height x width x channels), and its input has shape ${formatShape(this.input)}`,
      help: own.length === 1 ? 'Put `{ reshape: [height, width, channels] }` before it.' : undefined,
    });
  }

  weight(path: string, shape: Shape, fanIn: number): ParameterModel {
    const option = this.spec.options.get('init');
    const init: Initialiser =
      option === undefined
        ? { kind: 'uniform', low: -Math.sqrt(3 / fanIn), high: Math.sqrt(3 / fanIn) }
        : resolveInitialiser(
            option.value as Expression,
            this.place.scope,
            fanIn,
            this.network.elaborator,
            this.place.uses,
          );
    return { name: `${path}/weight`, shape, init };
  }

  bias(path: string, size: number): ParameterModel | undefined {
    return this.truth('bias', true) ? constantParameter(`${path}/bias`, size, 0) : undefined;
  }

  /** The name a tap or branch gets, and its key: names belong to the block they are written in. */
  name(key: string): { name: string; key: string } {
    const name = wordOf(this.option(key).value as Expression)!;
    return { name, key: `${this.place.prefix}/${name}` };
  }

  /** Gives a tensor of the network a name. */
  define(key: string, name: string, tensor: Current): void {
    const known = this.network.named.get(key);
    if (known !== undefined) {
      throw this.refusal({
        code: 'yaml/duplicate-key',
        message: `The tap \`${name}\` is there already`,
        related: [{ message: 'first defined here', span: known.span }],
      });
    }
    this.network.named.set(key, { key, ...tensor, span: this.spec.span });
  }
}

export function constantParameter(name: string, size: number, value: number): ParameterModel {
  return { name, shape: [size], init: { kind: 'constant', value } };
}

export function one(layer: LayerModel): Built {
  return { layers: [layer], shape: layer.outputShape };
}

export function wordOf(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  return expression.kind === 'string' ? expression.value : undefined;
}

/** Three decimals are enough for a message. */
export const rounded = (value: number): number => Math.round(value * 1000) / 1000;
