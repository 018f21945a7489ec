import { expect, it } from 'vitest';
import { open, withOneNumber } from './run-spec.js';

/** D's number w after each of five steps of 1/2 (w - 1)^2 from w = 0. */
async function path(optimizer: string): Promise<readonly number[]> {
  const session = await open(withOneNumber({ optimizer, steps: 5 }));
  const found: number[] = [];
  for (let step = 0; step < 5; step++) {
    await session.step();
    found.push((await session.executable.readState('D/dense1/weight'))[0]!);
  }
  return found;
}

/** The same in plain numbers; `direction` is told the gradient and the step, from 1. */
function expected(rate: number, momentum: number, direction: (gradient: number, t: number) => number) {
  let w = 0;
  let v = 0;
  return [1, 2, 3, 4, 5].map((t) => {
    v = momentum * v + direction(w - 1, t);
    return (w -= rate * v);
  });
}

const running = (decay: number) => {
  let s = 0;
  return (gradient: number) => (s = decay * s + (1 - decay) * gradient ** 2);
};

const rmsprop = (decay: number, epsilon: number) => {
  const square = running(decay);
  return (gradient: number) => gradient / (Math.sqrt(square(gradient)) + epsilon);
};

const adam = (beta1: number, beta2: number) => {
  let m = 0;
  const square = running(beta2);
  return (gradient: number, t: number) => {
    m = beta1 * m + (1 - beta1) * gradient;
    return m / (1 - beta1 ** t) / (Math.sqrt(square(gradient) / (1 - beta2 ** t)) + 1e-8);
  };
};

it.each<[string, readonly number[]]>([
  ['{ sgd: { rate: 0.1 } }', expected(0.1, 0, (gradient) => gradient)],
  ['{ sgd: { rate: 0.1, momentum: 0.9 } }', expected(0.1, 0.9, (gradient) => gradient)],
  ['{ rmsprop: { rate: 0.1, decay: 0.9, epsilon: 1e-3 } }', expected(0.1, 0, rmsprop(0.9, 1e-3))],
  ['{ rmsprop: { rate: 0.1, momentum: 0.5 } }', expected(0.1, 0.5, rmsprop(0.99, 1e-8))],
  ['{ adam: { rate: 0.1, beta1: 0.5 } }', expected(0.1, 0, adam(0.5, 0.999))],
])('%s takes the steps of its formula', async (optimizer, steps) => {
  const found = await path(optimizer);
  found.forEach((w, i) => expect(w).toBeCloseTo(steps[i]!, 6));
});

it('momentum without an amount keeps no state', async () => {
  const states = async (optimizer: string) =>
    (await open(withOneNumber({ optimizer }))).program.state
      .filter(({ role }) => role === 'moment')
      .map(({ name }) => name);
  expect(await states('{ sgd: { rate: 0.1 } }')).toEqual([]);
  expect(await states('{ rmsprop: { rate: 0.1 } }')).toEqual(['only/rmsprop/D/dense1/weight']);
  expect(await states('{ rmsprop: { rate: 0.1, momentum: 0.5 } }')).toEqual([
    'only/rmsprop/D/dense1/weight',
    'only/rmsprop/velocity/D/dense1/weight',
  ]);
});
