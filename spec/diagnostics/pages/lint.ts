import { CLASSES, EQUATIONS, FACES, PENALTY, PICTURES, POINTS } from './base-specs.js';
import { changed, spec, type Pages } from './page.js';

const AUTO_ENCODER = `version: 1
data:
  x: { facesjs: 500, size: 8 }
noise:
  z: { normal: [0, 1], shape: [8] }
networks:
  G: [{ dense: 192 }, tanh, { reshape: [8, 8, 3] }]
  D: [{ dense: 16 }, { tap: code }, elu, { dense: 192 }, tanh, { reshape: [8, 8, 3] }]
objective:
  use: ebgan
  with: { margin: 1 }
outputs:
  generate: G(z)
train: { batch: 16, steps: 1000 }
`;

export const LINT_PAGES: Pages<'lint'> = {
  'lint/batch-norm-under-penalty': {
    explanation:
      'A gradient penalty bounds the slope of the critic at each example alone. With batch norm the score of one example depends ' +
      'on all the others of the batch, so that the slope which is penalised is not the one that is meant ' +
      '(Gulrajani et al. 2017, section 4). Layer norm and instance norm keep examples apart.',
    bad: spec(
      changed(PENALTY, ['    - dense: 32\n', '    - dense: { units: 32, bias: false }\n    - batch_norm\n']),
    ),
    good: spec(changed(PENALTY, ['    - leaky_relu\n', '    - layer_norm\n    - leaky_relu\n'])),
  },
  'lint/elu-under-penalty': {
    explanation:
      'Training a penalty needs the second derivative of the activation, and that of ELU jumps at 0. Users of WGAN-GP report ' +
      'critics of ELUs that did not converge where critics of ReLUs did. This is information, not a warning: it may well work.',
    bad: spec(changed(PENALTY, ['- leaky_relu', '- elu'])),
    good: spec(PENALTY),
  },
  'lint/slope-not-per-sample': {
    explanation:
      'The slope of a critic at an example is the norm of the gradient over all numbers of that example. A norm over the ' +
      'whole batch makes one number out of many slopes, and a slope per pixel makes the bound depend on the size of the picture. ' +
      'It is the most copied mistake of gradient penalties; it trains, and bounds something else.',
    bad: spec(changed(PENALTY, ['norm(grad(D(mixed), mixed), per=sample)', 'norm(grad(D(mixed), mixed))'])),
    good: spec(PENALTY),
  },
  'lint/mixing-per-number': {
    explanation:
      'The penalty of WGAN-GP is taken on the straight line between an example and a sample: one weight per pair. ' +
      'With a weight for every number the points fill the box between the two, where the critic need not be bounded.',
    bad: spec(changed(PENALTY, ['per=sample) * (stop', 'like=x) * (stop'])),
    good: spec(PENALTY),
  },
  'lint/bounded-score': {
    explanation:
      'The losses of WGAN and LSGAN, and hinges, work with scores of any size. Behind a sigmoid or tanh a score cannot ' +
      'reach its target, or cannot grow, and where the critic is sure, nearly no gradient passes: ' +
      'the generator stops learning. The sigmoid belongs to the original GAN alone, and there the loss contains it.',
    bad: spec(changed(EQUATIONS, ['relu, { dense: 1 }]', 'relu, { dense: 1 }, sigmoid]'])),
    good: spec(EQUATIONS),
  },
  'lint/squashed-logits': {
    explanation:
      '`cross_entropy`, `softmax` and `softplus` take logits, numbers of any size, and turn them into probabilities ' +
      'themselves. Given probabilities they squash a second time: even a sure and right answer keeps costing, and gradients are small. ' +
      'The loss falls and stays well above 0, which is easily taken for a hard data set.',
    bad: spec(changed(POINTS, ['relu, { dense: 1 }]', 'relu, { dense: 1 }, sigmoid]'])),
    good: spec(POINTS),
  },
  'lint/logarithm-of-probability': {
    explanation:
      'In 32 bits the sigmoid of 17 is exactly 1, and `log(1 - 1)` is minus infinity: the run stops as soon as the critic is sure. ' +
      'The same loss of the logit is exact everywhere: `-log(sigmoid(a))` is `softplus(-a)`.',
    bad: spec(
      changed(EQUATIONS, [
        'mean(square(D(x) - 1)) + mean(square(D(fake)))',
        'mean(softplus(-D(x))) - mean(log(1 - sigmoid(D(fake))))',
      ]),
    ),
    good: spec(
      changed(EQUATIONS, [
        'mean(square(D(x) - 1)) + mean(square(D(fake)))',
        'mean(softplus(-D(x))) + mean(softplus(D(fake)))',
      ]),
    ),
  },
  'lint/unbounded-critic': {
    explanation:
      'The difference of mean scores is a distance only for critics of bounded slope (Arjovsky et al. 2017). ' +
      'Without a bound the critic enlarges any difference by enlarging its weights, its gradients explode, and the ' +
      'numbers in the log mean nothing. A gradient penalty or weights that are cut bound it.',
    bad: spec(
      changed(PENALTY, [' + 10 * mean((slope - 1)**2)', '']).replace(/    mixed: .*\n    slope: .*\n/, ''),
    ),
    good: spec(PENALTY),
  },
  'lint/output-range': {
    explanation:
      'The generator ends in an activation whose range is not that of the data: tanh gives -1 to 1, pictures in `range: [0, 1]` ' +
      'are never below 0. The critic tells the two apart by that alone, whatever else the generator learns; ' +
      'or half of what the data are can never be made.',
    bad: spec(changed(PICTURES, ['size: 16 }', 'size: 16, range: [0, 1] }'])),
    good: spec(PICTURES),
  },
  'lint/hinge-always-on': {
    explanation:
      'A margin works where energies can pass it: beyond it the pressure stops. With the ranges of the data and of the networks ' +
      'in this spec no energy reaches the margin, so that samples are pushed away without end. Margins from texts that ' +
      'sum over pixels (10, 20) do not fit a mean over pixels, which is at most 4.',
    bad: spec(changed(AUTO_ENCODER, ['margin: 1', 'margin: 20'])),
    good: spec(AUTO_ENCODER),
  },
  'lint/schedule-beyond-run': {
    explanation:
      'The run ends before the schedule does, so that its last value is never reached: a rate that should fall to 0 stays high, ' +
      'a carry that should vanish stays. Durations as shares (`50%`) follow the length of the run.',
    bad: spec(
      changed(
        POINTS,
        ['networks:', 'schedules: { rate: "linear(1e-3, 0, steps=50000)" }\nnetworks:'],
        ['use: gan', 'use: gan\n  with: { rate_G: rate }'],
      ),
    ),
    good: spec(
      changed(
        POINTS,
        ['networks:', 'schedules: { rate: "linear(1e-3, 0, steps=100%)" }\nnetworks:'],
        ['use: gan', 'use: gan\n  with: { rate_G: rate }'],
      ),
    ),
  },
  'lint/window-beyond-run': {
    explanation:
      'A plateau and `stalled` compare the mean over one window with the best one before. The first comparison is possible ' +
      'after two windows; in this run that never happens, and the rate never falls.',
    bad: spec(changed(POINTS, ['steps: 1000', 'steps: 1000, stop: "stalled(L_G, window=2000)"'])),
    good: spec(changed(POINTS, ['steps: 1000', 'steps: 1000, stop: "stalled(L_G, window=200)"'])),
  },
  'lint/slow-controller': {
    explanation:
      "BEGAN's k starts at 0 and moves by `lambda_k` times a difference of losses each step. The paper's gain of .001 is meant for " +
      '100,000 steps and more; in a short run k stays near 0, nothing balances the two networks, and samples stay alike. ' +
      'The message says about how far the controller can come.',
    bad: spec(changed(FACES, ['lambda_k: 0.01', 'lambda_k: 0.001'])),
    good: spec(FACES),
  },
  'lint/parameter-range': {
    explanation:
      "A parameter of the library is outside the range that its equation is made for. BEGAN's gamma is the share of the " +
      'energy of samples in that of data: above 1 the generator is asked to be worse than the data, at 0 it gets no variety.',
    bad: spec(changed(FACES, ['with: { lambda_k', 'with: { gamma: 1.5, lambda_k'])),
    good: spec(changed(FACES, ['with: { lambda_k', 'with: { gamma: 0.7, lambda_k'])),
  },
  'lint/batch-of-one': {
    explanation:
      'Batch norm subtracts the mean of the batch. Of one example that is the example itself: every output is the offset, ' +
      'whatever the input, and nothing behind it can learn.',
    bad: spec(
      changed(
        POINTS,
        ['G: [{ dense: 32 }, relu', 'G: [{ dense: { units: 32, bias: false } }, batch_norm, relu'],
        ['batch: 64', 'batch: 1'],
      ),
    ),
    good: spec(
      changed(POINTS, [
        'G: [{ dense: 32 }, relu',
        'G: [{ dense: { units: 32, bias: false } }, batch_norm, relu',
      ]),
    ),
  },
  'lint/bias-before-batch-norm': {
    explanation:
      'Batch norm subtracts the mean of every channel, and with it any bias that was added just before. The bias is trained, ' +
      'stored and without effect; batch norm has an offset of its own. Nothing goes wrong, so this is information.',
    bad: spec(changed(POINTS, ['G: [{ dense: 32 }, relu', 'G: [{ dense: 32 }, batch_norm, relu'])),
    good: spec(
      changed(POINTS, [
        'G: [{ dense: 32 }, relu',
        'G: [{ dense: { units: 32, bias: false } }, batch_norm, relu',
      ]),
    ),
  },
  'lint/large-rate': {
    explanation:
      'Adam and RMSProp divide a gradient by its own size, so that every weight moves by about the rate in each step, ' +
      'and weights start at a few hundredths. A rate above .05 overwrites them at once; mostly a zero or a minus in the ' +
      'exponent was lost.',
    bad: spec(
      changed(EQUATIONS, [
        'train: D\n      optimizer: { adam: { rate: 1e-4',
        'train: D\n      optimizer: { adam: { rate: 0.1',
      ]),
    ),
    good: spec(EQUATIONS),
  },
  'lint/untrained-network': {
    explanation:
      'A loss reads this network, and no update trains it: it keeps the random weights it starts with. ' +
      'That can be meant (fixed random features), and is more often a forgotten name in `train`.',
    bad: spec(
      changed(
        EQUATIONS,
        ['networks:', 'networks:\n  E: [{ dense: 8 }, relu, { dense: 2 }]'],
        ['fake: G(z)', 'fake: E(G(z))'],
      ),
    ),
    good: spec(
      changed(
        EQUATIONS,
        ['networks:', 'networks:\n  E: [{ dense: 8 }, relu, { dense: 2 }]'],
        ['fake: G(z)', 'fake: E(G(z))'],
        ['train: G\n', 'train: [G, E]\n'],
      ),
    ),
  },
  'lint/nothing-to-sample': {
    explanation:
      'Sample pictures during the run, `sample` and exports are made from `outputs`, and none of them draws noise. ' +
      'The run trains, and leaves nothing to look at. This is information.',
    bad: spec(changed(POINTS, ['generate: G(z)', 'score: D(x)'])),
    good: spec(POINTS),
  },
  'lint/class-out-of-range': {
    explanation:
      'Classes count from 0: ten scores belong to the classes 0 to 9. A class beyond them has no score, so that ' +
      'its cross entropy has no meaning and no gradient pulls towards it. An extra class for samples ' +
      'needs one score more than the data have classes.',
    bad: spec(
      changed(CLASSES, [
        'mean(cross_entropy(D(x).class, y))',
        'mean(cross_entropy(D(x).class, y)) + mean(cross_entropy(D(fake).class, 0 * y + 8))',
      ]),
    ),
    good: spec(
      changed(
        CLASSES,
        [
          'mean(cross_entropy(D(x).class, y))',
          'mean(cross_entropy(D(x).class, y)) + mean(cross_entropy(D(fake).class, 0 * y + 8))',
        ],
        ['[{ dense: 8 }]', '[{ dense: 9 }]'],
      ),
    ),
  },
  'lint/critic-with-generator': {
    explanation:
      'The two networks play against each other: the generator lowers its loss by changing its samples, not by changing ' +
      'its judge. An update that trains both at once lets the critic agree with the generator, and undoes what ' +
      "the critic's own update learnt.",
    bad: spec(changed(EQUATIONS, ['train: G\n', 'train: [G, D]\n'])),
    good: spec(EQUATIONS),
  },
};
