import { expect, it } from 'vitest';
import { check } from '../check.js';

const spec = (layers: string): string => `version: 1
data: { x: { points: ring, count: 64 } }
networks:
  D: ${layers}
objective:
  updates: [{ name: only, minimize: mean(D(x)), train: D, optimizer: { sgd: { rate: 1 } } }]
outputs: { score: D(x) }
train: { batch: 2, steps: 1 }
`;

const library = {
  names: () => ['my/head'],
  read: (name: string) => ({
    name,
    text: 'block: my/head\ndescription: Two layers.\nlayers: [{ dense: 2 }, { tap: a }, { dense: 1 }]\n',
  }),
};

function names(layers: string): readonly string[] | undefined {
  const { model } = check({ name: 'a.yaml', text: spec(layers) }, library);
  return model?.networks[0]!.parameters.map(({ name }) => name);
}

it('the weights of a group are called as those of a block of its name are', () => {
  const group = '{ group: head, layers: [{ dense: 2 }, { tap: a }, { dense: 1 }] }';
  const block = '{ use: my/head }';
  const between = '{ dense: 3 }';
  const expected = ['D/dense1', 'D/head/dense1', 'D/head/dense2', 'D/head2/dense1', 'D/head2/dense2'].flatMap(
    (layer) => [`${layer}/weight`, `${layer}/bias`],
  );
  expect(names(`[${between}, ${group}, ${group}]`)).toEqual(expected);
  expect(names(`[${between}, ${block}, ${block}]`)).toEqual(expected);
  // A network that is one block has its layers as its own.
  expect(names(`[${group}]`)).toEqual(names(`[${block}]`));
});

it('names inside a group stay inside it', () => {
  const layers = '[{ group: a, layers: [{ dense: 2 }, { tap: inner }] }, { concat: inner }, { dense: 1 }]';
  expect(
    check({ name: 'a.yaml', text: spec(layers) }, library).diagnostics.map(({ message }) => message),
  ).toEqual(['Nothing is called `inner` here']);
});
