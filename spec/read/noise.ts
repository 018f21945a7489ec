import type { Expression } from '../expression/expression.js';
import type { NoiseSpec } from '../spec.js';
import type { YamlNode } from '../yaml/node.js';
import { entryOf, itemsOf, valueOf } from '../yaml/node.js';
import type { Reader } from './reader.js';

const DISTRIBUTIONS = ['uniform', 'normal', 'categorical', 'bernoulli'] as const satisfies readonly [
  ...NoiseSpec['distribution'][],
];

export function readNoise(reader: Reader, node: YamlNode): NoiseSpec {
  const distribution = DISTRIBUTIONS.find((name) => entryOf(node, name) !== undefined);
  if (distribution === undefined) reader.missing();
  const shape = valueOf(node, 'shape');
  return {
    span: node.span,
    distribution: distribution ?? 'uniform',
    parameters: readParameters(reader, valueOf(node, distribution ?? 'uniform')),
    shape: itemsOf(shape).map((item) => reader.expression(item)),
  };
}

function readParameters(reader: Reader, node: YamlNode | undefined): readonly [Expression, Expression] {
  if (node?.kind === 'sequence') {
    const [first, second] = node.items;
    return [reader.expression(first), reader.expression(second)];
  }
  const only = reader.expression(node);
  return [only, only];
}
