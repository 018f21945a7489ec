import { expect, it } from 'vitest';
import type { ReadSpec } from './extend.js';
import { flattenSpec } from './flatten.js';
const BASE = `# The base.
version: 1
# Sizes.
hyper:
  n: &size 16 # filters
  gamma: 0.5
data:
  x: { images: ./faces, size: *size, labels: faces.csv, classes: 2, flip: horizontal }
  y: { idx: { images: /data/digits, labels: ./labels.gz } }
noise:
  z: { uniform: [-1, 1], shape: [n] }
networks:
  # Latents to pictures.
  G:
    - dense: 2 * n # twice
    - { conv: { filters: n, kernel: [1, 3] } }
  D: { layers: [elu] }
objective:
  updates:
    - { minimize: 'min(mean(D(x)), 1)', train: D, optimizer: { sgd: { rate: 1e-4 } } }
train: { batch: 16, steps: 1000 }
`;

const readSpec: ReadSpec = (path) => (path === 'base/base.yaml' ? { name: path, text: BASE } : undefined);
const flatten = (text: string): string =>
  flattenSpec({ name: 'a.yaml', text }, { readSpec, rebase: (path, from) => `../${from.name}:${path}` }).text;

it('a file that extends nothing stays as it is, to the letter', () => {
  const source = { name: 'b.yaml', text: BASE };
  expect(flattenSpec(source, { readSpec, rebase: (path) => path })).toBe(source);
});

it('one text says what both say, with comments, quotes and numbers as they were, and paths of the base rewritten', () => {
  expect(
    flatten(`# Mine.
extends: base/base.yaml

hyper: { gamma: 0.7 } # more varied
data:
  x: { size: 32 }
networks:
  # Rather this.
  D: [tanh]
`),
  ).toMatchInlineSnapshot(`
    "# a.yaml and base/base.yaml, which it extends, as one file.
    # Mine.

    # The base.
    version: 1

    # Sizes.
    hyper:
      n: 16 # filters
      gamma: 0.7
      # more varied
    data:
      x:
        images: ../base/base.yaml:./faces
        size: 32
        labels: ../base/base.yaml:faces.csv
        classes: 2
        flip: horizontal
      y: { idx: { images: ../base/base.yaml:/data/digits, labels: ../base/base.yaml:./labels.gz } }
    noise:
      z: { uniform: [ -1, 1 ], shape: [ n ] }
    networks:
      # Latents to pictures.
      G:
        - dense: 2 * n # twice
        - { conv: { filters: n, kernel: [ 1, 3 ] } }
      # Rather this.
      D: [ tanh ]
    objective:
      updates:
        - { minimize: 'min(mean(D(x)), 1)', train: D, optimizer: { sgd: { rate: 1e-4 } } }
    train: { batch: 16, steps: 1000 }
    "
  `);
});
