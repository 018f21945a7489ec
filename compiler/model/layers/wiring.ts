/** Layers that lead tensors around: reshape, names, joins, branches, residuals, repetition, conditions. */
import type { Expression } from '../../../spec/expression/expression.js';
import { requireConstant } from '../constant.js';
import type { LayerModel } from '../network.js';
import { didYouMean } from '../refusal.js';
import { reachableSizes } from '../reachable-sizes.js';
import { childScope, type Binding } from '../scope.js';
import {
  elementCount,
  formatShape,
  perSample,
  sameShape,
  SCALAR,
  type SymbolicShape,
} from '../symbolic-shape.js';
import type { Term } from '../term.js';
import { one, rounded, wordOf, type Built, type Current, type LayerContext } from './layer-context.js';

export function reshape(c: LayerContext): Built {
  const option = c.option('shape');
  const sizes = (option.value as readonly Expression[]).map((value) => c.whole(value, 'A size', 1));
  const before = elementCount(perSample(c.input));
  if (elementCount(sizes) !== before) {
    throw c.refusal({
      code: 'model/shape-mismatch',
      message: `The input has ${before} numbers per sample, and ${sizes.join(' x ')} are ${elementCount(sizes)}`,
      span: option.span,
      note: `The shape before is ${formatShape(c.input)}.`,
    });
  }
  return one({ ...c.base(c.path('reshape'), ['B', ...sizes]), kind: 'reshape' });
}

export function flatten(c: LayerContext): Built {
  return one({ ...c.base(c.path('flatten'), ['B', elementCount(perSample(c.input))]), kind: 'reshape' });
}

export function tap(c: LayerContext): Built {
  const { name, key } = c.name('name');
  c.define(key, name, c.current);
  return one({ ...c.base(key, c.input), kind: 'tap', name: key });
}

export function skip(c: LayerContext): Built {
  const [height, width, channels] = c.image();
  const { name, key } = c.name('from');
  const tensor = c.network.named.get(key);
  if (tensor === undefined) {
    const names = [...c.network.named.keys()].map((known) => known.slice(known.lastIndexOf('/') + 1));
    throw c.refusal({
      code: 'model/unknown-tap',
      message: `There is no tap \`${name}\` above this layer`,
      help: didYouMean(name, names) ?? `Put \`{ tap: ${name} }\` after the layer whose output is meant.`,
    });
  }
  const from = perSample(tensor.shape);
  const factor = [height / from[0]!, width / from[1]!] as const;
  if (from.length !== 3 || !factor.every((f) => Number.isInteger(f) && f >= 1)) {
    throw c.refusal({
      code: 'model/shape-mismatch',
      message: `The tap \`${name}\` of shape ${formatShape(tensor.shape)} cannot be enlarged to ${height} x ${width}`,
      related: [{ message: 'the tap', span: tensor.span }],
      note: 'A skip enlarges by a whole number, the same for every pixel.',
    });
  }
  return one({
    ...c.base(c.path('skip'), ['B', height, width, channels + from[2]!]),
    kind: 'skip',
    from: key,
    factor,
  });
}

/** Channels are appended; one vector per sample is repeated over a picture. */
export function concat(c: LayerContext): Built {
  const other = c.tensor('with');
  const own = perSample(c.input);
  const theirs = perSample(other.shape);
  const vector = theirs.length <= 1;
  const fits =
    other.shape[0] === 'B' &&
    own.length >= 1 &&
    (vector ||
      (theirs.length === own.length && own.slice(0, -1).every((size, axis) => size === theirs[axis])));
  if (!fits)
    throw unfit(c, other, 'Pictures must have the same height and width; vectors fit every picture.');
  const channels = own.at(-1)! + (theirs.at(-1) ?? 1);
  return one({
    ...c.base(c.path('concat'), ['B', ...own.slice(0, -1), channels]),
    kind: 'concat',
    with: other,
  });
}

export function combine(c: LayerContext, operation: 'multiply' | 'add'): Built {
  const other = c.tensor(operation === 'multiply' ? 'by' : 'to');
  const fits = other.shape.length === 0 || sameShape(other.shape, c.input) || sameShape(other.shape, ['B']);
  if (!fits)
    throw unfit(
      c,
      other,
      'Shapes must be equal; only single numbers, and one number per sample, meet everything.',
    );
  return one({ ...c.base(c.path(operation), c.input), kind: operation, with: other });
}

function unfit(c: LayerContext, other: Term, note: string): Error {
  return c.refusal({
    code: 'model/shape-mismatch',
    message: `\`${c.spec.kind}\` of shapes that do not fit: ${formatShape(c.input)} and ${formatShape(other.shape)}`,
    related: [{ message: 'the other tensor', span: other.span }],
    note,
  });
}

/** The nested layers make a tensor of their own; the current one goes on unchanged. */
export function branch(c: LayerContext): Built {
  const { name, key } = c.name('branch');
  const from = c.has('from') ? c.tensor('from') : undefined;
  const start: Current = from ?? c.current;
  const inner = c.network.list(c.spec.layers, start, {
    ...c.place,
    prefix: key,
    counts: new Map(),
    alone: false,
  });
  c.define(key, name, { shape: inner.shape });
  return one({ ...c.base(key, c.input), kind: 'branch', name: key, from, layers: inner.layers });
}

export function residual(c: LayerContext): Built {
  const option = c.spec.options.get('carry');
  const carry = option && c.scalar(option.value as Expression, '`carry`');
  const inner = c.network.list(c.spec.layers, c.current, c.place);
  // A carry that is always 0 leaves f(x); the layers then stand for themselves.
  if (carry?.kind === 'number' && carry.value === 0) return inner;
  if (!sameShape(inner.shape, c.input)) {
    throw c.refusal({
      code: 'model/shape-mismatch',
      message: `A residual must keep its shape, and its layers turn ${formatShape(c.input)} into ${formatShape(inner.shape)}`,
      note: 'Input and output are added, so every size must be equal.',
    });
  }
  return one({ ...c.base(c.path('residual'), c.input), kind: 'residual', carry, layers: inner.layers });
}

/** A block of the spec's own: layers under a name. */
export function group(c: LayerContext): Built {
  const name = wordOf(c.option('group').value as Expression)!;
  return c.network.list(c.spec.layers, c.current, c.placeOf(name));
}

export function repeat(c: LayerContext): Built {
  const count = repetitions(c, c.option('repeat').value as Expression);
  const index = c.has('index') ? wordOf(c.option('index').value as Expression) : undefined;
  const layers: LayerModel[] = [];
  let shape: SymbolicShape = c.input;
  for (let i = 0; i < count; i++) {
    const term: Term = { kind: 'number', value: i, span: c.spec.span, shape: SCALAR };
    const bindings: [string, Binding][] =
      index === undefined ? [] : [[index, { kind: 'term', get: () => term }]];
    const current = i === 0 ? c.current : { shape };
    const place = { ...c.place, scope: childScope(c.place.scope, bindings) };
    const built = c.network.list(c.spec.layers, current, place);
    layers.push(...built.layers);
    shape = built.shape;
  }
  return { layers, shape };
}

/** A repeat count; where it is no whole number, says which sizes would make it one. */
function repetitions(c: LayerContext, value: Expression): number {
  const count = requireConstant(c.scalar(value, '`repeat`'), '`repeat`', value.span, c.place.uses);
  if (Number.isInteger(count) && count >= 0) return count;
  const sizes = reachableSizes(value, c.place.scope, c.network.elaborator);
  throw c.refusal({
    code: 'model/unreachable-size',
    message:
      sizes === undefined
        ? `\`repeat\` must be a whole number of at least 0, and it is ${rounded(count)}`
        : `\`${sizes.name}\` ${sizes.value} cannot be reached: the layers would have to repeat ${rounded(count)} times`,
    span: sizes?.span ?? value.span,
    related: sizes && [{ message: 'the repeat', span: value.span }],
    note: 'Every repetition doubles or halves the picture, starting from a fixed size.',
    help: sizes && sizes.near.length > 0 ? `Use ${sizes.near.join(' or ')}.` : undefined,
  });
}

export function when(c: LayerContext): Built {
  const value = c.option('when').value as Expression;
  const term = c.network.elaborator.elaborate(value, c.place.scope);
  const holds =
    term.kind === 'boolean'
      ? term.value
      : requireConstant(term, 'A condition', value.span, c.place.uses) !== 0;
  return holds ? c.network.list(c.spec.layers, c.current, c.place) : { layers: [], shape: c.input };
}
