import { LINT_NAMES } from '../diagnostics/codes.js';
import type { Located, SourceFile } from '../diagnostics/diagnostic.js';
import type { Spec, TrainSpec } from '../spec.js';
import type { YamlNode } from '../yaml/node.js';
import { entriesOf, valueOf } from '../yaml/node.js';
import { readData } from './data.js';
import { readNetwork } from './network.js';
import { readNoise } from './noise.js';
import { readObjective } from './objective.js';
import type { Reader } from './reader.js';

export function readSpec(
  reader: Reader,
  source: SourceFile,
  bases: readonly SourceFile[],
  root: YamlNode,
): Spec {
  const title = valueOf(root, 'title');
  return {
    source,
    bases,
    version: 1,
    title: title === undefined ? undefined : reader.text(title),
    hyper: new Map(
      entriesOf(valueOf(root, 'hyper')).map(({ key, value }) => [key, readHyper(reader, value)]),
    ),
    data: new Map(entriesOf(valueOf(root, 'data')).map(({ key, value }) => [key, readData(reader, value)])),
    noise: new Map(
      entriesOf(valueOf(root, 'noise')).map(({ key, value }) => [key, readNoise(reader, value)]),
    ),
    schedules: reader.expressions(valueOf(root, 'schedules')),
    networks: new Map(
      entriesOf(valueOf(root, 'networks')).map((entry) => [entry.key, readNetwork(reader, entry)]),
    ),
    objective: readObjective(reader, valueOf(root, 'objective') ?? root),
    outputs: reader.expressions(valueOf(root, 'outputs')),
    train: readTrain(reader, valueOf(root, 'train') ?? root),
    lints: readLints(reader, valueOf(root, 'lints')),
  };
}

function readLints(reader: Reader, node: YamlNode | undefined): Spec['lints'] {
  return new Map(
    LINT_NAMES.flatMap((name) => {
      const level = node && valueOf(node, name);
      if (level === undefined) return [];
      const value = reader.choice(level, ['off', 'information', 'warning', 'error']);
      return [[name, { value, span: level.span }]];
    }),
  );
}

function readHyper(reader: Reader, node: YamlNode): Located<number | boolean | string> {
  if (node.kind === 'scalar' && node.value !== null) return { value: node.value, span: node.span };
  reader.missing();
  return { value: 0, span: node.span };
}

function readTrain(reader: Reader, node: YamlNode): TrainSpec {
  const microBatch = valueOf(node, 'micro_batch');
  return {
    span: node.span,
    batch: reader.number(valueOf(node, 'batch')),
    microBatch: microBatch && reader.number(microBatch),
    steps: reader.number(valueOf(node, 'steps')),
    seed: reader.numberOr(node, 'seed', 1),
    log: reader.numberOr(node, 'log', 10).value,
    samples: reader.numberOr(node, 'samples', 100).value,
    checkpoint: reader.numberOr(node, 'checkpoint', 500).value,
    stop: reader.optionalExpression(valueOf(node, 'stop')),
  };
}
