import type { Expression } from '../expression/expression.js';
import type { LayerOption, LayerSpec } from '../spec.js';
import type { LayerRule, OptionRule } from '../schema/layers.js';
import { layerRule } from '../schema/layer-rule.js';
import type { YamlEntry, YamlNode } from '../yaml/node.js';
import { entriesOf, itemsOf, valueOf } from '../yaml/node.js';
import { spanOf } from './reader.js';
import type { Reader } from './reader.js';

export function readLayers(reader: Reader, node: YamlNode | undefined): LayerSpec[] {
  if (node?.kind !== 'sequence') reader.missing();
  return itemsOf(node).map((item) => readLayer(reader, item));
}

export function readLayer(reader: Reader, node: YamlNode): LayerSpec {
  if (node.kind === 'scalar') {
    const kind = reader.text(node);
    if (layerRule(kind.value)?.bare !== true) reader.missing();
    return { kind: kind.value, kindSpan: kind.span, span: node.span, options: new Map(), layers: [] };
  }
  const head = entriesOf(node).find(({ key }) => layerRule(key) !== undefined);
  const rule = head === undefined ? undefined : layerRule(head.key);
  if (head === undefined || rule === undefined) {
    reader.missing();
    return { kind: '', kindSpan: spanOf(node), span: spanOf(node), options: new Map(), layers: [] };
  }
  const layer = { kind: head.key, kindSpan: head.keySpan, span: node.span };
  if (rule.flat === true) {
    return {
      ...layer,
      options: readOptions(reader, rule, node),
      layers: rule.nests === true ? readLayers(reader, valueOf(node, 'layers')) : [],
    };
  }
  const { value } = head;
  if (value.kind === 'mapping') {
    return {
      ...layer,
      options: readOptions(reader, rule, value),
      layers: rule.nests === true ? readLayers(reader, valueOf(value, 'layers')) : [],
    };
  }
  if (rule.nests === true) return { ...layer, options: new Map(), layers: readLayers(reader, value) };
  const option = rule.shorthand === undefined ? undefined : rule.options[rule.shorthand];
  if (rule.shorthand === undefined || option === undefined) {
    reader.missing();
    return { ...layer, options: new Map(), layers: [] };
  }
  const options = new Map([[rule.shorthand, readOption(reader, option, { ...head, value })]]);
  return { ...layer, options, layers: [] };
}

function readOptions(reader: Reader, rule: LayerRule, node: YamlNode): Map<string, LayerOption> {
  const options = new Map<string, LayerOption>();
  for (const entry of entriesOf(node)) {
    const option = Object.hasOwn(rule.options, entry.key) ? rule.options[entry.key] : undefined;
    // `layers` is read on its own; other keys the schema has refused.
    if (option !== undefined) options.set(entry.key, readOption(reader, option, entry));
  }
  return options;
}

function readOption(reader: Reader, rule: OptionRule, { keySpan, value }: YamlEntry): LayerOption {
  const option = { keySpan, span: value.span };
  switch (rule.type) {
    case 'value':
      return { ...option, value: reader.expression(value) };
    case 'pair':
      return {
        ...option,
        value:
          value.kind === 'sequence'
            ? value.items.map((item) => reader.expression(item))
            : reader.expression(value),
      };
    case 'tensor':
      return { ...option, value: readTensor(reader, value) };
    case 'list':
      return { ...option, value: itemsOf(value).map((item) => reader.expression(item)) };
    case 'word':
    case 'name':
      return { ...option, value: reader.word(value) };
    case 'library': {
      const { value: name, span } = reader.text(value);
      return { ...option, value: { kind: 'string', value: name, span } };
    }
    case 'map':
      return { ...option, value: readArguments(reader, value) };
    case 'padding':
      return {
        ...option,
        value: value.kind === 'mapping' ? readArguments(reader, value) : reader.word(value),
      };
    default:
      throw new TypeError(`internal: no such option type ${String(rule.type satisfies never)}`);
  }
}

/** `concat: h0`, or `concat: [h0, one_hot(y)]`, where YAML has read the brackets of the expression already. */
function readTensor(reader: Reader, node: YamlNode): Expression {
  if (node.kind !== 'sequence') return reader.expression(node);
  return { kind: 'list', items: node.items.map((item) => reader.expression(item)), span: node.span };
}

/** `with: { size: 32, filters: [n, 2 * n] }` */
export function readArguments(reader: Reader, node: YamlNode | undefined): Map<string, LayerOption> {
  return new Map(
    entriesOf(node).map(({ key, keySpan, value }) => [
      key,
      {
        keySpan,
        span: value.span,
        value:
          value.kind === 'sequence'
            ? value.items.map((item) => reader.expression(item))
            : reader.expression(value),
      },
    ]),
  );
}
