// What is trained and measured, example by example. Each gives rows of the page: what was measured, the bar, and whether it holds.
import { BARS } from './bars.mjs';
import { classAccuracy, errorOf, matchedAccuracy, readability, readabilityOfData } from './evaluate.mjs';

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const DIGITS = 10;
/** Black, brown, red, blond, none. */
const HAIR = 5;

/** Samples that a classifier reads. */
const readableDigits = (name, system) => ({
  name,
  system,
  picture: { output: 'generate' },
  missed:
    'fewer samples are read than the bar asks. A good part of the strokes join into no digit after runs of this length; longer ones were not tried.',
  async measure({ run, judge }) {
    const { share, rarest } = await readability(run, await judge('digits'), DIGITS);
    return {
      number: `${percent(share)} of samples are read, the rarest digit ${percent(rarest)} of them`,
      bar: `at least ${percent(BARS.readable.share)}, ${percent(BARS.readable.rarest)}`,
      holds: share >= BARS.readable.share && rarest >= BARS.readable.rarest,
    };
  },
});

/** Samples in which a classifier finds the class that G was told. */
const toldClass = (name, system, { judgedBy, bar, classes, picture, missed }) => ({
  name,
  system,
  picture,
  missed,
  async measure({ run, judge }) {
    const accuracy = await classAccuracy(run, picture.output, await judge(judgedBy), classes);
    return {
      number: `${percent(accuracy)} of samples are of the class that was asked for`,
      bar: `at least ${percent(bar)}`,
      holds: accuracy >= bar,
    };
  },
});

export const MEASUREMENTS = [
  readableDigits('digits-gan', 'GAN'),
  readableDigits('digits-lsgan', 'LSGAN'),
  readableDigits('digits-wgan', 'WGAN'),
  readableDigits('digits-wgan-gp', 'WGAN-GP'),
  readableDigits('digits-dragan', 'DRAGAN'),
  readableDigits('digits-ebgan', 'EBGAN'),
  toldClass('digits-acgan', 'ACGAN', {
    judgedBy: 'digits',
    bar: BARS.classAccuracy.acgan,
    classes: DIGITS,
    picture: { output: 'by_class', rows: DIGITS, feed: 'x/labels' },
  }),
  {
    name: 'digits-infogan',
    system: 'InfoGAN',
    picture: { output: 'generate', rows: DIGITS, feed: 'c' },
    missed:
      'D reads its code back from samples nearly without error, but the code is only partly the digit: other ways to sort ten heaps of strokes serve the bound as well.',
    async measure({ run }) {
      const { accuracy, classOf } = await matchedAccuracy(run, 'category', DIGITS);
      return {
        number: `${percent(accuracy)} of held-out digits have the category that is theirs`,
        bar: `at least ${percent(BARS.infogan)}`,
        holds: accuracy >= BARS.infogan,
        rowOrder: classOf,
      };
    },
  },
  toldClass('fashion-lsgan-by-class', 'LSGAN, conditional', {
    judgedBy: 'fashion',
    bar: BARS.classAccuracy.lsgan,
    classes: DIGITS,
    picture: { output: 'by_class', rows: DIGITS, feed: 'x/labels' },
  }),
  toldClass('faces-began-by-hair', 'BEGAN, conditional', {
    judgedBy: 'faces',
    bar: BARS.classAccuracy.began,
    classes: HAIR,
    picture: { output: 'generate', rows: HAIR, columns: 5, feed: 'x/labels' },
    missed:
      'faces, but hardly of the hair that was asked for (one in five would be chance). D hardly needs the label: it rebuilt 256 faces with a mean error of 0.146, and with 0.151 when told the wrong hair, since its 64 numbers hold the hair anyway; so nothing pulls G towards the label. Black hair is also 78 % of the data.',
  }),
  {
    name: 'digits-catgan',
    system: 'catGAN',
    picture: { output: 'generate' },
    missed: 'the order or the last error is not what the bar asks.',
    async measure({ run, trained }) {
      const { accuracy } = await matchedAccuracy(run, 'class', DIGITS);
      const errors = [1 - accuracy];
      for (const perClass of BARS.catgan.perClass) {
        const set = { 'data.x.subset.per_class': perClass };
        errors.push(await errorOf(await trained('digits-catgan-few-labels', set, `-${perClass}`)));
      }
      const labels = [0, ...BARS.catgan.perClass.map((perClass) => perClass * DIGITS)];
      return {
        number: errors
          .map((error, i) => `${percent(error)} with ${labels[i].toLocaleString('en')} labels`)
          .join(', '),
        bar: `the error falls in this order, to ${percent(BARS.catgan.last)} at most`,
        holds:
          errors.every((error, i) => i === 0 || error < errors[i - 1]) && errors.at(-1) <= BARS.catgan.last,
      };
    },
  },
  {
    name: 'digits-sgan',
    system: 'SGAN',
    picture: { output: 'generate' },
    missed: 'the game did not help at every number of labels.',
    async measure({ run, trained }) {
      const rows = [];
      for (const perClass of BARS.sgan.perClass) {
        const means = [];
        for (const [name, more] of [
          ['digits-sgan', {}],
          ['digits-classifier', { 'train.steps': 1500 }],
        ]) {
          let sum = 0;
          for (const seed of BARS.sgan.seeds) {
            const set = {
              'data.x.subset.per_class': perClass,
              'data.x.subset.seed': seed,
              'train.seed': seed,
              ...more,
            };
            const same = name === 'digits-sgan' && perClass === 10 && seed === 1;
            sum += await errorOf(same ? run : await trained(name, set, `-${perClass}-${seed}`));
          }
          means.push(sum / BARS.sgan.seeds.length);
        }
        rows.push({ labels: perClass * DIGITS, game: means[0], alone: means[1] });
      }
      return {
        number: rows
          .map(
            ({ labels, game, alone }) =>
              `${labels.toLocaleString('en')} labels: ${percent(game)} against ${percent(alone)} alone`,
          )
          .join('; '),
        bar: `below the network alone at 30 and 100 labels, at most ${percent(BARS.sgan.slack)} above it at 1,000`,
        holds: rows.every(({ labels, game, alone }) => game < alone + (labels >= 1000 ? BARS.sgan.slack : 0)),
      };
    },
  },
];

/** The classifiers that judge: example, options and the bar for what they never saw. */
export const JUDGES = {
  digits: { name: 'digits-classifier', bar: BARS.judge.digits, classes: DIGITS },
  fashion: { name: 'fashion-classifier', bar: BARS.judge.fashion, classes: DIGITS },
  faces: { name: 'faces-classifier', bar: BARS.judge.faces, classes: HAIR },
};

/** What is said of a judge. */
export async function measureJudge(judge, { bar, classes }) {
  const error = await errorOf(judge);
  const { share } = await readabilityOfData(judge, classes);
  return { accuracy: 1 - error, readable: share, bar, holds: 1 - error >= bar };
}
