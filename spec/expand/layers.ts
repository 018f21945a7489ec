/** Layers with the blocks that they use written out. */
import { isMap, isScalar, isSeq, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Expression } from '../expression/expression.js';
import { layerRule } from '../schema/layer-rule.js';
import type { LayerRule } from '../schema/layers.js';
import type { LibraryBlock } from '../spec.js';
import { expressionOf, withValues } from './scalars.js';
import { NO_VALUES, refuseCapture, unused, valuesOf, type Values } from './values.js';

export interface BlockSource {
  /** The block and its layers, a fresh copy each time. */
  block(name: string): { readonly entry: LibraryBlock; readonly layers: YAMLSeq };
  /** Names of the spec that are words. */
  readonly hyperWords: ReadonlySet<string>;
}

/** The layers of a network. One that is a single block has the block's layers as its own. */
export function expandNetwork(layers: YAMLSeq, source: BlockSource): YAMLSeq {
  const [only] = layers.items;
  if (layers.items.length !== 1 || !isMap(only) || !only.has('use')) {
    return expandLayers(layers, NO_VALUES, source);
  }
  const { name, layers: inner } = writtenOut(only, NO_VALUES, source);
  inner.commentBefore ??= only.commentBefore ?? null;
  // A single layer would be taken for the network's only block in turn.
  return inner.items.length === 1 ? sequence([group(name, inner)]) : inner;
}

export function expandLayers(layers: YAMLSeq, values: Values, source: BlockSource): YAMLSeq {
  const expanded = layers.items.flatMap((layer) => expandLayer(layer, values, source));
  // A list of layers is never empty.
  layers.items = expanded.length > 0 ? expanded : [nothing()];
  return layers;
}

function expandLayer(layer: unknown, values: Values, source: BlockSource): readonly unknown[] {
  if (!isMap(layer)) return [layer];
  const head = layer.items.find(({ key }) => layerRule(String(key)) !== undefined);
  if (head === undefined) return [layer];
  const kind = String(head.key);
  const rule = layerRule(kind)!;
  if (kind === 'use') {
    const { name, layers } = writtenOut(layer, values, source);
    const written = group(name, layers);
    written.commentBefore = layer.commentBefore ?? null;
    return [written];
  }
  if (kind === 'repeat') return [expandRepeat(layer, values, source)];
  if (kind === 'when') return expandWhen(layer, values, source);
  if (rule.flat === true) {
    expandOptions(layer, rule, values);
    expandNested(layer, values, source);
  } else if (isMap(head.value)) {
    expandOptions(head.value, rule, values);
    expandNested(head.value, values, source);
  } else if (rule.nests === true && isSeq(head.value)) {
    expandLayers(head.value, values, source);
  } else if (rule.shorthand !== undefined) {
    head.value = expandOption(head.value, rule.options[rule.shorthand]!.type, values);
  }
  return [layer];
}

function expandNested(holder: YAMLMap, values: Values, source: BlockSource): void {
  const layers = holder.get('layers');
  if (isSeq(layers)) expandLayers(layers, values, source);
}

function expandOptions(holder: YAMLMap, { options }: LayerRule, values: Values): void {
  for (const pair of holder.items) {
    const option = Object.hasOwn(options, String(pair.key)) ? options[String(pair.key)] : undefined;
    if (option !== undefined) pair.value = expandOption(pair.value, option.type, values);
  }
}

function expandOption(value: unknown, type: LayerRule['options'][string]['type'], values: Values): unknown {
  if (type === 'name' || type === 'library') return value;
  if (isSeq(value)) {
    value.items = value.items.map((item) => withValues(item, values));
    return value;
  }
  if (isMap(value)) {
    for (const pair of value.items) pair.value = withValues(pair.value, values);
    return value;
  }
  return withValues(value, values);
}

/** The index hides a name of the spec that a value mentions: it gets another one. */
function expandRepeat(layer: YAMLMap, values: Values, source: BlockSource): YAMLMap {
  layer.set('repeat', withValues(layer.get('repeat', true), values));
  const inner = new Map(values);
  const index = layer.get('index', true);
  if (isScalar(index)) {
    const name = String(index.value);
    inner.delete(name);
    const free = unused(name, inner);
    if (free !== name) {
      index.value = free;
      inner.set(name, { kind: 'name', name: free, span: { file: { name: '', text: '' }, start: 0, end: 0 } });
    }
  }
  expandNested(layer, inner, source);
  return layer;
}

/** A condition that is decided leaves its layers, or nothing. */
function expandWhen(layer: YAMLMap, values: Values, source: BlockSource): readonly unknown[] {
  const condition = withValues(layer.get('when', true), values);
  const decided = expressionOf(condition);
  if (values.size > 0 && decided?.kind === 'boolean') {
    const layers = layer.get('layers');
    return decided.value && isSeq(layers) ? expandLayers(layers, values, source).items : [];
  }
  layer.set('when', condition);
  expandNested(layer, values, source);
  return [layer];
}

/** What a `use` stands for, under the last part of the block's name. */
function writtenOut(
  use: YAMLMap,
  values: Values,
  source: BlockSource,
): { readonly name: string; readonly layers: YAMLSeq } {
  const path = String(use.get('use'));
  const { entry, layers } = source.block(path);
  const given = givenIn(use.get('with'), values);
  refuseCapture(entry, tapsIn(layers), given.values());
  const inner = valuesOf(entry, given, source.hyperWords);
  return { name: path.slice(path.lastIndexOf('/') + 1), layers: expandLayers(layers, inner, source) };
}

/** The expressions of `with:`, in the names of the spec. */
export function givenIn(node: unknown, values: Values): ReadonlyMap<string, Expression> {
  const pairs = isMap(node) ? node.items : [];
  return new Map(
    pairs.flatMap(({ key, value }) => {
      const expression = expressionOf(withValues(value, values));
      return expression === undefined ? [] : [[String(key), expression] as const];
    }),
  );
}

/** Names that the layers give to tensors of theirs. */
function tapsIn(layers: YAMLSeq): readonly string[] {
  return layers.items.flatMap((layer) => {
    if (!isMap(layer)) return [];
    const named = ['tap', 'branch'].flatMap((kind) => {
      const value = layer.get(kind);
      return typeof value === 'string' ? [value] : isMap(value) ? [String(value.get('name'))] : [];
    });
    const nested = layer.items.map(({ value }) => (isMap(value) ? value.get('layers') : value));
    return [...named, ...nested.filter((node) => isSeq(node)).flatMap(tapsIn)];
  });
}

function nothing(): YAMLMap {
  const map = new YAMLMap();
  map.items = [
    new Pair(new Scalar('when'), new Scalar('false')),
    new Pair(new Scalar('layers'), sequence([new Scalar('linear')])),
  ];
  return map;
}

function group(name: string, layers: YAMLSeq): YAMLMap {
  const map = new YAMLMap();
  map.items = [new Pair(new Scalar('group'), new Scalar(name)), new Pair(new Scalar('layers'), layers)];
  return map;
}

function sequence(items: unknown[]): YAMLSeq {
  const list = new YAMLSeq();
  list.items = items;
  return list;
}
