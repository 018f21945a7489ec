import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';

/** Scales of the generator's norms: their names and how many numbers they have. */
function scales(options: string): readonly (readonly [string, number])[] {
  const text = `version: 1
data: { x: { mnist: train, size: 8 } }
noise: { z: { normal: [0, 1], shape: [3] } }
networks:
  G: { use: dcgan/generator, with: { size: 8, start: 2, channels: 1, filters: 2${options} } }
  D: { use: dcgan/discriminator, with: { size: 8, end: 2, filters: 2 } }
objective: { use: gan }
outputs: { generate: G(z) }
train: { batch: 2, steps: 1 }
`;
  const { model } = compile({ name: 'test.yaml', text }, folderLibrary());
  const { parameters } = model!.networks.find(({ name }) => name === 'G')!;
  return parameters.flatMap(({ name, shape }) =>
    name.endsWith('/scale') ? [[name, shape[0]!] as const] : [],
  );
}

test('the generator norms every unit of its dense layer, as in the code of the authors', () => {
  expect(scales('')).toEqual([
    ['G/batch_norm1/scale', 2 * 2 * 4],
    ['G/norm1/batch_norm1/scale', 2],
  ]);
});

test('first_norm: channel, and norms of one sample, come after the reshape', () => {
  expect(scales(', first_norm: channel').map(([, size]) => size)).toEqual([4, 2]);
  expect(scales(', norm: layer').map(([, size]) => size)).toEqual([4, 2]);
  expect(scales(', norm: none')).toEqual([]);
});
