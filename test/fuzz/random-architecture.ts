/**
 * Specs of WGAN-GP with tiny networks of random architecture: sizes, depth, filters, kernels, strides, norms, activations,
 * ways to grow and to shrink, residuals and branches. The same seed is always the same spec, so a failure can be told by
 * its number. A corpus for whoever needs programs that nobody wrote by hand.
 *
 * No norm has fewer than four numbers: that of two is nearly a sign, whose slope float32 can only compute as a difference
 * of nearly equal numbers.
 */
import { integer, pick as pickOne, seededRandom } from '../ops/random.js';

export interface RandomArchitecture {
  readonly seed: number;
  readonly text: string;
  /** Height, width and channels of the one stream, `x`. */
  readonly picture: readonly [height: number, width: number, channels: number];
}

const ACTIVATIONS = [
  'elu',
  'relu',
  'selu',
  'leaky_relu',
  'leaky_relu: 0.05',
  'tanh',
  'sigmoid',
  'softplus',
  'linear',
];
const GENERATOR_NORMS = ['batch_norm', 'layer_norm', 'instance_norm', undefined];
/** No batch norm: the penalty asks for the slope of every sample by itself. */
const CRITIC_NORMS = ['layer_norm', 'instance_norm', undefined, undefined];

export function randomArchitecture(seed: number): RandomArchitecture {
  const random = new Choices(seed);
  const growths = random.whole(0, 2);
  const start = [random.whole(2, 4), random.whole(2, 4)] as const;
  const [height, width] = start.map((size) => size * 2 ** growths) as [number, number];
  const channels = random.pick([1, 3]);
  const inputs = random.whole(1, 6);
  const { pick } = random;
  const text = `version: 1
title: Random architecture ${seed}
data:
  x: { images: ./pictures, size: [${height}, ${width}], channels: ${channels} }
noise:
  z: { ${pick(['uniform: [-1, 1]', 'normal: [0, 1]'])}, shape: [${inputs}] }
networks:
  G:${list(generator(random, start, growths, channels))}
  D:${list(critic(random, [height, width]))}
objective:
  use: wgan_gp
  with:
    critic_steps: ${random.whole(1, 3)}
    sides: ${pick(['one', 'two'])}
    lambda: ${pick([0.1, 1, 10])}
    generator_batch: ${random.whole(1, 2)}
    rate: ${pick(['1e-2', '1e-3', '1e-4'])}
    beta1: ${pick([0, 0.5])}
outputs: { generate: G(z) }
train: { batch: ${random.whole(2, 6)}, steps: 50, seed: ${seed} }
`;
  return { seed, text, picture: [height, width, channels] };
}

/** Draws that depend on the seed and their order only. */
class Choices {
  readonly #random;

  constructor(seed: number) {
    this.#random = seededRandom(`architecture ${seed}`);
  }

  readonly pick = <T>(choices: readonly T[]): T => pickOne(this.#random, choices);

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return integer(this.#random, least, most);
  }
}

function generator(
  random: Choices,
  start: readonly [number, number],
  growths: number,
  channels: number,
): readonly string[] {
  const norm = random.pick(GENERATOR_NORMS);
  const normed = norm !== undefined;
  const activation = random.pick(ACTIVATIONS);
  const filters = random.whole(2, 5);
  const layers = [
    `dense: ${start[0] * start[1] * filters}`,
    `reshape: [${start.join(', ')}, ${filters}]`,
    ...block(random, norm, activation, filters),
  ];
  for (let i = 0; i < growths; i++) {
    const next = random.whole(2, 5);
    layers.push(
      ...random.pick([
        ['upsample: 2', conv(random, next, { normed })],
        [conv(random, next, { normed }), 'bilinear: 2'],
        [`transposed_conv: { filters: ${next}, kernel: ${random.whole(2, 5)}, bias: ${!normed} }`],
      ]),
      ...after(norm, activation),
      ...block(random, norm, activation, next),
    );
  }
  return [...layers, conv(random, channels), ...random.pick([['tanh'], []])];
}

function critic(random: Choices, [height, width]: readonly [number, number]): readonly string[] {
  const norm = random.pick(CRITIC_NORMS);
  const normed = norm !== undefined;
  const activation = random.pick(ACTIVATIONS);
  const layers: string[] = [];
  let size: readonly [number, number] = [height, width];
  for (let i = random.whole(1, 3); i > 0; i--) {
    const filters = random.whole(2, 5);
    const halves = size.every((side) => side % 2 === 0);
    const large = size.every((side) => side >= 4);
    const anySize = ['decimate: 2', 'stride', 'none'];
    const shrink = large
      ? random.pick(halves ? ['average_pool: 2', 'max_pool: 2', ...anySize] : anySize)
      : 'none';
    layers.push(
      conv(random, filters, { stride: shrink === 'stride' ? 2 : 1, normed }),
      ...after(norm, activation),
    );
    if (shrink !== 'stride' && shrink !== 'none') layers.push(shrink);
    if (shrink !== 'none') size = [Math.ceil(size[0] / 2), Math.ceil(size[1] / 2)];
    layers.push(...block(random, norm, activation, filters));
  }
  const hidden = random.pick([
    [],
    [`dense: ${random.whole(2, 8)}`, activation],
    [`maxout: { units: ${random.whole(1, 4)}, pieces: ${random.whole(2, 3)} }`],
    ['dropout: 0.3'],
    ['noise: 0.1'],
  ]);
  return [...layers, ...hidden, 'dense: 1'];
}

/** Something that keeps the shape, or nothing. */
function block(
  random: Choices,
  norm: string | undefined,
  activation: string,
  filters: number,
): readonly string[] {
  const inner = [conv(random, filters, { normed: norm !== undefined }), ...after(norm, activation)];
  return random.pick<() => readonly string[]>([
    () => [],
    () => inner,
    () => [`residual: [${inner.map(braced).join(', ')}]`],
    () => [`residual: { carry: 0.3, layers: [${inner.map(braced).join(', ')}] }`],
    () => {
      const name = `side${random.whole(0, 1_000_000)}`;
      return [
        `branch: ${name}\n      layers: [${inner.map(braced).join(', ')}]`,
        `concat: ${name}`,
        conv(random, filters),
      ];
    },
  ])();
}

/** `normed`: a norm follows, which takes any bias away again. */
function conv(random: Choices, filters: number, { stride = 1, normed = false } = {}): string {
  const kernel = random.pick(['1', '2', '3', '[1, 3]', '[3, 1]']);
  return `conv: { filters: ${filters}, kernel: ${kernel}, stride: ${stride}, bias: ${!normed && random.pick([true, false])} }`;
}

const after = (norm: string | undefined, activation: string): readonly string[] =>
  norm === undefined ? [activation] : [norm, activation];

const braced = (layer: string): string => (layer.includes(':') ? `{ ${layer} }` : layer);
const list = (layers: readonly string[]): string => layers.map((layer) => `\n    - ${layer}`).join('');
