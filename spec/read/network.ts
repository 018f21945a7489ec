import type { Located } from '../diagnostics/diagnostic.js';
import { quote } from '../diagnostics/quote.js';
import type { NetworkSpec } from '../spec.js';
import type { YamlEntry, YamlNode } from '../yaml/node.js';
import { entryOf, valueOf } from '../yaml/node.js';
import { readLayer, readLayers } from './layers.js';
import type { Reader } from './reader.js';

export function readNetwork(reader: Reader, { key, keySpan, value }: YamlEntry): NetworkSpec {
  const network = { name: { value: key, span: keySpan }, span: value.span };
  if (value.kind === 'sequence') return { ...network, layers: readLayers(reader, value) };
  const average = valueOf(value, 'average');
  if (average !== undefined) {
    const decay = reader.expressionOr(value, 'decay', 0.999);
    return { ...network, average: { of: reader.text(average), decay }, layers: [] };
  }
  return {
    ...network,
    inputs: readInputs(reader, valueOf(value, 'inputs')),
    layers:
      entryOf(value, 'use') === undefined
        ? readLayers(reader, valueOf(value, 'layers'))
        : [readLayer(reader, value)],
  };
}

function readInputs(reader: Reader, node: YamlNode | undefined): Located<string>[] | undefined {
  if (node?.kind !== 'sequence') return undefined;
  const inputs = node.items.map((item) => reader.text(item));
  for (const [index, { value, span }] of inputs.entries()) {
    const first = inputs.findIndex((input) => input.value === value);
    if (first === index || value === '') continue;
    reader.report({
      code: 'schema/value',
      severity: 'error',
      message: `Two inputs are called ${quote(value)}`,
      span,
      related: [{ message: 'the first one', span: inputs[first]!.span }],
      help: 'Give each input a name of its own.',
    });
  }
  return inputs;
}
