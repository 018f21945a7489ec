/** Slips of names, words and numbers in a spec that is otherwise good: what a user reads is in mistakes.txt. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import {
  CLASSES,
  EQUATIONS,
  FACES,
  PENALTY,
  PICTURES,
  POINTS,
} from '../../spec/diagnostics/pages/base-specs.js';
import { spec } from '../../spec/diagnostics/pages/page.js';
import { findings } from './examples.js';
import { textOf, when, writtenDown, type Case } from './written-down.js';

const CASES: readonly Case[] = [
  when('a network in another case', EQUATIONS, ['train: D\n', 'train: d\n']),
  when('a stream in another case', EQUATIONS, ['D(x)', 'D(X)']),
  when('a branch that is trained, misspelt', CLASSES, ['train: G\n', 'train: [G, D.clas]\n']),
  when('a branch that is read, misspelt', CLASSES, ['D(x).class', 'D(x).clas']),
  when('labels of a stream that is not there', CLASSES, ['labels: x', 'labels: pictures']),
  when(
    'labels of a stream that has none',
    CLASSES,
    ['labels: x', 'labels: p'],
    ['data:', 'data:\n  p: { images: ./faces, size: 16 }'],
  ),
  when(
    'labels without their number',
    CLASSES,
    ['{ points: gaussians_8, count: 1000 }', '{ images: ./faces, size: 16, labels: folders }'],
    ['G: [{ dense: 32 }, relu, { dense: 2 }]', 'G: [{ dense: 768 }, { reshape: [16, 16, 3] }]'],
  ),
  when('an update, misspelt', EQUATIONS, ['outputs:', '  metrics: { score: criticc.fake }\noutputs:']),
  when('a value of an update, misspelt', EQUATIONS, [
    'outputs:',
    '  metrics: { score: critic.fak }\noutputs:',
  ]),
  when('a value of an update outside state and metrics', EQUATIONS, [
    'generate: G(z)',
    'generate: critic.fake',
  ]),
  when(
    'an average of a network in another case',
    POINTS,
    ['networks:', 'networks:\n  H: { average: g, decay: 0.9 }'],
    ['generate: G(z)', 'generate: H(z)'],
  ),
  when(
    'an average that is trained',
    EQUATIONS,
    ['networks:', 'networks:\n  H: { average: G, decay: 0.9 }'],
    ['train: G\n', 'train: H\n'],
    ['generate: G(z)', 'generate: H(z)'],
  ),
  when('a block by its last name', FACES, ['use: began/decoder', 'use: decoder']),
  when('a parameter of the library, misspelt', POINTS, ['use: gan', 'use: gan\n  with: { frm: saturating }']),
  when('a word of the library, misspelt', POINTS, ['use: gan', 'use: gan\n  with: { form: saturatng }']),
  when('a schedule function, misspelt', POINTS, [
    'use: gan',
    'use: gan\n  with: { rate_G: "linaer(1e-3, 0)" }',
  ]),
  when('an initialiser, misspelt', POINTS, [
    'G: [{ dense: 32 }',
    'G: [{ dense: { units: 32, init: nrmal(0.1) } }',
  ]),
  when('an extent, misspelt', PENALTY, ['mixed), per=sample)', 'mixed), per=sampel)']),
  when('the name of an extent, misspelt', PENALTY, [
    'uniform(0, 1, per=sample)',
    'uniform(0, 1, pre=sample)',
  ]),
  when('a function of another tool', EQUATIONS, [
    'mean(square(D(fake) - 1))',
    'reduce_mean(square(D(fake) - 1))',
  ]),
  when('a function of another tool for one of ours with a similar name', EQUATIONS, [
    'mean(square(D(fake) - 1))',
    'mean(sqr(D(fake) - 1))',
  ]),
  when('a power as a function', EQUATIONS, ['mean(square(D(fake) - 1))', 'mean(pow(D(fake) - 1, 2))']),
  when('a loss by its name', EQUATIONS, ['mean(square(D(fake) - 1))', 'bce(D(fake), 1)']),
  when('an input too many', EQUATIONS, ['mean(square(D(x) - 1))', 'mean(square(D(x, z) - 1))']),
  when(
    'an input too many, from an equation of the library',
    POINTS,
    ['use: gan', 'use: acgan'],
    ['noise:', '  y: { labels: x }\nnoise:\n  c: { categorical: 8 }'],
  ),
  when('an input too few', CLASSES, [
    'G: [{ dense: 32 }, relu, { dense: 2 }]',
    'G: { inputs: [z, c], layers: [{ concat: c }, { dense: 2 }] }',
  ]),
  when('something else than stalled', POINTS, ['steps: 1000', 'steps: 1000, stop: "stalld(L_G, window=10)"']),
  when('a window of stalled, misspelt', POINTS, [
    'steps: 1000',
    'steps: 1000, stop: "stalled(L_G, windw=10)"',
  ]),
  when('a metric of stalled, misspelt', POINTS, [
    'steps: 1000',
    'steps: 1000, stop: "stalled(L_Gg, window=10)"',
  ]),
  when('a lint, misspelt', POINTS, ['train: {', 'lints: { elu-under-penality: off }\ntrain: {']),
  when('a carry over layers that change the shape', PICTURES, [
    'leaky_relu',
    '{ residual: { carry: 0.5, layers: [{ conv: 8 }] } }, leaky_relu',
  ]),
  when('a generator cut off from its loss', EQUATIONS, [
    'mean(square(D(fake) - 1))',
    'mean(square(D(stop(fake)) - 1))',
  ]),
  when('a network that one update trains twice', EQUATIONS, ['train: D\n', 'train: [D, D]\n']),
  when('a branch beside the network that it belongs to', CLASSES, ['train: G\n', 'train: [D.class, G, D]\n']),
  when('a word in quotes of its own as an output', EQUATIONS, ['generate: G(z)', `generate: "'G(z)'"`]),
  when('a word where a gradient is taken', EQUATIONS, ['generate: G(z)', `generate: grad(mean(D(x)), 'x')`]),
  when('a word where a gradient is taken of', EQUATIONS, ['generate: G(z)', `generate: grad('x', x)`]),
  when('a word as a bound of a draw', EQUATIONS, [
    'mean(square(D(x) - 1))',
    `mean(square(D(x + normal(0, 'a', like=x)) - 1))`,
  ]),
  when('data as a bound of a draw', EQUATIONS, [
    'mean(square(D(x) - 1))',
    'mean(square(D(x + uniform(0, x, like=x)) - 1))',
  ]),
  when('more classes than scores', CLASSES, ['[{ dense: 8 }]', '[{ dense: 7 }]']),
  when('a negative rate', EQUATIONS, [
    'train: G\n      optimizer: { adam: { rate: 1e-4',
    'train: G\n      optimizer: { adam: { rate: -1e-4',
  ]),
  when('a decay of 1', EQUATIONS, [
    'train: G\n      optimizer: { adam: { rate: 1e-4',
    'train: G\n      optimizer: { adam: { beta1: 1, rate: 1e-4',
  ]),
  when('a decay of 1 in the library', POINTS, ['use: gan', 'use: gan\n  with: { beta2: 1 }']),
  when('a momentum of 1', EQUATIONS, [
    'train: G\n      optimizer: { adam: { rate: 1e-4 } }',
    'train: G\n      optimizer: { sgd: { rate: 1e-4, momentum: 1 } }',
  ]),
  when('an epsilon of 0', EQUATIONS, [
    'train: G\n      optimizer: { adam: { rate: 1e-4',
    'train: G\n      optimizer: { adam: { epsilon: 0, rate: 1e-4',
  ]),
  when('gradients cut to 0', EQUATIONS, ['train: G\n', 'train: G\n      clip_gradients: { norm: 0 }\n']),
  when('weights cut between bounds that are exchanged', EQUATIONS, [
    'train: D\n',
    'train: D\n      project: { clip: [0.01, -0.01] }\n',
  ]),
  when('a plateau without a window', FACES, ['rate: 2e-4', 'rate_window: 0']),
  when('bounds of noise that are exchanged', FACES, ['uniform: [-1, 1]', 'uniform: [1, -1]']),
  when('a negative deviation', POINTS, ['normal: [0, 1]', 'normal: [0, -1]']),
  when('a probability above 1', POINTS, ['normal: [0, 1]', 'bernoulli: 1.5']),
  when('a dropout of everything', POINTS, [
    'D: [{ dense: 32 }, relu',
    'D: [{ dense: 32 }, { dropout: 1 }, relu',
  ]),
  when(
    'an average that grows',
    POINTS,
    ['networks:', 'networks:\n  H: { average: G, decay: 1.1 }'],
    ['generate: G(z)', 'generate: H(z)'],
  ),
  when('a range that falls', PICTURES, ['size: 16', 'size: 16, range: [1, 0]']),
  when('channels that groups do not divide', PICTURES, ['stride: 2', 'stride: 2, groups: 5']),
  when('micro-batches that leave a rest', POINTS, ['batch: 64', 'batch: 64, micro_batch: 24']),
  when(
    'micro-batches under batch norm',
    POINTS,
    ['batch: 64', 'batch: 64, micro_batch: 16'],
    ['D: [{ dense: 32 }, relu', 'D: [{ dense: { units: 32, bias: false } }, batch_norm, relu'],
  ),
  when(
    'micro-batches of a deviation over the batch',
    EQUATIONS,
    ['batch: 64', 'batch: 64, micro_batch: 16'],
    ['fake: G(z)', 'fake: G(z) * std(x)'],
  ),
  when(
    'micro-batches of a distance of means',
    EQUATIONS,
    ['batch: 64', 'batch: 64, micro_batch: 16'],
    ['minimize: mean(square(D(fake) - 1))', 'minimize: abs(mean(D(fake)) - mean(D(x)))'],
  ),
  when(
    'micro-batches of a loss over a statistic',
    EQUATIONS,
    ['batch: 64', 'batch: 64, micro_batch: 16'],
    ['minimize: mean(square(D(fake) - 1))', 'minimize: mean(D(fake)) / mean(D(x))'],
  ),
  when(
    'micro-batches of a slope over the whole batch',
    PENALTY,
    ['batch: 64', 'batch: 64, micro_batch: 16'],
    ['norm(grad(D(mixed), mixed), per=sample)', 'norm(grad(D(mixed), mixed))'],
  ),
  when(
    'micro-batches of the slope of a mean',
    PENALTY,
    ['batch: 64', 'batch: 64, micro_batch: 16'],
    ['grad(D(mixed), mixed)', 'grad(mean(D(mixed)), mixed)'],
  ),
  when(
    'micro-batches of a network that reads a statistic of its batch',
    EQUATIONS,
    ['batch: 64', 'batch: 64, micro_batch: 16'],
    ['D: [{ dense: 32 }, relu', 'D: [{ dense: 32 }, { tap: h }, { multiply: mean(h) }, relu'],
  ),
  when(
    'micro-batches of samples in order',
    EQUATIONS,
    ['batch: 64', 'batch: 64, micro_batch: 16'],
    ['mean(square(D(fake) - 1))', 'mean(abs(sort(D(fake)) - sort(D(x))))'],
  ),
];

it('what is said is read as a whole in mistakes.txt (vitest -u writes it)', async () => {
  const file = fileURLToPath(new URL('mistakes.txt', import.meta.url));
  await expect(writtenDown(CASES)).toMatchFileSnapshot(file);
});

it.each(CASES.map((one) => [one.name, one] as const))(
  '%s is one error that says why or what to write',
  (_name, one) => {
    const found = findings(spec(textOf(one)));
    expect(found.map(({ severity }) => severity)).toEqual(['error']);
    expect(found[0]!.note ?? found[0]!.help).toBeDefined();
  },
);
