/** Every lint: through the library and through written equations, near misses, switched off, made an error. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LINT_NAMES } from '../../spec/diagnostics/codes.js';
import {
  CLASSES,
  EQUATIONS,
  FACES,
  PENALTY,
  PICTURES,
  POINTS,
} from '../../spec/diagnostics/pages/base-specs.js';
import { pageOf } from '../../spec/diagnostics/pages.js';
import { changed, spec } from '../../spec/diagnostics/pages/page.js';
import { check } from '../../compiler/compile.js';
import { folderLibrary } from '../../runtimes/node/library-source.js';
import { findings } from './examples.js';
import { textOf, when, writtenDown, type Case } from './written-down.js';

const objective = (use: string, more = ''): readonly [string, string] => [
  'objective:\n  use: gan',
  `objective:\n  use: ${use}${more === '' ? '' : `\n  with: { ${more} }`}`,
];
const G = 'G: [{ dense: 32 }, relu, { dense: 2 }]';
const D = 'D: [{ dense: 32 }, relu, { dense: 1 }]';
const CRITIC_LOSS = 'mean(square(D(x) - 1)) + mean(square(D(fake)))';
const GENERATOR_LOSS = 'mean(square(D(fake) - 1))';
const losses = (critic: string, generator: string): Case['edits'] => [
  [`minimize: ${CRITIC_LOSS}`, `minimize: ${critic}`],
  [`minimize: ${GENERATOR_LOSS}`, `minimize: ${generator}`],
];
const ending = (activation: string): readonly [string, string] => [
  D,
  `D: [{ dense: 32 }, relu, { dense: 1 }, ${activation}]`,
];
const AUTO_ENCODER = changed(
  FACES,
  ['  use: began\n  with: { lambda_k: 0.01, rate: 2e-4 }', '  use: ebgan'],
  [
    'G: { use: began/decoder, with: { size: 16, filters: 8 } }',
    'G: [{ dense: 768 }, tanh, { reshape: [16, 16, 3] }]',
  ],
  [
    'D: { use: began/autoencoder, with: { size: 16, filters: 8, embedding: 16 } }',
    'D: [{ dense: 16 }, { tap: code }, elu, { dense: 768 }, { reshape: [16, 16, 3] }]',
  ],
);
const WINDOWED = changed(FACES, ['rate: 2e-4', 'rate_window: 800']);

/** What is found, and read as a whole in lints.txt. */
const FOUND: readonly Case[] = [
  when(
    'batch norm in the critic of the library: the place is the layer, the slope is in the library',
    POINTS,
    objective('wgan_gp'),
    [D, 'D: [{ dense: { units: 32, bias: false } }, batch_norm, relu, { dense: 1 }]'],
  ),
  when('batch norm in a block of the library', PICTURES, objective('wgan_gp'), [
    'D: [{ conv: { filters: 16, stride: 2 } }, leaky_relu, { dense: 1 }]',
    'D: { use: dcgan/discriminator, with: { size: 16, filters: 8 } }',
  ]),
  when('batch norm under the penalty of DRAGAN', POINTS, objective('dragan'), [
    D,
    'D: [{ dense: { units: 32, bias: false } }, batch_norm, relu, { dense: 1 }]',
  ]),
  when('selu under the penalty of the library', POINTS, objective('wgan_gp'), [
    D,
    'D: [{ dense: 32 }, selu, { dense: 1 }]',
  ]),
  when('a slope written out, over the batch', PENALTY, [
    'norm(grad(D(mixed), mixed), per=sample)',
    'sqrt(sum(square(grad(D(mixed), mixed))) + 1e-8)',
  ]),
  when(
    'a slope per number',
    PENALTY,
    ['10 * mean((slope - 1)**2)', '10 * mean((abs(grad(D(mixed), mixed)) - 1)**2)'],
    ['    slope: norm(grad(D(mixed), mixed), per=sample)\n', ''],
  ),
  when('a sigmoid before the critic of the library', POINTS, objective('wgan'), ending('sigmoid')),
  when('a tanh before the least squares of the library', POINTS, objective('lsgan'), ending('tanh')),
  when(
    'a sigmoid before a hinge',
    EQUATIONS,
    ending('sigmoid'),
    ...losses('mean(hinge(1 - D(x))) + mean(hinge(1 + D(fake)))', '-mean(D(fake))'),
  ),
  when(
    'softmax before the cross entropy of the library',
    POINTS,
    objective('acgan'),
    ['noise:', '  y: { labels: x }\nnoise:\n  c: { categorical: 8 }'],
    [G, 'G: { inputs: [z, c], layers: [{ concat: one_hot(c) }, { dense: 32 }, relu, { dense: 2 }] }'],
    [D, 'D: [{ dense: 32 }, relu, { branch: class, layers: [{ dense: 8 }, softmax] }, { dense: 1 }]'],
    ['generate: G(z)', 'generate: G(z, c)'],
  ),
  when('softmax in the equation, before cross entropy', CLASSES, [
    'cross_entropy(D(x).class, y)',
    'cross_entropy(softmax(D(x).class), y)',
  ]),
  when(
    'a sigmoid before softplus, in equations',
    EQUATIONS,
    ending('sigmoid'),
    ...losses('mean(softplus(-D(x))) + mean(softplus(D(fake)))', 'mean(softplus(-D(fake)))'),
  ),
  when(
    'the logarithm of a network that ends in a sigmoid',
    EQUATIONS,
    ending('sigmoid'),
    ...losses('-mean(log(D(x))) - mean(log(1 - D(fake)))', '-mean(log(D(fake)))'),
  ),
  when(
    'a Wasserstein critic without any bound',
    EQUATIONS,
    ...losses('mean(D(fake)) - mean(D(x))', '-mean(D(fake))'),
  ),
  when('a sigmoid at the end of a generator of pictures in [-1, 1]', PICTURES, ['tanh', 'sigmoid']),
  when('a relu at the end of an auto-encoder', AUTO_ENCODER, [
    'elu, { dense: 768 }',
    'elu, { dense: 768 }, relu',
  ]),
  when('a margin for sums in the library', AUTO_ENCODER, [
    'use: ebgan',
    'use: ebgan\n  with: { margin: 10 }',
  ]),
  when(
    'a margin for sums in equations',
    EQUATIONS,
    ending('sigmoid'),
    ...losses('mean(square(D(x) - 1)) + mean(hinge(10 - D(fake)))', 'mean(D(fake))'),
  ),
  when(
    'a piecewise rate beyond the run',
    EQUATIONS,
    ['networks:', 'schedules:\n  rate: piecewise(1e-3, 800, 1e-4, 20000, 1e-5)\nnetworks:'],
    ['train: G\n      optimizer: { adam: { rate: 1e-4', 'train: G\n      optimizer: { adam: { rate: rate'],
  ),
  when("the library's plateau in a run that is too short", WINDOWED),
  when('a gain of the paper in a short run', FACES, ['lambda_k: 0.01', 'lambda_k: 1e-4']),
  when('a gamma of 0', FACES, ['with: { lambda_k', 'with: { gamma: 0, lambda_k']),
  when('a rate of the library', POINTS, objective('gan', 'rate_G: 0.2')),
  when('a rate of RMSProp', EQUATIONS, [
    'train: G\n      optimizer: { adam: { rate: 1e-4 } }',
    'train: G\n      optimizer: { rmsprop: { rate: 1 } }',
  ]),
  when('outputs that draw nothing: the place is the first of them', EQUATIONS, [
    'generate: G(z)',
    'score: D(x)',
  ]),
  when('a generator that nothing trains', EQUATIONS, [
    '    - name: generator\n      minimize: mean(square(D(fake) - 1))\n      train: G\n      optimizer: { adam: { rate: 1e-4 } }\n',
    '',
  ]),
  when('a class below 0', CLASSES, ['D(x).class, y)', 'D(x).class, y - 1)']),
  when('a critic that its update trains together with the generator', EQUATIONS, [
    'train: G\n',
    'train: [D, G]\n',
  ]),
];

/** Near misses: nothing is found. */
const CLEAN: readonly Case[] = [
  when('least squares with a linear score', EQUATIONS),
  when('batch norm in the generator of WGAN-GP', POINTS, objective('wgan_gp'), [
    G,
    'G: [{ dense: { units: 32, bias: false } }, batch_norm, relu, { dense: 2 }]',
  ]),
  when('layer norm in its critic', POINTS, objective('wgan_gp'), [
    D,
    'D: [{ dense: 32 }, layer_norm, relu, { dense: 1 }]',
  ]),
  when('batch norm in a critic without a penalty', POINTS, objective('lsgan'), [
    D,
    'D: [{ dense: { units: 32, bias: false } }, batch_norm, relu, { dense: 1 }]',
  ]),
  when('elu in a generator under a penalty', PENALTY, [G, 'G: [{ dense: 32 }, elu, { dense: 2 }]']),
  when('a slope written out per example', PENALTY, [
    'norm(grad(D(mixed), mixed), per=sample)',
    'sqrt(sum(square(grad(D(mixed), mixed)), per=sample) + 1e-8)',
  ]),
  when('the squared slope of R1', PENALTY, ['10 * mean((slope - 1)**2)', '10 * mean(slope**2)']),
  when('a sigmoid inside a network', EQUATIONS, [D, 'D: [{ dense: 32 }, sigmoid, { dense: 1 }]']),
  when(
    'softplus of a plain logit',
    EQUATIONS,
    ...losses('mean(softplus(-D(x))) + mean(softplus(D(fake)))', 'mean(softplus(-D(fake)))'),
  ),
  when(
    'the entropy of a softmax, as catGAN has it',
    CLASSES,
    ['mean(cross_entropy(D(x).class, y))', 'mean(entropy(softmax(D(x).class)))'],
    ['  y: { labels: x }\n', ''],
  ),
  when(
    'the logarithm of a sum that is never 0',
    EQUATIONS,
    ...losses(`${CRITIC_LOSS} + 0.1 * log(1 + mean(square(D(x))))`, GENERATOR_LOSS),
  ),
  when(
    'a Wasserstein critic whose weights are cut',
    EQUATIONS,
    ...losses('mean(D(fake)) - mean(D(x))', '-mean(D(fake))'),
    ['train: D\n', 'train: D\n      project: { clip: [-0.01, 0.01] }\n'],
  ),
  when('WGAN of the library', POINTS, objective('wgan')),
  when(
    'hinge losses of unbounded scores',
    EQUATIONS,
    ...losses('mean(hinge(1 - D(x))) + mean(hinge(1 + D(fake)))', '-mean(D(fake))'),
  ),
  when('an auto-encoder that ends in tanh, on data in [-1, 1]', AUTO_ENCODER, [
    'elu, { dense: 768 }',
    'elu, { dense: 768 }, tanh',
  ]),
  when(
    'a sigmoid for data in [0, 1]',
    PICTURES,
    ['size: 16 }', 'size: 16, range: [0, 1] }'],
    ['tanh', 'sigmoid'],
  ),
  when('a generator without an activation at its end', PICTURES, ['{ dense: 768 }, tanh', '{ dense: 768 }']),
  when('a margin that energies reach', AUTO_ENCODER, ['use: ebgan', 'use: ebgan\n  with: { margin: 2 }']),
  when(
    'a schedule that ends with the run',
    EQUATIONS,
    ['networks:', 'schedules:\n  rate: linear(1e-3, 0, steps=1000)\nnetworks:'],
    ['train: G\n      optimizer: { adam: { rate: 1e-4', 'train: G\n      optimizer: { adam: { rate: rate'],
  ),
  when('a plateau with two windows in the run', WINDOWED, ['rate_window: 800', 'rate_window: 500']),
  when('a gamma of 1', FACES, ['with: { lambda_k', 'with: { gamma: 1, lambda_k']),
  when(
    'a trial of a hundred steps',
    FACES,
    ['lambda_k: 0.01', 'lambda_k: 0.001'],
    ['steps: 1000', 'steps: 100'],
  ),
  when('a large rate of plain descent', EQUATIONS, [
    'train: G\n      optimizer: { adam: { rate: 1e-4 } }',
    'train: G\n      optimizer: { sgd: { rate: 0.1 } }',
  ]),
  when(
    'batch norm over pictures, one at a time',
    PICTURES,
    ['batch: 16', 'batch: 1'],
    [
      'D: [{ conv: { filters: 16, stride: 2 } }, leaky_relu',
      'D: [{ conv: { filters: 16, stride: 2, bias: false } }, batch_norm, leaky_relu',
    ],
  ),
  when(
    'a branch that the generator trains, as in InfoGAN',
    CLASSES,
    ['train: G\n', 'train: [G, D.class]\n'],
    [
      'minimize: mean(softplus(-D(fake)))',
      'minimize: mean(softplus(-D(fake))) + mean(entropy(softmax(D(fake).class)))',
    ],
  ),
  when(
    'an encoder and a decoder that one update trains',
    EQUATIONS,
    ['networks:', 'networks:\n  E: [{ dense: 2 }]'],
    [
      '    - name: generator\n',
      '    - name: rebuild\n      minimize: mean(square(x - G(E(x))))\n      train: [E, G]\n      optimizer: { adam: { rate: 1e-4 } }\n    - name: generator\n',
    ],
  ),
  when(
    'the class of samples, with a score of its own',
    CLASSES,
    ['[{ dense: 8 }]', '[{ dense: 9 }]'],
    ['D(x).class, y))', 'D(x).class, y)) + mean(cross_entropy(D(fake).class, 0 * y + 8))'],
  ),
  when(
    'an average of the generator',
    POINTS,
    ['networks:', 'networks:\n  H: { average: G, decay: 0.999 }'],
    ['generate: G(z)', 'generate: H(z)'],
  ),
  when(
    'a classifier without a generator',
    CLASSES,
    [
      '    - name: generator\n      minimize: mean(softplus(-D(fake)))\n      train: G\n      optimizer: { adam: { rate: 1e-4 } }\n',
      '',
    ],
    ['mean(softplus(-D(x))) + mean(softplus(D(fake))) + mean(cross', 'mean(cross'],
    ['    fake: G(z)\n', '    unused: mean(D(x))\n'],
    ['noise:\n  z: { normal: [0, 1], shape: [2] }\n', ''],
    [`  ${G}\n`, ''],
    ['generate: G(z)', 'classes: softmax(D(x).class)'],
  ),
];

describe('what lints find', () => {
  it('is read as a whole in lints.txt (vitest -u writes it)', async () => {
    const file = fileURLToPath(new URL('lints.txt', import.meta.url));
    await expect(writtenDown(FOUND)).toMatchFileSnapshot(file);
  });

  it.each(FOUND.map((one) => [one.name, one] as const))('%s: lints alone', (_name, one) => {
    const codes = findings(spec(textOf(one))).map(({ code }) => code);
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => !code.startsWith('lint/'))).toEqual([]);
  });
});

describe('a near miss is no finding', () => {
  it.each(CLEAN.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    expect(findings(spec(textOf(one))).map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
  });
});

describe.each(LINT_NAMES)('%s', (name) => {
  const bad = async (level: string): Promise<string> =>
    `${(await pageOf(`lint/${name}`)).bad.text}lints: { ${name}: ${level} }\n`;

  it('is switched off in the spec', async () => {
    expect(findings(spec(await bad('off')))).toEqual([]);
  });

  it('is an error where the spec says so, and then there is no model', async () => {
    const { diagnostics, model } = check({ name: 'spec.yaml', text: await bad('error') }, folderLibrary());
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([[`lint/${name}`, 'error']]);
    expect(model).toBeUndefined();
  });

  it('says how to switch it off', async () => {
    const [found] = findings(spec(await bad('information')));
    expect(found?.help).toContain(`\`lints: { ${name}: off }\``);
    expect(found?.severity).toBe('information');
  });
});
