/** Layers that keep the shape: activations, norms, dropout, noise. */
import type { Expression } from '../../../spec/expression/expression.js';
import { enumerate } from '../../../spec/diagnostics/quote.js';
import type { Activation } from '../network.js';
import { didYouMean } from '../refusal.js';
import { formatShape } from '../symbolic-shape.js';
import { constantParameter, one, type Built, type LayerContext } from './layer-context.js';

const ACTIVATIONS: readonly Activation[] = [
  'elu',
  'relu',
  'selu',
  'leaky_relu',
  'tanh',
  'sigmoid',
  'softplus',
  'linear',
];

export function activation(c: LayerContext, name: Activation): Built {
  return one({
    ...c.base(c.path(name), c.input),
    kind: 'activation',
    function: name,
    slope: c.number('slope', 0.2),
  });
}

export function namedActivation(c: LayerContext): Built {
  const word = c.word('name');
  const known = ACTIVATIONS.find((name) => name === word.value);
  if (known !== undefined) return activation(c, known);
  throw c.refusal({
    code: 'schema/value',
    message: `\`${word.value}\` is not an activation`,
    span: word.span,
    help: didYouMean(word.value, ACTIVATIONS) ?? `Use ${enumerate(ACTIVATIONS, 'or')}.`,
  });
}

export function softmax(c: LayerContext): Built {
  return one({ ...c.base(c.path('softmax'), c.input), kind: 'softmax' });
}

/** Ioffe and Szegedy 2015 over batch, height and width; Ba et al. 2016 within a sample; Ulyanov et al. 2016 over
 * height and width of a channel. Scale and offset are one number per channel. */
export function norm(c: LayerContext, over: Norm): Built {
  const channels = c.input.at(-1);
  if (typeof channels !== 'number') {
    throw c.refusal({
      code: 'model/shape-mismatch',
      message: `\`${c.spec.kind}\` needs channels, and its input has shape ${formatShape(c.input)}`,
    });
  }
  if (over === 'instance') c.image();
  const path = c.path(`${over}_norm`);
  return one({
    ...c.base(path, c.input),
    kind: 'norm',
    over,
    epsilon: c.number('epsilon', 1e-5),
    momentum: c.number('momentum', 0.9),
    scale: constantParameter(`${path}/scale`, channels, 1),
    offset: constantParameter(`${path}/offset`, channels, 0),
    running:
      over === 'batch'
        ? {
            mean: constantParameter(`${path}/mean`, channels, 0),
            variance: constantParameter(`${path}/variance`, channels, 1),
          }
        : undefined,
  });
}

type Norm = 'batch' | 'layer' | 'instance';
const NORMS: ReadonlyMap<string, Norm | undefined> = new Map([
  ['batch_norm', 'batch'],
  ['layer_norm', 'layer'],
  ['instance_norm', 'instance'],
  ['none', undefined],
]);

export function namedNorm(c: LayerContext): Built {
  const word = c.word('name');
  if (!NORMS.has(word.value)) {
    const names = [...NORMS.keys()];
    throw c.refusal({
      code: 'schema/value',
      message: `\`${word.value}\` is not a norm`,
      span: word.span,
      help: didYouMean(word.value, names) ?? `Use ${enumerate(names, 'or')}.`,
    });
  }
  const over = NORMS.get(word.value);
  return over === undefined ? activation(c, 'linear') : norm(c, over);
}

export function dropout(c: LayerContext): Built {
  return one({
    ...c.base(c.path('dropout'), c.input),
    kind: 'dropout',
    rate: c.scalar(c.option('rate').value as Expression, '`rate`'),
  });
}

export function noise(c: LayerContext): Built {
  return one({
    ...c.base(c.path('noise'), c.input),
    kind: 'noise',
    deviation: c.scalar(c.option('deviation').value as Expression, '`deviation`'),
  });
}
