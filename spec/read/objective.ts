import type { Located, Span } from '../diagnostics/diagnostic.js';
import { quote } from '../diagnostics/quote.js';
import type {
  LetSpec,
  ObjectiveSpec,
  ObjectiveUse,
  OptimizerSpec,
  StateSpec,
  TogetherSpec,
  UpdateSpec,
} from '../spec.js';
import type { YamlNode } from '../yaml/node.js';
import { entriesOf, entryOf, itemsOf, valueOf } from '../yaml/node.js';
import { readArguments } from './layers.js';
import { spanOf } from './reader.js';
import type { Reader } from './reader.js';

export function readObjective(reader: Reader, node: YamlNode): ObjectiveUse | ObjectiveSpec {
  const use = valueOf(node, 'use');
  if (use === undefined) return readInlineObjective(reader, node);
  return {
    kind: 'use',
    name: reader.text(use),
    with: readArguments(reader, valueOf(node, 'with')),
    span: node.span,
  };
}

/** Also of a library file, where the keys stand at the top. */
export function readInlineObjective(reader: Reader, node: YamlNode): ObjectiveSpec {
  return {
    kind: 'objective',
    span: node.span,
    let: readLet(reader, valueOf(node, 'let')),
    updates: readUpdates(reader, valueOf(node, 'updates')),
    state: new Map(
      entriesOf(valueOf(node, 'state')).map(({ key, value }) => [key, readState(reader, value)]),
    ),
    metrics: reader.expressions(valueOf(node, 'metrics')),
  };
}

function readLet(reader: Reader, node: YamlNode | undefined): Map<string, LetSpec> {
  const definitions = new Map<string, LetSpec>();
  for (const { key, keySpan, value } of entriesOf(node)) {
    const [head = '', list] = key.split(/[()]/);
    const name = head.trim();
    const parameters = list === undefined ? [] : list.split(',').map((parameter) => parameter.trim());
    const earlier = definitions.get(name);
    if (earlier !== undefined) {
      reader.report({
        code: 'schema/value',
        severity: 'error',
        message: `${quote(name)} is defined twice`,
        span: keySpan,
        related: [{ message: 'first defined here', span: earlier.name.span }],
        note: 'A value and a function cannot share a name.',
        help: 'Give one of them another name.',
      });
      continue;
    }
    const repeated = parameters.find((parameter, index) => parameters.indexOf(parameter) < index);
    if (repeated !== undefined) {
      reader.report({
        code: 'schema/value',
        severity: 'error',
        message: `The function ${quote(name)} has two parameters named ${quote(repeated)}`,
        span: keySpan,
        help: 'Give one of them another name.',
      });
    }
    definitions.set(name, {
      name: { value: name, span: keySpan },
      parameters,
      body: reader.expression(value),
    });
  }
  return definitions;
}

function readUpdates(reader: Reader, node: YamlNode | undefined): (UpdateSpec | TogetherSpec)[] {
  if (node?.kind !== 'sequence') reader.missing();
  const names = new UpdateNames(reader);
  return itemsOf(node).map((item) => {
    const group = valueOf(item, 'together');
    if (group === undefined) return readUpdate(reader, names, item);
    return {
      kind: 'together',
      span: item.span,
      updates: itemsOf(group).map((member) => readUpdate(reader, names, member)),
      ...readPhase(reader, item),
    };
  });
}

/** Updates without a name are called update1, update2, ... by their position. */
class UpdateNames {
  readonly #reader: Reader;
  readonly #taken = new Map<string, Span>();
  #count = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  next(update: YamlNode): Located<string> {
    this.#count += 1;
    const node = valueOf(update, 'name');
    const name: Located<string> =
      node === undefined
        ? { value: `update${this.#count}`, span: entriesOf(update)[0]?.keySpan ?? update.span }
        : this.#reader.text(node);
    const first = this.#taken.get(name.value);
    if (first !== undefined && name.value !== '') {
      this.#reader.report({
        code: 'schema/value',
        severity: 'error',
        message: `Two updates are called ${quote(name.value)}`,
        span: name.span,
        related: [{ message: 'the first one', span: first }],
        note: 'The name picks the values of one update, as in `critic.Lx`, and keys its optimizer state.',
        help: 'Give each update a name of its own.',
      });
    }
    this.#taken.set(name.value, name.span);
    return name;
  }
}

function readUpdate(reader: Reader, names: UpdateNames, node: YamlNode): UpdateSpec {
  const train = valueOf(node, 'train');
  return {
    kind: 'update',
    name: names.next(node),
    span: node.span,
    minimize: reader.expression(valueOf(node, 'minimize')),
    train: train?.kind === 'sequence' ? train.items.map((item) => reader.text(item)) : [reader.text(train)],
    optimizer: readOptimizer(reader, valueOf(node, 'optimizer')),
    clipGradients: readGradientLimit(reader, valueOf(node, 'clip_gradients')),
    project: readProjection(reader, valueOf(node, 'project')),
    ...readPhase(reader, node),
  };
}

/** When and on how much a phase works. */
function readPhase(reader: Reader, node: YamlNode): Pick<UpdateSpec, 'repeat' | 'every' | 'batch'> {
  return {
    repeat: reader.optionalExpression(valueOf(node, 'repeat')),
    every: reader.optionalExpression(valueOf(node, 'every')),
    batch: reader.optionalExpression(valueOf(node, 'batch')),
  };
}

function readGradientLimit(reader: Reader, node: YamlNode | undefined): UpdateSpec['clipGradients'] {
  if (node === undefined) return undefined;
  const kind = entryOf(node, 'value') === undefined ? 'norm' : 'value';
  return { kind, limit: reader.expression(valueOf(node, kind)), span: node.span };
}

function readProjection(reader: Reader, node: YamlNode | undefined): UpdateSpec['project'] {
  if (node === undefined) return undefined;
  const [low, high] = itemsOf(valueOf(node, 'clip'));
  const when = valueOf(node, 'when');
  return {
    low: reader.expression(low),
    high: reader.expression(high),
    when: when === undefined ? { kind: 'name', name: 'after', span: node.span } : reader.word(when),
    span: node.span,
  };
}

function readOptimizer(reader: Reader, node: YamlNode | undefined): OptimizerSpec {
  const kind = (['adam', 'rmsprop', 'sgd'] as const).find((name) => entryOf(node, name) !== undefined);
  const options = kind === undefined ? undefined : valueOf(node, kind);
  const span = spanOf(node);
  const rate = reader.expression(valueOf(options, 'rate'));
  const optional = (key: string, fallback: number) =>
    options === undefined ? reader.expression(undefined) : reader.expressionOr(options, key, fallback);
  switch (kind) {
    case 'sgd':
      return { kind, span, rate, momentum: optional('momentum', 0) };
    case 'rmsprop':
      return {
        kind,
        span,
        rate,
        decay: optional('decay', 0.99),
        epsilon: optional('epsilon', 1e-8),
        momentum: optional('momentum', 0),
      };
    case 'adam':
    case undefined:
      return {
        kind: 'adam',
        span,
        rate,
        beta1: optional('beta1', 0.9),
        beta2: optional('beta2', 0.999),
        epsilon: optional('epsilon', 1e-8),
        weightDecay: reader.optionalExpression(valueOf(options, 'weight_decay')),
      };
    default:
      throw new TypeError(`internal: no such optimizer ${String(kind satisfies never)}`);
  }
}

function readState(reader: Reader, node: YamlNode): StateSpec {
  const plateau = entryOf(node, 'plateau')?.value;
  if (plateau === undefined) {
    return {
      kind: 'next',
      span: node.span,
      init: reader.expression(valueOf(node, 'init')),
      next: reader.expression(valueOf(node, 'next')),
    };
  }
  return {
    kind: 'plateau',
    span: node.span,
    of: reader.expression(valueOf(plateau, 'of')),
    start: reader.expression(valueOf(plateau, 'start')),
    factor: reader.expression(valueOf(plateau, 'factor')),
    window: reader.expression(valueOf(plateau, 'window')),
    floor: reader.expression(valueOf(plateau, 'floor')),
  };
}
