import { EQUATIONS, FACES, PICTURES, POINTS } from './base-specs.js';
import { changed, spec, type Pages } from './page.js';

const good = spec(POINTS);

const skipping = (from: string): string =>
  changed(PICTURES, [
    '[{ conv: { filters: 16, stride: 2 } }, leaky_relu, { dense: 1 }]',
    `[{ conv: 16 }, { tap: edges }, { conv: { filters: 16, stride: 2 } }, leaky_relu, { upsample: 2 }, { skip: ${from} }, { dense: 1 }]`,
  ]);

export const MODEL_PAGES: Pages<'model'> = {
  'model/unknown-library': {
    explanation:
      'A `use` names an entry that the library does not have, or an objective where layers belong (or the other way round). ' +
      'docs/language.md lists the entries; `began-compile expand` writes one out to be changed.',
    bad: spec(changed(POINTS, ['use: gan', 'use: wgan-gp'])),
    good: spec(changed(POINTS, ['use: gan', 'use: wgan_gp'])),
  },
  'model/unknown-parameter': {
    explanation:
      'The entry of the library has no such parameter, so that the value would have no effect. ' +
      'The message names the parameters there are.',
    bad: spec(changed(FACES, ['lambda_k: 0.01', 'lambda: 0.01'])),
    good: spec(FACES),
  },
  'model/missing-parameter': {
    explanation:
      'The entry of the library needs something that was not given: a parameter without a default, or a name that it counts on, ' +
      'such as `x` for the data and `z` for the noise. Define the name, or say under `with` what stands for it.',
    bad: spec(changed(FACES, ['{ size: 16, filters: 8 }', '{ size: 16 }'])),
    good: spec(FACES),
  },
  'model/shape-mismatch': {
    explanation:
      'Two tensors that meet have different sizes. Sizes are never stretched silently: a score of one channel subtracted ' +
      'from a picture of three is a slip far more often than it is meant. ' +
      'The message shows both shapes (B is the batch) and leads from the layer to the line where it was called.',
    bad: spec(changed(POINTS, ['relu, { dense: 2 }]', 'relu, { dense: 3 }]'])),
    good,
  },
  'model/unreachable-size': {
    explanation:
      'Blocks that halve or double the picture start from a fixed size, usually 4 or 8, and reach only its doubles. ' +
      'The message names the nearest sizes on both sides.',
    bad: spec(changed(FACES, ['decoder, with: { size: 16', 'decoder, with: { size: 24'])),
    good: spec(FACES),
  },
  'model/unknown-tap': {
    explanation:
      'A `skip`, a field such as `D(x).code` or a `train: D.q` names a tap or branch that the network does not have, ' +
      'or that stands below the layer that reads it. Taps mark the output of the layer above them.',
    bad: spec(skipping('egdes')),
    good: spec(skipping('edges')),
  },
  'model/unused': {
    explanation:
      'Nothing reads this name. A hyper value that nothing reads is a setting without effect, and mostly the name ' +
      'is misspelt where it should be read.',
    bad: spec(changed(POINTS, ['networks:', 'hyper: { width: 32 }\nnetworks:'])),
    good: spec(
      changed(
        POINTS,
        ['networks:', 'hyper: { width: 32 }\nnetworks:'],
        ['relu, { dense: 1 }', 'relu, { dense: width }, relu, { dense: 1 }'],
      ),
    ),
  },
  'model/unreached-network': {
    explanation:
      'The update trains a network whose weights do not change its loss, so that every gradient would be zero and the ' +
      'network would stay as it started. Either the wrong network is named, or `stop(...)` cuts the way to it.',
    bad: spec(
      changed(EQUATIONS, [
        'minimize: mean(square(D(fake) - 1))',
        'minimize: mean(square(D(stop(fake)) - 1))',
      ]),
    ),
    good: spec(EQUATIONS),
  },
  'model/trained-twice': {
    explanation:
      'Two updates under one `together`, or two entries of one `train`, move the same weights. All of them would start from ' +
      'the same weights and only one result could be kept, so that the other would be lost without a word. ' +
      'Add the losses in one update, or let one update follow the other.',
    bad: spec(
      changed(EQUATIONS, [
        `    - name: critic
      minimize: mean(square(D(x) - 1)) + mean(square(D(fake)))
      train: D
      optimizer: { adam: { rate: 1e-4 } }
`,
        `    - together:
        - name: real
          minimize: mean(square(D(x) - 1))
          train: D
          optimizer: { adam: { rate: 1e-4 } }
        - name: unreal
          minimize: mean(square(D(fake)))
          train: D
          optimizer: { adam: { rate: 1e-4 } }
`,
      ]),
    ),
    good: spec(EQUATIONS),
  },
  'model/coupled-batch': {
    explanation:
      'With `micro_batch` the gradients of a batch are summed over parts of it, so that memory grows with a part. That gives the ' +
      'gradients of the whole batch where a loss is made of sums and means of what each example gives alone. Batch norm, a ' +
      'deviation over the batch, and functions of means over the batch need all examples at once.',
    bad: spec(
      changed(
        EQUATIONS,
        ['batch: 64', 'batch: 64, micro_batch: 16'],
        ['minimize: mean(square(D(fake) - 1))', 'minimize: abs(mean(D(fake)) - mean(D(x)))'],
      ),
    ),
    good: spec(changed(EQUATIONS, ['batch: 64', 'batch: 64, micro_batch: 16'])),
  },
  'model/limit': {
    explanation:
      'A slip of a zero, or a spec from a stranger, must not fill the memory of the machine or keep it busy for hours ' +
      'before a word is said. So there are limits on layers, on the numbers of one tensor, on parameters and on how often ' +
      'an expression may be spliced in. The limits lie well above what a run on one machine can train.',
    bad: spec(
      changed(POINTS, [
        'relu, { dense: 1 }',
        'relu, { repeat: 1000000, layers: [{ dense: 32 }] }, { dense: 1 }',
      ]),
    ),
    good: spec(
      changed(POINTS, [
        'relu, { dense: 1 }',
        'relu, { repeat: 10, layers: [{ dense: 32 }, relu] }, { dense: 1 }',
      ]),
    ),
  },
};
