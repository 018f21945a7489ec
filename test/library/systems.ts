/** Every objective of the library on the smallest networks that use all of it: points in the plane. */
export interface System {
  readonly name: string;
  readonly text: string;
}

const DENSE_G = `
  G: [{ dense: 8 }, elu, { dense: 2 }]`;
const DENSE_D = `
  D: [{ dense: 8 }, leaky_relu, { dense: 8 }, tanh, { dense: 1 }]`;

function spec(
  name: string,
  networks: string,
  options: {
    readonly with?: string;
    readonly data?: string;
    readonly noise?: string;
    readonly generate?: string;
  } = {},
): System {
  return {
    name: options.with === undefined ? name : `${name} ${options.with}`,
    text: `version: 1
data:
  x: { points: two_gaussians, count: 64 }${options.data ?? ''}
noise:
  z: { normal: [0, 1], shape: [3] }${options.noise ?? ''}
networks:${networks}
objective:
  use: ${name}
  with: {${options.with ?? ''}}
outputs:
  generate: ${options.generate ?? 'G(z)'}
train: { batch: 5, steps: 100 }
`,
  };
}

/** A classifier with all that sgan may ask for. */
const CLASSIFIER = `
  D: [{ dense: 8 }, leaky_relu, { tap: features }, { branch: fake, layers: [{ dense: 1 }] }, { dense: 2 }]`;

const PARTLY_LABELLED = `
  y: { labels: x }
  u: { points: two_gaussians, count: 64, seed: 5 }`;

const LABELS = `
  y: { labels: x }`;

const LABELLED_G = `
  G: { inputs: [z, y], layers: [{ concat: one_hot(y) }, { dense: 8 }, elu, { dense: 2 }] }`;

const LABELLED_D = `
  D: { inputs: [v, y], layers: [{ dense: 8 }, elu, { concat: one_hot(y) }, { dense: 1 }] }`;

const AUTOENCODER = `
  D: [{ dense: 8 }, elu, { dense: 3 }, { dense: 8 }, elu, { dense: 2 }]`;

const LABELLED_AUTOENCODER = `
  D: { inputs: [v, y], layers: [{ dense: 8 }, elu, { dense: 3 }, { concat: one_hot(y) }, { dense: 8 }, elu, { dense: 2 }] }`;

/** Digits of 8 x 8 pixels. */
const pictures = (data: string, networks: string, objective: string, generate: string): string => `version: 1
data:
  x: { mnist: train, size: 8${data}
noise:
  z: { normal: [0, 1], shape: [3] }
networks:${networks}
objective: { ${objective} }
outputs: { generate: '${generate}' }
train: { batch: 5, steps: 100 }
`;

const CONDITIONAL_G = `
  G:
    inputs: [z, c]
    layers: [{ concat: one_hot(c) }, { dense: 8 }, elu, { dense: 2 }]`;

export const SYSTEMS: readonly System[] = [
  spec('gan', DENSE_G + DENSE_D),
  spec('gan', DENSE_G + DENSE_D, { with: 'form: saturating' }),
  spec('lsgan', DENSE_G + DENSE_D),
  spec('lsgan', DENSE_G + DENSE_D, { with: 'a: -1, b: 1, c: 0' }),
  spec('lsgan', LABELLED_G + LABELLED_D, { with: 'conditional: true', data: LABELS, generate: 'G(z, y)' }),
  {
    name: 'lsgan, the networks of the authors at three depths',
    text: pictures(
      ', range: [0, 1] }\n  y: { labels: x }',
      `
  G: { inputs: [z, y], layers: [{ use: lsgan/conditional_generator, with: { labels: y, label_units: 3, size: 8, filters: 2, units: 6 } }] }
  D: { inputs: [v, y], layers: [{ use: lsgan/conditional_discriminator, with: { labels: y, label_units: 3, filters: 3, units: 6 } }] }`,
      'use: lsgan, with: { conditional: true }',
      'G(z, y)',
    ),
  },
  {
    name: 'gan, the networks of DCGAN',
    text: pictures(
      ' }',
      `
  G: { use: dcgan/generator, with: { size: 8, start: 2, channels: 1, filters: 2, kernel: 4 } }
  D: { use: dcgan/discriminator, with: { size: 8, end: 2, filters: 2 } }`,
      'use: gan',
      'G(z)',
    ),
  },
  spec('began', DENSE_G + AUTOENCODER, { with: 'k0: 0.3, rate: 1e-3' }),
  spec('began', LABELLED_G + LABELLED_AUTOENCODER, {
    with: 'k0: 0.3, rate: 1e-3, conditional: true, latents: shared',
    data: LABELS,
    generate: 'G(z, y)',
  }),
  spec('wgan', DENSE_G + DENSE_D, { with: 'c: 0.3' }),
  spec('wgan_gp', DENSE_G + DENSE_D),
  spec('wgan_gp', DENSE_G + DENSE_D, { with: 'target: 0.5, generator_batch: 2, critic_steps: 2' }),
  spec('wgan_gp', DENSE_G + DENSE_D, { with: 'sides: one' }),
  spec('dragan', DENSE_G + DENSE_D),
  spec(
    'ebgan',
    `${DENSE_G}
  D: [{ dense: 8 }, elu, { dense: 4 }, { tap: code }, { dense: 2 }]`,
  ),
  spec(
    'catgan',
    `${DENSE_G}
  D: [{ dense: 8 }, leaky_relu, { dense: 3 }]`,
  ),
  spec('catgan', DENSE_G + CLASSIFIER, { with: 'semi_supervised: true, weight: 2', data: PARTLY_LABELLED }),
  spec('sgan', DENSE_G + CLASSIFIER, { data: PARTLY_LABELLED }),
  spec('sgan', DENSE_G + CLASSIFIER, { with: 'form: logits, labelled: conditional', data: PARTLY_LABELLED }),
  spec('sgan', DENSE_G + CLASSIFIER, {
    with: 'form: logits, generator: feature_matching, weight: 0.5',
    data: PARTLY_LABELLED,
  }),
  spec('sgan', DENSE_G + CLASSIFIER, { with: 'u: x', data: '\n  y: { labels: x }' }),
  spec(
    'acgan',
    `${CONDITIONAL_G}
  D: [{ dense: 8 }, leaky_relu, { branch: class, layers: [{ dense: 2 }] }, { dense: 1 }]`,
    {
      data: '\n  y: { labels: x }',
      noise: '\n  c: { categorical: 2 }',
      generate: 'G(z, c)',
    },
  ),
  spec(
    'infogan',
    `
  G:
    inputs: [z, c, s]
    layers: [{ concat: one_hot(c) }, { concat: s }, { dense: { units: 8, bias: false } }, batch_norm, relu, { dense: 2 }]
  D:
    - dense: 8
    - leaky_relu
    - { branch: q_class, layers: [{ dense: 4 }, layer_norm, leaky_relu, { dense: 2 }] }
    - { branch: q_style, layers: [{ dense: 1 }] }
    - dense: 1`,
    {
      noise: '\n  c: { categorical: 2 }\n  s: { uniform: [-1, 1], shape: [1] }',
      generate: 'G(z, c, s)',
    },
  ),
];
